public import LossCore

/// The activation that turns predictions into probabilities.
public enum Activation: String, OptionChoice {
  /// None: predictions are probabilities.
  case identity = "none"
  /// Each prediction is a logit of its own.
  case sigmoid
  /// Predictions are logits of exclusive classes, along the class axis.
  case softmax

  /// A sigmoid instead of a softmax for a single class.
  package func fitted(to classCount: Int) -> Activation {
    self == .softmax && classCount == 1 ? .sigmoid : self
  }

  /// Evaluates the regions with the formula for probabilities or with the one for sigmoids.
  @inline(__always)
  func evaluateTerms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, _ region: RegionScope, of classes: RegionClasses = .all,
    _ formula: some SmoothRegionFormula, _ sigmoid: some SmoothRegionFormula
  ) throws(LossError) {
    switch self {
    case .identity: try formula.evaluateTerms(context, region, of: classes)
    case .sigmoid: try sigmoid.evaluateTerms(context, region, of: classes)
    case .softmax: try formula.evaluateSoftmax(context, region, of: classes)
    }
  }
}

/// An activation of single elements.
protocol ElementActivation: Sendable {
  /// Whether predictions are probabilities.
  static var isIdentity: Bool { get }
  static func probability<S: LossArithmetic>(_ x: S) -> S
  /// 1 minus the probability, without cancellation.
  static func complement<S: LossArithmetic>(_ x: S) -> S
  /// The derivative of the probability.
  static func derivative<S: LossArithmetic>(_ x: S) -> S
}

enum Identity: ElementActivation {
  static var isIdentity: Bool { true }
  @inline(__always)
  static func probability<S: LossArithmetic>(_ x: S) -> S { x }
  @inline(__always)
  static func complement<S: LossArithmetic>(_ x: S) -> S { 1 - x }
  @inline(__always)
  static func derivative<S: LossArithmetic>(_ x: S) -> S { 1 }
}

enum Sigmoid: ElementActivation {
  static var isIdentity: Bool { false }
  @inline(__always)
  static func probability<S: LossArithmetic>(_ x: S) -> S { S.sigmoid(x) }
  @inline(__always)
  static func complement<S: LossArithmetic>(_ x: S) -> S { S.sigmoid(-x) }
  @inline(__always)
  static func derivative<S: LossArithmetic>(_ x: S) -> S { S.sigmoid(x) * S.sigmoid(-x) }
}
