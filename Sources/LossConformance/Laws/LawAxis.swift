import LossCore

/// An axis of an input, by what the signature calls it.
enum LawAxis: Hashable, Sendable {
  /// One of the axes that `...` stands for.
  case rest(Int)
  /// An axis with a name.
  case named(String)
  /// An axis of a fixed extent, by its place.
  case exactly(Int)

  /// The axes of a pattern, for a tensor of some rank.
  static func axes(_ pattern: AxisPattern, rank: Int) -> [LawAxis] {
    let ellipsisRank = rank - pattern.axes.count { $0 != .ellipsis }
    return pattern.axes.enumerated().flatMap { place, axis in
      switch axis {
      case .ellipsis: (0..<max(0, ellipsisRank)).map(LawAxis.rest)
      case .named(let name): [LawAxis.named(name)]
      case .longer: [LawAxis.named("\(axis)")]
      case .exactly: [LawAxis.exactly(place)]
      }
    }
  }
}

extension PropertyTrial {
  /// The rank of what `...` stands for.
  private var ellipsisRank: Int {
    for input in subject.signature.inputs {
      guard let tensor = inputs[input.role], let form = form(input, tensor) else { continue }
      guard form.axes.axes.contains(.ellipsis) else { continue }
      return tensor.shape.rank - form.axes.axes.count + 1
    }
    return 0
  }

  /// The form in which an input is given here.
  func form(_ input: InputSpecification, _ tensor: AnyTensor) -> InputSpecification.Encoding? {
    input.encodings.first { ($0.kind == .real) == (tensor.element == .float64) }
  }

  /// The axes of an input; the weight has those of the terms, and the mask what it covers.
  func axes(of role: Role) -> [LawAxis] {
    let signature = subject.signature
    if role == .weight { return termAxes }
    if role == .mask {
      return signature.maskCovers == .terms
        ? termAxes : signature.inputs.first.map { axes(of: $0.role) } ?? []
    }
    guard let input = signature.input(role), let tensor = inputs[role],
      let form = form(input, tensor)
    else { return [] }
    return LawAxis.axes(form.axes, rank: tensor.shape.rank)
  }

  /// The inputs that all samples share, such as the parameters of a layer: their gradient is the sum
  /// of those of the samples.
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
      guard let place = axes(of: input.role).firstIndex(of: axis) else { continue }
      return inputs[input.role]?.shape.extents[place]
    }
    return nil
  }

  /// The axis along which the samples lie: the first of the terms that is not the class axis, or
  /// the first of `...`, which may be summed over, unless it matters there which one is beside which.
  var batchAxis: LawAxis? {
    let classes = subject.signature.classAxis.map(LawAxis.named)
    if let first = termAxes.first, first != classes { return first }
    if subject.properties.contains(.positionDependent) { return nil }
    return extent(.rest(0)) == nil ? nil : .rest(0)
  }

  /// The inputs with some places along an axis, in some order.
  func picking(_ indices: [Int], along axis: LawAxis, of other: LossInputs? = nil) -> LossInputs {
    var picked = LossInputs()
    for (role, tensor) in (other ?? inputs).tensors {
      picked[role] =
        axes(of: role).firstIndex(of: axis).map { tensor.picking(indices, along: $0) } ?? tensor
    }
    return picked
  }

  /// The numbers of a gradient, or of the terms, with some places along an axis.
  func picking(
    _ indices: [Int], along axis: LawAxis, of numbers: [Double], _ shape: Shape, _ axes: [LawAxis]
  ) -> [Double] {
    guard let place = axes.firstIndex(of: axis) else { return numbers }
    return AnyTensor.float64(Tensor(trusted: shape, numbers)).picking(indices, along: place)
      .doubles
  }

  /// Gradients of this trial's shapes with some places along an axis.
  func picking(
    _ indices: [Int], along axis: LawAxis, of derivatives: [Role: [Double]]
  ) -> [Role: [Double]] {
    var picked: [Role: [Double]] = [:]
    for (role, numbers) in derivatives {
      guard let shape = inputs[role]?.shape else { continue }
      picked[role] = picking(indices, along: axis, of: numbers, shape, axes(of: role))
    }
    return picked
  }
}

extension AnyTensor {
  /// Some places along an axis, in some order.
  func picking(_ indices: [Int], along axis: Int) -> AnyTensor {
    func picked<S: TensorScalar>(_ tensor: Tensor<S>) -> AnyTensor {
      var extents = tensor.shape.extents
      let inner = extents[(axis + 1)...].reduce(1, *)
      let outer = extents[..<axis].reduce(1, *)
      let length = extents[axis]
      extents[axis] = indices.count
      var scalars: [S] = []
      scalars.reserveCapacity(outer * indices.count * inner)
      for block in 0..<outer {
        for index in indices {
          let start = (block * length + index) * inner
          scalars += tensor.scalars[start..<(start + inner)]
        }
      }
      return AnyTensor(Tensor(trusted: Shape(trusted: extents), scalars))
    }
    return switch self {
    case .float32(let tensor): picked(tensor)
    case .float64(let tensor): picked(tensor)
    case .int64(let tensor): picked(tensor)
    case .bool(let tensor): picked(tensor)
    }
  }
}
