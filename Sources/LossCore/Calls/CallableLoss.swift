/// A loss that can be called: a value of a loss type, or a loss that was selected by name.
///
/// Both are called in the same way, so that code does not change when the loss comes from a
/// configuration file:
///
///     let loss = HuberLoss(delta: 0.5)
///     let loss = try LossRegistry.linked.loss(named: "huber", options: ["delta": 0.5])
///     let value = try loss(prediction, target)
///     let (value, gradient) = try loss.valueAndGradient(prediction, target)
///
/// Inputs are taken by role, `prediction` first and `target` second, also where the loss was selected
/// by the name of a framework that orders them otherwise.
public protocol CallableLoss: Sendable {
  /// The name of the loss in errors.
  var name: String { get }
  /// The inputs, with the shape relation between them.
  var signature: LossSignature { get }
  /// The reduction where the caller names none.
  var defaultReduction: Reduction { get }

  /// The name that `evaluate` takes the weight of the terms under.
  var weightRole: Role { get }

  /// The value of a call of the first two inputs whose result is one number; the calls with tensors,
  /// arrays and borrowed memory end here.
  ///
  /// Concrete, as the requirements of `LossProtocol` are, so that a call costs one dynamic dispatch.
  func value(of request: TypedRequest<Float>) throws(LossError) -> Float
  /// The value of a call of the first two inputs whose result is one number, in `Double`.
  func value(of request: TypedRequest<Double>) throws(LossError) -> Double

  /// Evaluates named tensors; the call of `LossProtocol` with the same parameters has defaults.
  func evaluate(
    _ inputs: LossInputs, gradientsOf roles: [Role], secondDerivativesOf secondRoles: [Role],
    reduction: Reduction?, classAxis: Int?, upstream: AnyTensor?, in element: ElementType?,
    threads: Int, domainChecks: DomainChecks?
  ) throws(LossError) -> LossResult

  /// The value of named tensors and the product of the Hessian with a vector, whose parts are given
  /// by role; the call `hessianVectorProducts` with the same parameters has defaults.
  func evaluate(
    _ inputs: LossInputs, vectors: LossInputs, hessianVectorProductsOf roles: [Role],
    reduction: Reduction?, classAxis: Int?, upstream: AnyTensor?, in element: ElementType?,
    threads: Int, domainChecks: DomainChecks?
  ) throws(LossError) -> LossResult
}

extension CallableLoss {
  /// The role `weight`.
  public var weightRole: Role { .weight }
}

extension LossProtocol {
  /// The value of a call of the first two inputs whose result is one number.
  @export(interface)
  public func value(of request: TypedRequest<Float>) throws(LossError) -> Float {
    try request.value(of: self)
  }
  /// The value of a call of the first two inputs whose result is one number.
  @export(interface)
  public func value(of request: TypedRequest<Double>) throws(LossError) -> Double {
    try request.value(of: self)
  }
}

/// A loss that takes numbers outside the domain of their input as they are: probabilities above 1,
/// labels other than 0 and 1. Values are those of the formula, NaN where it has none.
///
///     let value = try BinaryCrossEntropyLoss().unchecked(prediction, target)
public struct UncheckedLoss<Base: CallableLoss>: CallableLoss {
  /// The loss that is called.
  public let base: Base

  /// The name of the loss in errors.
  public var name: String { base.name }
  /// The inputs of the loss.
  public var signature: LossSignature { base.signature }
  /// The reduction where a call names none.
  public var defaultReduction: Reduction { base.defaultReduction }
  /// The name of the weight of the terms.
  public var weightRole: Role { base.weightRole }

  /// The value of a call of the first two inputs whose result is one number.
  public func value(of request: TypedRequest<Float>) throws(LossError) -> Float {
    try base.value(of: request.unchecked)
  }
  /// The value of a call of the first two inputs whose result is one number.
  public func value(of request: TypedRequest<Double>) throws(LossError) -> Double {
    try base.value(of: request.unchecked)
  }

  /// Evaluates named tensors without a check of domains.
  public func evaluate(
    _ inputs: LossInputs, gradientsOf roles: [Role] = [],
    secondDerivativesOf secondRoles: [Role] = [],
    reduction: Reduction? = nil, classAxis: Int? = nil, upstream: AnyTensor? = nil,
    in element: ElementType? = nil, threads: Int = 1, domainChecks: DomainChecks? = nil
  ) throws(LossError) -> LossResult {
    try base.evaluate(
      inputs, gradientsOf: roles, secondDerivativesOf: secondRoles, reduction: reduction,
      classAxis: classAxis, upstream: upstream, in: element, threads: threads,
      domainChecks: DomainChecks.none)
  }

  /// Multiplies the Hessian by a vector without a check of domains.
  public func evaluate(
    _ inputs: LossInputs, vectors: LossInputs, hessianVectorProductsOf roles: [Role],
    reduction: Reduction? = nil, classAxis: Int? = nil, upstream: AnyTensor? = nil,
    in element: ElementType? = nil, threads: Int = 1, domainChecks: DomainChecks? = nil
  ) throws(LossError) -> LossResult {
    try base.evaluate(
      inputs, vectors: vectors, hessianVectorProductsOf: roles, reduction: reduction,
      classAxis: classAxis, upstream: upstream, in: element, threads: threads,
      domainChecks: DomainChecks.none)
  }
}

extension CallableLoss {
  /// The same loss without a check of domains.
  public var unchecked: UncheckedLoss<Self> { UncheckedLoss(base: self) }
}
