internal import CLossPlugin
internal import LossCore

// Numbers and texts as they cross the boundary, in both directions.

extension ElementType {
  /// The number that stands for the element in the table.
  var code: Int32 {
    switch self {
    case .float32: LOSS_FLOAT32
    case .float64: LOSS_FLOAT64
    case .int64: LOSS_INT64
    case .bool: LOSS_BOOL
    }
  }

  init?(code: Int32) {
    switch code {
    case LOSS_FLOAT32: self = .float32
    case LOSS_FLOAT64: self = .float64
    case LOSS_INT64: self = .int64
    case LOSS_BOOL: self = .bool
    default: return nil
    }
  }
}

extension loss_text_v1 {
  var bytes8: UnsafeBufferPointer<UInt8> {
    UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : max(0, Int(count)))
      .assumingMemoryBound(to: UInt8.self)
  }

  var string: String { String(decoding: bytes8, as: UTF8.self) }
}

extension String {
  /// The text as it crosses, for the length of a function.
  func withText<Result>(_ body: (loss_text_v1) -> Result) -> Result {
    var copy = self
    return copy.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { bytes in
        body(loss_text_v1(bytes: bytes.baseAddress, count: Int64(bytes.count)))
      }
    }
  }
}

extension loss_tensor_v1 {
  /// The shape and the memory, checked as far as they can be.
  ///
  /// - Throws: `LossError` of code `invalid_value` for an unknown element, a shape that cannot be,
  ///   or missing memory.
  func view() throws(LossError) -> InputView {
    let role = role.string
    func refusal(_ found: String) -> LossError {
      LossError(
        .invalidValue, subject: role.isEmpty ? "the library's result" : role, found: found,
        expected: "a tensor as CLossPlugin.h describes it")
    }
    guard let element = ElementType(code: element) else {
      throw refusal("has elements of kind \(self.element)")
    }
    guard rank >= 0, rank == 0 || extents != nil else { throw refusal("has rank \(rank)") }
    let shape = try Shape(UnsafeBufferPointer(start: extents, count: Int(rank)).map { Int($0) })
    guard data != nil || shape.count == 0 else { throw refusal("has no elements in memory") }
    return InputView(role: Role(role), shape: shape, element: element, pointer: data)
  }

  /// A copy that outlives the memory.
  func copied() throws(LossError) -> AnyTensor {
    let view = try view()
    func copied<Number>(_ type: Number.Type) -> [Number] {
      guard let data = view.pointer?.assumingMemoryBound(to: type) else { return [] }
      return Array(UnsafeBufferPointer(start: data, count: view.shape.count))
    }
    return switch view.element {
    case .float32: .float32(Tensor(trusted: view.shape, copied(Float.self)))
    case .float64: .float64(Tensor(trusted: view.shape, copied(Double.self)))
    case .int64: .int64(Tensor(trusted: view.shape, copied(Int64.self).map { Int($0) }))
    case .bool: .bool(Tensor(trusted: view.shape, copied(UInt8.self).map { $0 != 0 }))
    }
  }
}

extension AnyTensor {
  /// The tensor as it crosses, for the length of a function.
  func withCrossing<Result>(_ body: (UnsafePointer<loss_tensor_v1>) -> Result) -> Result {
    func cross<Number>(_ numbers: [Number]) -> Result {
      let extents = shape.extents.map { Int64($0) }
      return numbers.withUnsafeBytes { data in
        extents.withUnsafeBufferPointer { extents in
          var tensor = loss_tensor_v1()
          tensor.element = element.code
          tensor.rank = Int32(extents.count)
          tensor.extents = extents.baseAddress
          tensor.data = data.baseAddress
          return body(&tensor)
        }
      }
    }
    return switch self {
    case .float32(let tensor): cross(tensor.scalars)
    case .float64(let tensor): cross(tensor.scalars)
    case .int64(let tensor): cross(tensor.scalars.map { Int64($0) })
    case .bool(let tensor): cross(tensor.scalars)
    }
  }
}
