/// An elementwise formula with a second derivative with respect to its first number.
///
/// Gradient boosting and Newton's method ask for it. A loss that conforms adds one function:
///
///     struct SquaredErrorLoss: ElementwiseLoss, TwiceDifferentiable {
///       …
///       func curvature<S: LossScalar>(_ prediction: S, _ target: S) -> S { 2 }
///     }
///
/// At a kink the slope has none; the function gives that of one side, and the loss says which.
public protocol TwiceDifferentiable: ElementwiseFormula {
  /// The second derivative of the term of one pair with respect to the prediction.
  func curvature<S: LossScalar>(_ prediction: S, _ target: S) -> S
}

extension TwiceDifferentiable {
  /// The second derivative of the term with respect to the first number.
  @inlinable @inline(__always)
  public func curvature<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S { curvature(a, b) }
}

extension ElementwiseFormLoss where Self: TwiceDifferentiable {
  /// The leading input.
  @inlinable public var rolesWithSecondDerivative: [Role] {
    signature.inputs.prefix(1).map(\.role)
  }
}

/// A formula whose slope is the second derivative of another, so that one walk serves both.
@usableFromInline struct CurvatureFormula<Formula: ElementwiseFormula>: ElementwiseFormula {
  @usableFromInline let formula: Formula

  @inlinable init(_ formula: Formula) { self.formula = formula }

  @inlinable static var arity: Int { Formula.arity }

  @inlinable @inline(__always)
  func value<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S { formula.value(a, b, c) }

  @inlinable @inline(__always)
  func slope<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> (S, S, S) {
    (formula.curvature(a, b, c), 0, 0)
  }
}
