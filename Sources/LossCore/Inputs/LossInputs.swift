/// The input tensors of a loss, by role: `["prediction": p, "target": t]`.
public struct LossInputs: Sendable, ExpressibleByDictionaryLiteral {
  /// The tensors by role, in the order of insertion.
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

  /// The roles of the tensors.
  public var roles: [Role] { tensors.map(\.role) }

  /// The element type in which a loss of these inputs is computed: `Float` if there are inputs of
  /// `Float` or half precision and none of `Double`, otherwise `Double`.
  public var computedElement: ElementType {
    let elements = tensors.map(\.tensor.element.widened)
    return elements.contains(.float64) || !elements.contains(.float32) ? .float64 : .float32
  }

  /// The tensors under other roles.
  func renamed(_ rename: (Role) -> Role) -> LossInputs {
    var inputs = LossInputs()
    for (role, tensor) in tensors { inputs[rename(role)] = tensor }
    return inputs
  }
}

extension LossResult {
  /// The result with each gradient in the element type of its input, where that is half precision:
  /// each number rounded once.
  package func rounded(like inputs: LossInputs) -> LossResult {
    func rounded(_ role: Role, _ tensor: AnyTensor) -> AnyTensor {
      guard let element = inputs[role]?.element, element.isNarrow, element.isReal else {
        return tensor
      }
      return .narrow(NarrowTensor(rounding: tensor, to: element))
    }
    var result = self
    for (role, tensor) in gradients { result.gradients[role] = rounded(role, tensor) }
    return result
  }
}

/// The result of an evaluation.
public struct LossResult: Hashable, Sendable {
  /// The reduced value: a scalar, or a tensor if the reduction leaves axes.
  public var value: AnyTensor
  /// The gradient of the value with respect to each requested role. If the value is not a scalar,
  /// it is the gradient of the sum of its elements, weighted by the upstream gradient.
  public var gradients: [Role: AnyTensor]
  /// The diagonal of the Hessian of the value with respect to each requested role; if the value is
  /// not a scalar, that of the sum of its elements, as for the gradients.
  public var secondDerivatives: [Role: AnyTensor]
  /// The product of the Hessian of the value with the vector of the call, by requested role; if the
  /// value is not a scalar, the Hessian of the sum of its elements, as for the gradients.
  public var hessianVectorProducts: [Role: AnyTensor]

  /// A result from its parts.
  public init(
    value: AnyTensor, gradients: [Role: AnyTensor] = [:],
    secondDerivatives: [Role: AnyTensor] = [:], hessianVectorProducts: [Role: AnyTensor] = [:]
  ) {
    self.value = value
    self.gradients = gradients
    self.secondDerivatives = secondDerivatives
    self.hessianVectorProducts = hessianVectorProducts
  }
}
