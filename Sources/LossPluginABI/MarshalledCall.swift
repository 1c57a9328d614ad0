internal import CLossPlugin
internal import LossCore

/// An evaluation request as C structs. All roles and all shapes are stored in one array each, which the
/// structs point into.
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
    var marshalled = loss_call_v1()
    marshalled.element = S.element.code
    marshalled.order = call.order == .second ? 2 : 1
    marshalled.threads = Int32(clamping: max(1, call.threads))
    marshalled.checks = call.domainChecks.code
    marshalled.inputs = inputs.baseAddress
    marshalled.input_count = Int64(inputs.count)
    marshalled.gradients = gradients.baseAddress
    marshalled.gradient_count = Int64(gradients.count)
    if let upstream = call.upstream {
      // An empty upstream must not become null, which stands for 1.
      marshalled.upstream =
        UnsafeRawPointer(upstream.baseAddress) ?? UnsafeRawPointer(inputs.baseAddress)
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
