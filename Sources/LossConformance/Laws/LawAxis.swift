import LossCore

/// An axis of an input, as the signature names it.
enum LawAxis: Hashable, Sendable {
  /// One of the `...` axes.
  case ellipsis(Int)
  /// A named axis.
  case named(String)
  /// An axis of fixed extent, by its index.
  case exactly(Int)

  /// The axes of a pattern for a tensor of a given rank.
  static func axes(_ pattern: AxisPattern, rank: Int) -> [LawAxis] {
    let ellipsisRank = rank - pattern.axes.count { $0 != .ellipsis }
    return pattern.axes.enumerated().flatMap { index, axis in
      switch axis {
      case .ellipsis: (0..<max(0, ellipsisRank)).map(LawAxis.ellipsis)
      case .named(let name): [LawAxis.named(name)]
      case .longer: [LawAxis.named("\(axis)")]
      case .exactly: [LawAxis.exactly(index)]
      }
    }
  }
}

extension PropertyTrial {
  /// The number of `...` axes.
  private var ellipsisRank: Int {
    for input in subject.signature.inputs {
      guard let tensor = inputs[input.role], let encoding = encoding(input, tensor) else {
        continue
      }
      guard encoding.axes.axes.contains(.ellipsis) else { continue }
      return tensor.shape.rank - encoding.axes.axes.count + 1
    }
    return 0
  }

  /// The encoding of an input in this trial.
  func encoding(_ input: InputSpecification, _ tensor: AnyTensor) -> InputSpecification.Encoding? {
    input.encodings.first { ($0.kind == .real) == (tensor.element == .float64) }
  }

  /// The axes of an input; the weight has those of the terms, the mask those of what it covers.
  func axes(of role: Role) -> [LawAxis] {
    let signature = subject.signature
    if role == .weight { return termAxes }
    if role == .mask {
      return signature.maskCovers == .terms
        ? termAxes : signature.inputs.first.map { axes(of: $0.role) } ?? []
    }
    guard let input = signature.input(role), let tensor = inputs[role],
      let encoding = encoding(input, tensor)
    else { return [] }
    return LawAxis.axes(encoding.axes, rank: tensor.shape.rank)
  }

  /// The inputs that all samples share, such as the weights of a layer; their gradient is a sum over
  /// the samples.
  func shared(along axis: LawAxis) -> [Role] {
    subject.signature.inputs.map(\.role).filter { !axes(of: $0).contains(axis) }
  }

  /// The axes of the terms.
  var termAxes: [LawAxis] {
    let pattern = subject.signature.terms
    let named = pattern.axes.count { $0 != .ellipsis }
    let rank = pattern.axes.contains(.ellipsis) ? named + ellipsisRank : named
    return LawAxis.axes(pattern, rank: rank)
  }

  /// The extent of an axis; nil if no input has it.
  func extent(_ axis: LawAxis) -> Int? {
    for input in subject.signature.inputs {
      guard let index = axes(of: input.role).firstIndex(of: axis) else { continue }
      return inputs[input.role]?.shape.extents[index]
    }
    return nil
  }

  /// The sample axis: the first axis of the terms that is not the class axis, or else the first `...`
  /// axis, even if it is reduced within a term, unless the loss is position dependent.
  var batchAxis: LawAxis? {
    let classes = subject.signature.classAxis.map(LawAxis.named)
    if let first = termAxes.first, first != classes { return first }
    if subject.properties.contains(.positionDependent) { return nil }
    return extent(.ellipsis(0)) == nil ? nil : .ellipsis(0)
  }

  /// The inputs with the given indices along an axis, in that order.
  func selecting(_ indices: [Int], along axis: LawAxis, of other: LossInputs? = nil) -> LossInputs {
    var selected = LossInputs()
    for (role, tensor) in (other ?? inputs).tensors {
      selected[role] =
        axes(of: role).firstIndex(of: axis).map { tensor.selecting(indices, along: $0) } ?? tensor
    }
    return selected
  }

  /// The numbers of a gradient, or of the terms, with the given indices along an axis.
  func selecting(
    _ indices: [Int], along axis: LawAxis, of numbers: [Double], _ shape: Shape, _ axes: [LawAxis]
  ) -> [Double] {
    guard let position = axes.firstIndex(of: axis) else { return numbers }
    return AnyTensor.float64(Tensor(trusted: shape, numbers)).selecting(indices, along: position)
      .doubles
  }

  /// Gradients with the given indices along an axis.
  func selecting(
    _ indices: [Int], along axis: LawAxis, of derivatives: [Role: [Double]]
  ) -> [Role: [Double]] {
    var selected: [Role: [Double]] = [:]
    for (role, numbers) in derivatives {
      guard let shape = inputs[role]?.shape else { continue }
      selected[role] = selecting(indices, along: axis, of: numbers, shape, axes(of: role))
    }
    return selected
  }
}

extension AnyTensor {
  /// The elements with the given indices along an axis, in that order.
  func selecting(_ indices: [Int], along axis: Int) -> AnyTensor {
    func selected<S: TensorScalar>(_ tensor: Tensor<S>) -> AnyTensor {
      var extents = tensor.shape.extents
      let inner = extents[(axis + 1)...].reduce(1, *)
      let outer = extents[..<axis].reduce(1, *)
      let length = extents[axis]
      extents[axis] = indices.count
      var scalars: [S] = []
      scalars.reserveCapacity(outer * indices.count * inner)
      for outerIndex in 0..<outer {
        for index in indices {
          let start = (outerIndex * length + index) * inner
          scalars += tensor.scalars[start..<(start + inner)]
        }
      }
      return AnyTensor(Tensor(trusted: Shape(trusted: extents), scalars))
    }
    return switch widened {
    case .float32(let tensor): selected(tensor)
    case .float64(let tensor): selected(tensor)
    case .int64(let tensor): selected(tensor)
    case .bool(let tensor): selected(tensor)
    case .narrow: self
    }
  }
}
