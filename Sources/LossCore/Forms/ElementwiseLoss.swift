/// A loss whose term is a formula of the numbers that stand at one place of its inputs.
///
/// Give `value` and `slope`; the form walks the data, computes both in one pass and applies masks,
/// weights and the reduction:
///
///     struct SquaredErrorLoss: ElementwiseLoss {
///       static let card = LossCard("my_squared_error", "…", formula: "(prediction - target)²")
///       let options: NoOptions
///       init(options: NoOptions) { self.options = options }
///
///       func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
///         let residual = prediction - target
///         return residual * residual
///       }
///       func slope<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
///         let slope = 2 * (prediction - target)
///         return (slope, -slope)
///       }
///     }
///
/// Mark both `@inlinable` in a library that others specialise.
public protocol ElementwiseLoss: ElementwiseFormLoss, PairFormula {}

extension ElementwiseLoss {
  /// Prediction and target of equal shape.
  @inlinable public var signature: LossSignature { .elementwise }
}

/// A loss whose term is a formula of three numbers, such as two scores and a label.
public protocol TernaryElementwiseLoss: ElementwiseFormLoss, TripleFormula {}

/// A loss whose term is a formula of one number, such as a penalty on parameters.
public protocol UnaryElementwiseLoss: ElementwiseFormLoss, SingleFormula {}

/// What the elementwise losses have in common.
///
/// A loss that computes one of several formulas, as its options say, overrides `run` and lets the
/// chosen formula walk: `formula.walk(pass)`. A choice inside `value` would be made for every
/// element, and keep the loop from being vectorised.
public protocol ElementwiseFormLoss: FormLoss, ElementwiseFormula {}

extension ElementwiseFormLoss {
  /// Walks the elements, block by block.
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) {
    try walk(pass)
  }
}

/// A formula of a pair of numbers, with its derivatives.
public protocol PairFormula: ElementwiseFormula {
  /// The term of one pair.
  func value<S: LossScalar>(_ prediction: S, _ target: S) -> S
  /// The derivative of the term with respect to each of the pair. Where the signature says that the
  /// target has no gradient, the second is not used.
  func slope<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S)
}

extension PairFormula {
  /// Two.
  @inlinable public static var arity: Int { 2 }
  /// The term of one pair.
  @inlinable @inline(__always)
  public func value<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S { value(a, b) }
  /// The derivatives of one pair.
  @inlinable @inline(__always)
  public func slope<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> (S, S, S) {
    let slope = slope(a, b)
    return (slope.0, slope.1, 0)
  }
}

/// A formula of three numbers, with its derivatives.
public protocol TripleFormula: ElementwiseFormula {}

extension TripleFormula {
  /// Three.
  @inlinable public static var arity: Int { 3 }
}

/// A formula of one number, with its derivative.
public protocol SingleFormula: ElementwiseFormula {
  /// The term of one number.
  func value<S: LossScalar>(_ x: S) -> S
  /// The derivative of the term.
  func slope<S: LossScalar>(_ x: S) -> S
}

extension SingleFormula {
  /// One.
  @inlinable public static var arity: Int { 1 }
  /// The term of one number.
  @inlinable @inline(__always)
  public func value<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S { value(a) }
  /// The derivative of one number.
  @inlinable @inline(__always)
  public func slope<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> (S, S, S) { (slope(a), 0, 0) }
}
