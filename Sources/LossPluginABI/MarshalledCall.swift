internal import CLossPlugin
internal import LossCore

/// A call in the words of the boundary: every role and every shape lies in one array, so that the
/// tensors can point into them.
struct MarshalledCall<S: ComputeScalar> {
  private let call: EvaluationRequest<S>
  private var names: [CChar] = []
  private var nameLengths: [Int] = []
  private var extents: [Int64] = []
  private let reduction: [CChar]

  init(_ call: EvaluationRequest<S>) {
    self.call = call
    reduction = call.reduction.optionValue.json.utf8.map { CChar(bitPattern: $0) }
    for role in call.inputs.map(\.role) + call.gradients.map(\.role) {
      let utf8 = role.name.utf8
      names += utf8.map { CChar(bitPattern: $0) }
      nameLengths.append(utf8.count)
    }
    for input in call.inputs { extents += input.shape.extents.map { Int64($0) } }
  }

  func run(
    _ body: (UnsafePointer<loss_call_v1>) throws(LossError) -> AnyTensor
  ) throws(LossError) -> AnyTensor {
    try names.withUnsafeBufferPointer { (names) throws(LossError) in
      try extents.withUnsafeBufferPointer { (extents) throws(LossError) in
        let inputs = tensors(names, extents)
        let gradients = gradientMemory(names)
        return try inputs.withUnsafeBufferPointer { (inputs) throws(LossError) in
          try gradients.withUnsafeBufferPointer { (gradients) throws(LossError) in
            try run(inputs, gradients, body)
          }
        }
      }
    }
  }

  private func run(
    _ inputs: UnsafeBufferPointer<loss_tensor_v1>,
    _ gradients: UnsafeBufferPointer<loss_gradient_v1>,
    _ body: (UnsafePointer<loss_call_v1>) throws(LossError) -> AnyTensor
  ) throws(LossError) -> AnyTensor {
    var crossing = loss_call_v1()
    crossing.element = S.element.code
    crossing.order = call.order == .second ? 2 : 1
    crossing.threads = Int32(clamping: max(1, call.threads))
    crossing.inputs = inputs.baseAddress
    crossing.input_count = Int64(inputs.count)
    crossing.gradients = gradients.baseAddress
    crossing.gradient_count = Int64(gradients.count)
    if let upstream = call.upstream {
      // An empty list is not the same as none.
      crossing.upstream =
        UnsafeRawPointer(upstream.baseAddress) ?? UnsafeRawPointer(inputs.baseAddress)
      crossing.upstream_count = Int64(upstream.count)
    }
    return try withUnsafePointer(to: Int64(call.classAxis ?? 0)) { (axis) throws(LossError) in
      if call.classAxis != nil { crossing.class_axis = axis }
      return try reduction.withUnsafeBufferPointer { (reduction) throws(LossError) in
        crossing.reduction = loss_text_v1(
          bytes: reduction.baseAddress, count: Int64(reduction.count))
        return try body(&crossing)
      }
    }
  }

  private func tensors(
    _ names: UnsafeBufferPointer<CChar>, _ extents: UnsafeBufferPointer<Int64>
  ) -> [loss_tensor_v1] {
    var name = 0
    var extent = 0
    return zip(call.inputs, nameLengths).map { input, length in
      defer {
        name += length
        extent += input.shape.rank
      }
      return loss_tensor_v1(
        role: loss_text_v1(bytes: names.baseAddress.map { $0 + name }, count: Int64(length)),
        element: input.element.code, rank: Int32(input.shape.rank),
        extents: extents.baseAddress.map { $0 + extent }, data: input.pointer)
    }
  }

  private func gradientMemory(_ names: UnsafeBufferPointer<CChar>) -> [loss_gradient_v1] {
    var name = nameLengths.prefix(call.inputs.count).reduce(0, +)
    return zip(call.gradients, nameLengths.dropFirst(call.inputs.count)).map { gradient, length in
      defer { name += length }
      return loss_gradient_v1(
        role: loss_text_v1(bytes: names.baseAddress.map { $0 + name }, count: Int64(length)),
        data: gradient.buffer.baseAddress.map { UnsafeMutableRawPointer($0) },
        count: Int64(gradient.buffer.count))
    }
  }
}
