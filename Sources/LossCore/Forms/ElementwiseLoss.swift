/// A loss with one term per element, computed from the corresponding elements of its inputs.
///
/// - One formula: conform to `DistanceLoss`, `MarginLoss` or `ElementwiseLoss`.
/// - A formula chosen by the options: implement `run` and call `formula.evaluateTerms(context)` on
///   the chosen formula. A choice inside the formula would be made for every element, and the loop
///   would not be vectorised.
public protocol ElementwiseFormLoss: FormLoss {}

extension ElementwiseFormLoss {
  /// One term per element.
  public var termLayout: TermLayout? { .elements }
  /// Prediction and target of equal shape.
  public var signature: LossSignature { .elementwise }
  /// The leading input, if it has a gradient.
  public var rolesWithSecondDerivative: [Role] {
    signature.inputs.prefix(1).filter(\.isDifferentiable).map(\.role)
  }
  /// The inputs with a gradient.
  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }
}

extension ElementwiseFormLoss where Self: ElementwiseFormula {
  /// Evaluates all elements, block by block.
  @inlinable
  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    try evaluateTerms(context)
  }
}

/// A loss whose term is a formula of the corresponding elements of prediction and target.
///
/// Implement `value`; the form iterates over the data, takes the derivatives from the value, and
/// applies masks, weights and the reduction:
///
///     struct SquaredRatioLoss: ElementwiseLoss {
///       static let metadata = LossMetadata("squared_ratio", "…", formula: "(prediction / target)²")
///
///       func value<N: LossArithmetic>(_ prediction: N, _ target: N) -> N {
///         let ratio = prediction / target
///         return ratio * ratio
///       }
///     }
public protocol ElementwiseLoss: ElementwiseFormLoss, PairFormula {}

/// A loss whose term is a formula of three numbers, such as two scores and a label.
public protocol TernaryElementwiseLoss: ElementwiseFormLoss, TripleFormula {}

/// A loss whose term is a formula of one number, such as a penalty on parameters.
public protocol UnaryElementwiseLoss: ElementwiseFormLoss, SingleFormula {}

/// A loss whose term is a formula of the residual `prediction - target`.
///
///     struct SquaredErrorLoss: DistanceLoss {
///       static let metadata = LossMetadata("my_squared_error", "…", formula: "(prediction - target)²")
///
///       func value<N: LossArithmetic>(_ residual: N) -> N { residual * residual }
///     }
public protocol DistanceLoss: ElementwiseFormLoss, DistanceFormula {}

/// A loss whose term is a formula of the product `prediction · target` of a score and a label of -1
/// or +1.
public protocol MarginLoss: ElementwiseFormLoss, MarginFormula {}

extension MarginLoss {
  /// Scores and labels of equal shape.
  public var signature: LossSignature { .elementwiseLabels }
}
