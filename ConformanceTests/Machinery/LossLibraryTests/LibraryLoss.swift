import CLosses
import LossCore
import LossPluginABI

/// The code and the message of an error of the C library.
struct LibraryError: Error {
  let code: Int32
  let message: String
}

/// A loss of the C library.
final class LibraryLoss {
  private let loss: OpaquePointer

  init(
    _ name: String, options: [String: OptionValue] = [:], reduction: Reduction? = nil,
    classAxis: Int? = nil
  ) throws(LibraryError) {
    var made: OpaquePointer?
    try Self.perform { error in
      let reduction = reduction.map(\.optionValue.json)
      return withOptionalPointer(to: classAxis.map(Int64.init)) { axis in
        withOptionalText(reduction) { reduction in
          losses_make_v1(nil, name, OptionValue.object(options).json, reduction, axis, &made, error)
        }
      }
    }
    guard let made else { throw LibraryError(code: 0, message: "no loss was made") }
    loss = made
  }

  deinit { losses_release_v1(loss) }

  /// Evaluates tensors by role; the gradients have the element of their input where that is half
  /// precision, otherwise that of the computation.
  func evaluate(
    _ inputs: LossInputs, gradientsOf roles: [Role], in element: ElementType, isForced: Bool,
    checks: Int32
  ) throws(LibraryError) -> (value: AnyTensor, gradients: [AnyTensor]) {
    let memory = CallMemory()
    let tensors = inputs.tensors.map { memory.tensor($0.role, $0.tensor) }
    let code = element == .float32 ? LOSSES_FLOAT32 : LOSSES_FLOAT64
    let shapes = roles.map { inputs[$0]?.shape ?? .scalar }
    let gradients = zip(roles, shapes).map { role, shape in
      let own = inputs[role]?.element ?? element
      return memory.tensor(role, shape, own.isReal && own.isNarrow ? own.code : code)
    }
    let capacity = 4 + inputs.tensors.map(\.tensor.shape.count).reduce(0, +) * 4
    let extents = memory.allocate(Int64.self, 8)
    var value = losses_value_v1()
    value.data = UnsafeMutableRawPointer(memory.allocate(Double.self, capacity))
    value.capacity = Int64(capacity)
    value.extents = extents
    value.extents_capacity = 8
    try Self.perform { error in
      tensors.withUnsafeBufferPointer { tensors in
        gradients.withUnsafeBufferPointer { gradients in
          var call = losses_call_v1()
          call.size = Int64(MemoryLayout<losses_call_v1>.size)
          call.inputs = tensors.baseAddress
          call.input_count = Int64(tensors.count)
          call.gradients = gradients.baseAddress
          call.gradient_count = Int64(gradients.count)
          call.checks = checks
          if isForced { call.element = code }
          return losses_evaluate_v1(loss, &call, &value, error)
        }
      }
    }
    let shape = UnsafeBufferPointer(start: extents, count: Int(value.rank)).map { Int($0) }
    return (
      Self.tensor(value.element, (try? Shape(shape)) ?? .scalar, value.data),
      zip(gradients, shapes).map { Self.tensor($0.element, $1, $0.data) }
    )
  }

  private static func tensor(
    _ element: Int32, _ shape: Shape, _ data: UnsafeMutableRawPointer?
  ) -> AnyTensor {
    func tensor<Scalar: TensorScalar>(_ type: Scalar.Type) -> AnyTensor {
      let scalars = UnsafeBufferPointer(
        start: data?.assumingMemoryBound(to: type), count: shape.count)
      return AnyTensor(Tensor(trusted: shape, Array(scalars)))
    }
    switch ElementType(code: element) {
    case .float32: return tensor(Float.self)
    case .float64: return tensor(Double.self)
    case let half:
      let half = half ?? .float16
      return .narrow(
        NarrowTensor(
          trusted: shape, half,
          Array(UnsafeRawBufferPointer(start: data, count: shape.count * half.size))))
    }
  }

  /// Calls a function of losses.h.
  private static func perform(
    _ function: (UnsafeMutablePointer<losses_error_v1>) -> Int32
  ) throws(LibraryError) {
    let capacity = 1 << 14
    let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
    defer { bytes.deallocate() }
    var error = losses_error_v1()
    error.message = losses_text_v1(bytes: bytes, capacity: Int64(capacity), count: 0)
    let code = function(&error)
    if code != LOSSES_DONE { throw LibraryError(code: code, message: String(cString: bytes)) }
  }
}

private func withOptionalPointer<Value, Result>(
  to value: Value?, _ body: (UnsafePointer<Value>?) -> Result
) -> Result {
  guard let value else { return body(nil) }
  return withUnsafePointer(to: value) { body($0) }
}

private func withOptionalText<Result>(
  _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
  guard let text else { return body(nil) }
  return text.withCString { body($0) }
}

/// The memory of the tensors of a call.
private final class CallMemory {
  private var allocations: [UnsafeMutableRawPointer] = []

  deinit { for pointer in allocations { pointer.deallocate() } }

  func allocate<T>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
    let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(1, count))
    allocations.append(UnsafeMutableRawPointer(pointer))
    return pointer
  }

  /// Memory for a gradient.
  func tensor(_ role: Role, _ shape: Shape, _ element: Int32) -> losses_tensor_v1 {
    var tensor = losses_tensor_v1()
    let name = role.name.utf8CString
    let bytes = allocate(CChar.self, name.count)
    for (index, byte) in name.enumerated() { bytes[index] = byte }
    let extents = allocate(Int64.self, shape.rank)
    for (axis, extent) in shape.extents.enumerated() { extents[axis] = Int64(extent) }
    tensor.name = UnsafePointer(bytes)
    tensor.element = element
    tensor.rank = Int32(shape.rank)
    tensor.extents = UnsafePointer(extents)
    tensor.data = UnsafeMutableRawPointer(allocate(Double.self, shape.count))
    return tensor
  }

  /// A copy of an input.
  func tensor(_ role: Role, _ input: AnyTensor) -> losses_tensor_v1 {
    func copy<Scalar>(_ scalars: [Scalar], _ code: Int32) -> losses_tensor_v1 {
      let tensor = tensor(role, input.shape, code)
      _ = UnsafeMutableBufferPointer(
        start: tensor.data?.assumingMemoryBound(to: Scalar.self), count: scalars.count
      ).update(from: scalars)
      return tensor
    }
    switch input {
    case .float32(let tensor): return copy(tensor.scalars, LOSSES_FLOAT32)
    case .float64(let tensor): return copy(tensor.scalars, LOSSES_FLOAT64)
    case .int64(let tensor): return copy(tensor.scalars, LOSSES_INT64)
    case .bool(let tensor): return copy(tensor.scalars, LOSSES_BOOL)
    case .narrow(let tensor): return copy(tensor.bytes, tensor.element.code)
    }
  }
}
