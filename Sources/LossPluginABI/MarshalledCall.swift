internal import CLossPlugin
internal import LossCore

/// An evaluation request as C structs. All roles and all shapes are stored in one array each, which the
/// structs point into.
struct MarshalledCall<S: ComputeScalar> {
  private let call: EvaluationRequest<S>
  /// The inputs, then the parts of the vector.
  private let tensors: [InputView]
  private var names: [CChar] = []
  private var nameLengths: [Int] = []
  private var extents: [Int64] = []
  private let reduction: [CChar]

  init(_ call: EvaluationRequest<S>) {
    self.call = call
    tensors = Array(call.inputs) + Array(call.vectors)
    reduction = call.reduction.optionValue.json.utf8.map { CChar(bitPattern: $0) }
    for role in tensors.map(\.role) + call.gradients.map(\.role) {
      let utf8 = role.name.utf8
      names += utf8.map { CChar(bitPattern: $0) }
      nameLengths.append(utf8.count)
    }
    for input in tensors { extents += input.shape.extents.map { Int64($0) } }
  }

  func run(
    _ body: (UnsafePointer<loss_call_v1>) throws(LossError) -> AnyTensor
  ) throws(LossError) -> AnyTensor {
    try names.withUnsafeBufferPointer { (names) throws(LossError) in
      try extents.withUnsafeBufferPointer { (extents) throws(LossError) in
        let tensors = marshalledTensors(names, extents)
        let gradients = gradientMemory(names)
        return try tensors.withUnsafeBufferPointer { (tensors) throws(LossError) in
          try gradients.withUnsafeBufferPointer { (gradients) throws(LossError) in
            try run(tensors, gradients, body)
          }
        }
      }
    }
  }

  private func run(
    _ tensors: UnsafeBufferPointer<loss_tensor_v1>,
    _ gradients: UnsafeBufferPointer<loss_gradient_v1>,
    _ body: (UnsafePointer<loss_call_v1>) throws(LossError) -> AnyTensor
  ) throws(LossError) -> AnyTensor {
    var marshalled = loss_call_v1()
    marshalled.element = S.element.code
    marshalled.order = call.order.code
    marshalled.threads = Int32(clamping: call.threads)
    marshalled.checks = call.domainChecks.code
    marshalled.inputs = tensors.baseAddress
    marshalled.input_count = Int64(call.inputs.count)
    marshalled.vectors = tensors.baseAddress.map { $0 + call.inputs.count }
    marshalled.vector_count = Int64(call.vectors.count)
    marshalled.gradients = gradients.baseAddress
    marshalled.gradient_count = Int64(gradients.count)
    if let upstream = call.upstream {
      // An empty upstream must not become null, which stands for 1.
      marshalled.upstream =
        UnsafeRawPointer(upstream.baseAddress) ?? UnsafeRawPointer(tensors.baseAddress)
      marshalled.upstream_count = Int64(upstream.count)
    }
    return try withUnsafePointer(to: Int64(call.classAxis ?? 0)) { (axis) throws(LossError) in
      if call.classAxis != nil { marshalled.class_axis = axis }
      return try reduction.withUnsafeBufferPointer { (reduction) throws(LossError) in
        marshalled.reduction = loss_text_v1(
          bytes: reduction.baseAddress, count: Int64(reduction.count))
        return try body(&marshalled)
      }
    }
  }

  private func marshalledTensors(
    _ names: UnsafeBufferPointer<CChar>, _ extents: UnsafeBufferPointer<Int64>
  ) -> [loss_tensor_v1] {
    var name = 0
    var extent = 0
    return zip(tensors, nameLengths).map { tensor, length in
      defer {
        name += length
        extent += tensor.shape.rank
      }
      return loss_tensor_v1(
        role: loss_text_v1(bytes: names.baseAddress.map { $0 + name }, count: Int64(length)),
        element: tensor.element.code, rank: Int32(tensor.shape.rank),
        extents: extents.baseAddress.map { $0 + extent }, data: tensor.pointer)
    }
  }

  private func gradientMemory(_ names: UnsafeBufferPointer<CChar>) -> [loss_gradient_v1] {
    var name = nameLengths.prefix(tensors.count).reduce(0, +)
    return zip(call.gradients, nameLengths.dropFirst(tensors.count)).map { gradient, length in
      defer { name += length }
      return loss_gradient_v1(
        role: loss_text_v1(bytes: names.baseAddress.map { $0 + name }, count: Int64(length)),
        data: gradient.buffer.baseAddress.map { UnsafeMutableRawPointer($0) },
        count: Int64(gradient.buffer.count))
    }
  }
}
