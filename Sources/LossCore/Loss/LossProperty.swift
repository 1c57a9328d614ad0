/// A mathematical property of the terms of a loss, on the domain of its signature.
///
/// Callers can rely on the properties, such as an optimizer on convexity. The conformance tests
/// search for counterexamples.
///
/// The *predictions* of a loss are its inputs with a gradient, except the target.
public enum LossProperty: Hashable, Sendable {
  /// Every term is a convex function of the predictions, for fixed other inputs.
  case convex
  /// Every term is in this range; a bound may be infinite.
  case range(ClosedRange<Double>)
  /// Exchanging the first two inputs does not change the terms.
  case symmetric
  /// Every term is zero where the prediction equals the target.
  case zeroAtTarget
  /// Every term is a Lipschitz continuous function of the predictions, in the Euclidean norm, with
  /// this constant.
  case lipschitz(Double)
  /// Every term is twice continuously differentiable in the predictions.
  case twiceDifferentiable
  /// The gradient treats this part of the formula as a constant (stop-gradient), so that it is not
  /// the derivative of the value. The part has the name that the documentation of the loss uses.
  case stopsGradient(through: String)
  /// The term of a sample depends on the other samples of the batch.
  case batchDependent
  /// A term depends on the positions of its elements, so that removing an element, which shifts the
  /// following ones, differs from masking it.
  case positionDependent

  /// Every term is at least zero.
  public static let nonNegative = LossProperty.range(0 ... .infinity)
}

extension LossProperty: CustomStringConvertible {
  /// The property as text: `convex`, `range 0.0 to 1.0`, `Lipschitz 1.0`.
  public var description: String {
    switch self {
    case .convex: "convex"
    case .nonNegative: "non-negative"
    case .range(let range): "range \(range.lowerBound) to \(range.upperBound)"
    case .symmetric: "symmetric"
    case .zeroAtTarget: "zero at target"
    case .lipschitz(let constant): "Lipschitz \(constant)"
    case .twiceDifferentiable: "twice differentiable"
    case .stopsGradient(let part): "stops gradient through \(part)"
    case .batchDependent: "batch dependent"
    case .positionDependent: "position dependent"
    }
  }
}

extension [LossProperty] {
  /// The range of the terms; nil if none is declared.
  public var range: ClosedRange<Double>? {
    lazy.compactMap { property in if case .range(let range) = property { range } else { nil } }
      .first
  }

  /// Whether the gradient is the derivative of the value, without a stop-gradient.
  public var gradientIsDerivative: Bool {
    !contains { property in if case .stopsGradient = property { true } else { false } }
  }

  /// The Lipschitz constant; nil if none is declared.
  public var lipschitz: Double? {
    lazy.compactMap { property in
      if case .lipschitz(let constant) = property { constant } else { nil }
    }.first
  }
}
