public import LossCore

/// How a prediction becomes a probability.
public enum Activation: String, OptionChoice {
  /// It is one.
  case identity = "none"
  /// It is a logit of its own.
  case sigmoid
  /// It is one of the logits of all classes, along the class axis.
  case softmax

  /// Which numbers the prediction may hold.
  var domain: InputSpecification.Domain { self == .identity ? .probability : .any }

  /// Walks the regions with a formula of probabilities, or with the same formula of logits.
  @inline(__always)
  func evaluateTerms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, _ region: RegionScope, of classes: RegionClasses = .all,
    _ formula: some RegionFormula, _ sigmoid: some RegionFormula
  ) throws(LossError) {
    switch self {
    case .identity: try formula.evaluateTerms(pass, region, of: classes)
    case .sigmoid: try sigmoid.evaluateTerms(pass, region, of: classes)
    case .softmax: try formula.evaluateSoftmax(pass, region, of: classes)
    }
  }
}

/// An activation that looks at one element.
protocol ElementActivation: Sendable {
  /// Whether the element is the probability.
  static var isIdentity: Bool { get }
  /// The probability.
  static func probability<S: LossScalar>(_ x: S) -> S
  /// What the probability leaves to 1.
  static func rest<S: LossScalar>(_ x: S) -> S
  /// The derivative of the probability.
  static func derivative<S: LossScalar>(_ x: S) -> S
}

enum Identity: ElementActivation {
  static var isIdentity: Bool { true }
  @inline(__always)
  static func probability<S: LossScalar>(_ x: S) -> S { x }
  @inline(__always)
  static func rest<S: LossScalar>(_ x: S) -> S { 1 - x }
  @inline(__always)
  static func derivative<S: LossScalar>(_ x: S) -> S { 1 }
}

enum Sigmoid: ElementActivation {
  static var isIdentity: Bool { false }
  @inline(__always)
  static func probability<S: LossScalar>(_ x: S) -> S { S.sigmoid(x) }
  @inline(__always)
  static func rest<S: LossScalar>(_ x: S) -> S { S.sigmoid(-x) }
  @inline(__always)
  static func derivative<S: LossScalar>(_ x: S) -> S { S.sigmoid(x) * S.sigmoid(-x) }
}
