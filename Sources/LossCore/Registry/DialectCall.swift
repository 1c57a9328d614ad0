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
  public let classAxis: Int?
  /// The shapes of the tensors as given, and with axes of extent 1 where they are expanded.
  private var forms: [Role: (given: Shape, aligned: Shape)] = [:]

  init(
    _ inputs: LossInputs, _ signature: LossSignature, _ reduction: Reduction, _ classAxis: Int?
  ) {
    self.inputs = inputs
    self.signature = signature
    self.reduction = reduction
    self.classAxis = classAxis
  }

  /// The shape of the leading input; nil if it is missing.
  public var leading: Shape? { signature.inputs.first.flatMap { inputs[$0.role]?.shape } }

  /// The number of axes of the terms of a loss with one term per element or per row.
  public var termRank: Int? {
    leading.map { signature.classAxis == nil ? $0.rank : max(0, $0.rank - 1) }
  }

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
  /// - Throws: `LossError` of code `shape_mismatch` if another extent differs.
  public mutating func expand(_ role: Role, to shape: Shape) throws(LossError) {
    guard let tensor = inputs[role], tensor.shape != shape else { return }
    let indices = try tensor.shape.broadcast(to: shape, role, "leading input")
    forms[role] = (forms[role]?.given ?? tensor.shape, tensor.shape)
    func expanded<T>(_ tensor: Tensor<T>) -> Tensor<T> {
      Tensor(trusted: shape, indices.map { tensor.scalars[$0] })
    }
    inputs[role] =
      switch tensor {
      case .float32(let numbers): .float32(expanded(numbers))
      case .float64(let numbers): .float64(expanded(numbers))
      case .int64(let numbers): .int64(expanded(numbers))
      case .bool(let flags): .bool(expanded(flags))
      }
  }

  /// A gradient in the form in which its input was given: that of a repeated number is a sum.
  func restored(_ gradient: AnyTensor, of role: Role) throws(LossError) -> AnyTensor {
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
    case .int64, .bool: gradient
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
}

/// A step that brings tensors which a framework takes, and we do not, into our form.
public struct DialectPreparation: Sendable {
  /// Whether a call with tensors of these shapes may need the step.
  public let isNeeded: @Sendable (DialectShapes, LossSignature) -> Bool
  /// Changes the tensors of a call; leaves those that it does not know.
  public let apply: @Sendable (inout DialectCall) throws(LossError) -> Void

  /// A step.
  public init(
    isNeeded: @escaping @Sendable (DialectShapes, LossSignature) -> Bool,
    apply: @escaping @Sendable (inout DialectCall) throws(LossError) -> Void
  ) {
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
