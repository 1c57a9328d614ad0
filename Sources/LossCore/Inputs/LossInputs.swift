/// Named tensors, as a caller gives them: `["prediction": p, "target": t]`.
public struct LossInputs: Sendable, ExpressibleByDictionaryLiteral {
  /// The tensors by role, in the order in which they were given.
  public private(set) var tensors: [(role: Role, tensor: AnyTensor)] = []

  /// No tensors.
  public init() {}

  /// Tensors or arrays by role; of two with one role the last counts.
  public init(dictionaryLiteral elements: (Role, any TensorConvertible)...) {
    for (role, tensor) in elements { self[role] = tensor.anyTensor }
  }

  /// These tensors with the optional ones, the weight and the mask of a call, where they are given.
  public init(
    _ inputs: LossInputs, optional: [(Role, (any TensorConvertible)?)] = [],
    weight: (any TensorConvertible)?, mask: (any TensorConvertible)?
  ) {
    self = inputs
    for (role, tensor) in optional { self[role] = tensor?.anyTensor }
    self[.weight] = weight?.anyTensor
    self[.mask] = mask?.anyTensor
  }

  /// The tensor of a role; nil if there is none.
  public subscript(role: Role) -> AnyTensor? {
    get { tensors.first { $0.role == role }?.tensor }
    set {
      tensors.removeAll { $0.role == role }
      if let newValue { tensors.append((role, newValue)) }
    }
  }

  /// The roles that are given.
  public var roles: [Role] { tensors.map(\.role) }

  /// The element in which a loss of these inputs is computed: `Double` if any real input is, else
  /// `Float` if any is, else `Double`.
  public var computedElement: ElementType {
    let elements = tensors.map(\.tensor.element)
    return elements.contains(.float64) || !elements.contains(.float32) ? .float64 : .float32
  }

  /// The tensors under other names.
  func renamed(_ rename: (Role) -> Role) -> LossInputs {
    var inputs = LossInputs()
    for (role, tensor) in tensors { inputs[rename(role)] = tensor }
    return inputs
  }
}

/// What an evaluation gives.
public struct LossResult: Hashable, Sendable {
  /// The reduced value: one number, or a tensor where the reduction leaves axes.
  public var value: AnyTensor
  /// The gradient of the value with respect to each role that was asked for. Where the value has
  /// several numbers it is the gradient of their sum, or of their sum weighted by the upstream.
  public var gradients: [Role: AnyTensor]
  /// The second derivative of the value with respect to each element by itself, the diagonal of
  /// the Hessian, of each role that was asked for; of several numbers as for the gradients.
  public var secondDerivatives: [Role: AnyTensor]

  /// A result from its parts.
  public init(
    value: AnyTensor, gradients: [Role: AnyTensor] = [:],
    secondDerivatives: [Role: AnyTensor] = [:]
  ) {
    self.value = value
    self.gradients = gradients
    self.secondDerivatives = secondDerivatives
  }
}
