/// A loss whose terms are those of the elements of its inputs, place by place.
///
/// How a term is computed is the loss's affair. One that is a formula by itself conforms to
/// `DistanceLoss`, `MarginLoss` or `ElementwiseLoss`; one whose options choose the formula implements
/// `run` and lets the chosen formula walk: `formula.evaluateTerms(pass)`. A choice inside a formula would be
/// made for every element, and keep the loop from being vectorised.
public protocol ElementwiseFormLoss: FormLoss {}

extension ElementwiseFormLoss {
  /// A term for each element.
  public var termLayout: TermLayout? { .elements }
  /// Prediction and target of equal shape.
  public var signature: LossSignature { .elementwise }
}

extension ElementwiseFormLoss where Self: ElementwiseFormula {
  /// Walks the elements, block by block.
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    try evaluateTerms(pass)
  }
}

/// A loss whose term is a formula of the numbers that stand at one place of its inputs.
///
/// Give `value` and `derivative`; the form walks the data, computes both in one pass and applies masks,
/// weights and the reduction:
///
///     struct SquaredRatioLoss: ElementwiseLoss {
///       static let metadata = LossMetadata("squared_ratio", "…", formula: "(prediction / target)²")
///
///       func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
///         let ratio = prediction / target
///         return ratio * ratio
///       }
///       func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
///         let ratio = prediction / target
///         return (2 * ratio / target, -2 * ratio * ratio / target)
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
///       func value<S: LossScalar>(_ residual: S) -> S { residual * residual }
///       func derivative<S: LossScalar>(_ residual: S) -> S { 2 * residual }
///     }
public protocol DistanceLoss: ElementwiseFormLoss, DistanceFormula {}

/// A loss whose term is a formula of the product `prediction · target` of a score and a label of -1
/// or +1.
public protocol MarginLoss: ElementwiseFormLoss, MarginFormula {}

extension MarginLoss {
  /// Scores and labels of equal shape.
  public var signature: LossSignature { .elementwiseLabels }
}
