/// A call under the name of another framework, with its tensors under our roles.
///
/// A `DialectPreparation` brings its tensors into our form; a gradient is returned in the form that
/// the caller gave.
public struct DialectCall: Sendable {
  /// The tensors under our roles.
  public var inputs: LossInputs
  /// The inputs of the loss.
  public let signature: LossSignature
  /// The reduction of the terms.
  public let reduction: Reduction
  /// The class axis; nil for the last axis.
  public var classAxis: Int?
  /// Whether the caller chose the class axis, which is the framework's otherwise.
  public let choseClassAxis: Bool
  /// The element of the computation: the widest of the real inputs that the caller gave.
  var element = ElementType.float64
  /// The shapes of the tensors as given, and with axes of extent 1 where they are expanded.
  private var forms: [Role: (given: Shape, aligned: Shape)] = [:]
  /// Which numbers of a tensor were replaced, before or after its axes were joined.
  private var replaced: [(role: Role, flags: [Bool], isJoined: Bool)] = []
  /// The order of the axes of tensors whose axes were joined, and the shape before it.
  private var joined: (order: [Int], kept: Int, shape: Shape, roles: [Role])?

  init(
    _ inputs: LossInputs, _ signature: LossSignature, _ reduction: Reduction, _ classAxis: Int?,
    choseClassAxis: Bool
  ) {
    self.inputs = inputs
    self.signature = signature
    self.reduction = reduction
    self.classAxis = classAxis
    self.choseClassAxis = choseClassAxis
  }

  /// The class axis for the loss; nil where it has none and the caller chose none.
  var baseClassAxis: Int? { signature.classAxis == nil && !choseClassAxis ? nil : classAxis }

  /// The shape of the leading input; nil if it is missing.
  public var leading: Shape? { signature.inputs.first.flatMap { inputs[$0.role]?.shape } }

  /// The shape of the terms of a loss with one term per element or per row.
  public var termShape: Shape? {
    leading.map { signature.classAxis == nil ? $0 : $0.removing(axis: classAxis ?? -1) }
  }

  /// The number of axes of the terms of a loss with one term per element or per row.
  public var termRank: Int? { termShape?.rank }

  /// Gives a tensor another shape with as many elements.
  ///
  /// - Throws: `LossError` if the numbers of elements differ.
  public mutating func reshape(_ role: Role, to shape: Shape) throws(LossError) {
    guard let tensor = inputs[role], tensor.shape != shape else { return }
    forms[role] = (forms[role]?.given ?? tensor.shape, shape)
    inputs[role] = try tensor.reshaped(shape)
  }

  /// Repeats a tensor along its axes of extent 1, up to a shape of the same rank.
  ///
  /// - Parameters:
  ///   - role: the role of the tensor.
  ///   - shape: the shape.
  ///   - owner: the tensor that has this shape, for an error.
  /// - Throws: `LossError` of code `shape_mismatch` if another extent differs.
  public mutating func expand(
    _ role: Role, to shape: Shape, of owner: String = "leading input"
  ) throws(LossError) {
    guard let tensor = inputs[role], tensor.shape != shape else { return }
    let indices = try tensor.shape.broadcast(to: shape, role, owner)
    forms[role] = (forms[role]?.given ?? tensor.shape, tensor.shape)
    func expanded<T>(_ tensor: Tensor<T>) -> Tensor<T> {
      Tensor(trusted: shape, indices.map { tensor.scalars[$0] })
    }
    inputs[role] =
      switch tensor.widened {
      case .float32(let numbers): .float32(expanded(numbers))
      case .float64(let numbers): .float64(expanded(numbers))
      case .int64(let numbers): .int64(expanded(numbers))
      case .bool(let flags): .bool(expanded(flags))
      case .narrow: tensor
      }
  }

  /// Replaces the numbers of a tensor where a flag is set; the gradient of what is replaced is 0.
  public mutating func fill(_ role: Role, where flags: [Bool], with number: Double) {
    replaced.append((role, flags, joined?.roles.contains(role) ?? false))
    func filled<T>(_ tensor: Tensor<T>, _ number: T) -> Tensor<T> {
      Tensor(
        trusted: tensor.shape, zip(tensor.scalars, flags).map { $0.1 ? number : $0.0 })
    }
    switch inputs[role]?.widened {
    case .float32(let numbers): inputs[role] = .float32(filled(numbers, Float(number)))
    case .float64(let numbers): inputs[role] = .float64(filled(numbers, number))
    case .int64(let numbers):
      inputs[role] =
        number.isFinite
        ? .int64(filled(numbers, Int(number)))
        : .float64(filled(numbers.map { Double($0) }, number))
    case .bool(let numbers): inputs[role] = .bool(filled(numbers, number != 0))
    case .narrow, nil: break
    }
  }

  /// Leaves out the targets that are marked by a number.
  mutating func leaveOut(_ ignored: IgnoredTarget) throws(LossError) {
    guard let target = inputs[.target], let leading else { return }
    let flags = target.doubles.map { $0 == ignored.number }
    guard flags.contains(true) else { return }
    fill(.target, where: flags, with: 0)
    if ignored.isCounted {
      let kept = AnyTensor(Tensor(trusted: target.shape, flags.map { $0 ? 0.0 : 1.0 }))
      guard inputs[.weight] != nil else { return inputs[.weight] = kept }
      try expand(.weight, to: target.shape, of: "target, whose ignored numbers weigh 0")
      return fill(.weight, where: flags, with: 0)
    }
    var shape = target.shape
    if signature.maskCovers == .elements, shape.rank == leading.rank - 1,
      let position = leading.position(ofAxis: classAxis ?? -1)
    {
      var extents = shape.extents
      extents.insert(1, at: position)
      shape = try Shape(extents)
    }
    guard inputs[.mask] == nil else {
      throw LossError(
        .unknownInput, subject: Role.mask.name, found: "is given beside an ignored target",
        expected: "one of the two")
    }
    inputs[.mask] = .bool(Tensor(trusted: shape, flags.map { !$0 }))
  }

  /// Joins axes to one, which becomes the last, the class axis; the other axes stay those of the
  /// samples.
  mutating func join(_ axes: [Int]) throws(LossError) {
    guard let leading else { return }
    let positions = axes.isEmpty ? Array(0..<leading.rank) : axes.compactMap(leading.position)
    guard Set(positions).count == max(axes.count, positions.count) else {
      throw LossError(
        .invalidOption, subject: "axis", found: "is \(axes)",
        expected: "distinct axes of shape \(leading)")
    }
    let kept = (0..<leading.rank).filter { !positions.contains($0) }
    let order = kept + positions.sorted()
    let width = positions.reduce(1) { $0 * leading.extents[$1] }
    var shape = Shape(trusted: kept.map { leading.extents[$0] } + [width])
    // A region of a sample extends over all axes but the first.
    if signature.maskCovers == .elements {
      shape = Shape(trusted: [width == 0 ? 0 : leading.count / width, width])
    }
    let roles = inputs.roles.filter { inputs[$0]?.shape == leading }
    for role in roles {
      inputs[role] = try inputs[role]?.permuted(order).reshaped(shape)
    }
    joined = (order, kept.count, leading, roles)
    classAxis = -1
  }

  /// The value with the axes that were not joined, where there is one number for each of them.
  func restored(value: AnyTensor) throws(LossError) -> AnyTensor {
    guard let joined, value.shape.rank > 0 else { return value }
    if value.shape.rank > joined.kept, value.shape.count == joined.shape.count {
      return try separated(value, joined.order, joined.shape)
    }
    let shape = Shape(trusted: joined.order.prefix(joined.kept).map { joined.shape.extents[$0] })
    return value.shape.count == shape.count ? try value.reshaped(shape) : value
  }

  /// A tensor of joined axes with the axes that it had before.
  private func separated(
    _ tensor: AnyTensor, _ order: [Int], _ shape: Shape
  ) throws(LossError) -> AnyTensor {
    let inverse = order.indices.map { order.firstIndex(of: $0) ?? $0 }
    return try tensor.reshaped(Shape(trusted: order.map { shape.extents[$0] })).permuted(inverse)
  }

  /// An upstream gradient for a value with the axes that were not joined, in the shape of the terms.
  func joined(upstream: AnyTensor) throws(LossError) -> AnyTensor {
    guard let joined else { return upstream }
    if upstream.shape == joined.shape, let leading {
      return try upstream.permuted(joined.order).reshaped(leading)
    }
    guard signature.maskCovers == .elements,
      upstream.shape.extents == joined.order.prefix(joined.kept).map({ joined.shape.extents[$0] })
    else { return upstream }
    return try upstream.reshaped(Shape(count: upstream.shape.count))
  }

  /// A gradient that is 0 for numbers which were replaced, also where the others make it NaN.
  private func zeroed(_ gradient: AnyTensor, of role: Role, isJoined: Bool) -> AnyTensor {
    var gradient = gradient
    for one in replaced where one.role == role && one.isJoined == isJoined {
      func kept<S: FloatingPoint>(_ numbers: Tensor<S>) -> Tensor<S> {
        Tensor(trusted: numbers.shape, zip(numbers.scalars, one.flags).map { $1 ? 0 : $0 })
      }
      guard gradient.shape.count == one.flags.count else { continue }
      gradient =
        switch gradient {
        case .float32(let numbers): .float32(kept(numbers))
        case .float64(let numbers): .float64(kept(numbers))
        case .int64, .bool, .narrow: gradient
        }
    }
    return gradient
  }

  /// A gradient in the form in which its input was given: that of a repeated number is a sum.
  func restored(_ gradient: AnyTensor, of role: Role) throws(LossError) -> AnyTensor {
    var gradient = gradient
    if let joined, joined.roles.contains(role) {
      gradient = zeroed(gradient, of: role, isJoined: true)
      gradient = try separated(gradient, joined.order, joined.shape)
    }
    gradient = zeroed(gradient, of: role, isJoined: false)
    guard let form = forms[role] else { return gradient }
    guard form.aligned.count != gradient.shape.count else {
      return try gradient.reshaped(form.given)
    }
    let indices = try form.aligned.broadcast(to: gradient.shape, role, "leading input")
    func summed<S: LossScalar & TensorScalar>(_ gradient: Tensor<S>) -> Tensor<S> {
      var sums = Array(repeating: CompensatedSum(), count: form.given.count)
      for (element, index) in indices.enumerated() {
        sums[index].add(gradient.scalars[element].asDouble)
      }
      return Tensor(trusted: form.given, sums.map { S($0.value) })
    }
    return switch gradient {
    case .float32(let numbers): .float32(summed(numbers))
    case .float64(let numbers): .float64(summed(numbers))
    case .int64, .bool, .narrow: gradient
    }
  }
}

/// The shapes of a call whose tensors are not at hand.
public struct DialectShapes: Sendable {
  /// The first input of the signature.
  public let first: (shape: Shape, element: ElementType)
  /// The second input of the signature.
  public let second: (shape: Shape, element: ElementType)
  /// The shape of the weight; nil if there is none.
  public let weight: Shape?
  /// The shapes of the further inputs of the signature.
  public internal(set) var others: [Role: Shape] = [:]
}

/// A step that brings tensors which a framework takes, and we do not, into our form.
public struct DialectPreparation: Sendable {
  /// Whether a call with tensors of these shapes may need the step.
  public let isNeeded: @Sendable (DialectShapes, LossSignature) -> Bool
  /// Changes the tensors of a call; leaves those that it does not know.
  public let apply: @Sendable (inout DialectCall) throws(LossError) -> Void

  /// Whether the step comes after axes have been joined.
  public let followsJoin: Bool

  /// A step.
  public init(
    followsJoin: Bool = false,
    isNeeded: @escaping @Sendable (DialectShapes, LossSignature) -> Bool,
    apply: @escaping @Sendable (inout DialectCall) throws(LossError) -> Void
  ) {
    self.followsJoin = followsJoin
    self.isNeeded = isNeeded
    self.apply = apply
  }

  /// A weight with fewer axes than the terms, which belongs to their last axes, as in NumPy.
  public static let trailingWeight = DialectPreparation { shapes, _ in
    shapes.weight.map { $0.rank != shapes.first.shape.rank } ?? false
  } apply: { (call) throws(LossError) in
    guard let weight = call.inputs[.weight]?.shape, let rank = call.termRank, weight.rank < rank
    else { return }
    let ones = Array(repeating: 1, count: rank - weight.rank)
    try call.reshape(.weight, to: Shape(ones + weight.extents))
  }
}

extension AnyTensor {
  /// A tensor of numbers from a number or from nested lists of numbers; nil for anything else.
  init?(optionValue: OptionValue) {
    func read(_ value: OptionValue) -> (extents: [Int], numbers: [Double])? {
      if let number = Double(optionValue: value) { return ([], [number]) }
      guard case .list(let list) = value, !list.isEmpty else { return nil }
      let rows = list.compactMap(read)
      guard rows.count == list.count, rows.allSatisfy({ $0.extents == rows[0].extents }) else {
        return nil
      }
      return ([list.count] + rows[0].extents, rows.flatMap(\.numbers))
    }
    guard let (extents, numbers) = read(optionValue) else { return nil }
    // Whole numbers do not widen the computation.
    let whole = numbers.compactMap { Int(exactly: $0) }
    let shape = Shape(trusted: extents)
    self =
      whole.count == numbers.count
      ? .int64(Tensor(trusted: shape, whole)) : .float64(Tensor(trusted: shape, numbers))
  }
}
