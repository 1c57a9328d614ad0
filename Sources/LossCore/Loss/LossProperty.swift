/// Something that a loss claims of its terms, on the domain that its signature states.
///
/// A claim is a promise to the caller, such as an optimiser that relies on convexity, and a task to
/// the judge, who searches for a counter-example. A loss that claims nothing needs no line.
///
/// The *predictions* of a loss are its inputs with a gradient, without the target.
public enum LossProperty: Hashable, Sendable {
  /// Every term is a convex function of the predictions, all others held.
  case convex
  /// Every term lies in this range; a bound may be infinite.
  case range(ClosedRange<Double>)
  /// The first two inputs can be exchanged.
  case symmetric
  /// Every term is zero where the prediction equals the target.
  case zeroAtTarget
  /// No term changes faster than this times the Euclidean distance of the predictions.
  case lipschitz(Double)
  /// Every term is twice continuously differentiable in the predictions.
  case twiceDifferentiable
  /// The gradient is not the derivative of the value: it takes this part of the formula, named as the
  /// loss's documentation names it, as a constant.
  case stopsGradient(through: String)
  /// The term of one sample depends on other samples, so that a batch is more than its samples.
  case batchDependent
  /// A term depends on where its elements lie among each other, so that leaving a place away moves
  /// others together, which a mask does not.
  case positionDependent

  /// No term lies below zero.
  public static let nonNegative = LossProperty.range(0 ... .infinity)
}

extension LossProperty: CustomStringConvertible {
  /// The claim in words: `convex`, `range 0 to 1`, `Lipschitz 1.0`.
  public var description: String {
    switch self {
    case .convex: "convex"
    case .nonNegative: "non-negative"
    case .range(let range): "range \(range.lowerBound) to \(range.upperBound)"
    case .symmetric: "symmetric"
    case .zeroAtTarget: "zero at target"
    case .lipschitz(let constant): "Lipschitz \(constant)"
    case .twiceDifferentiable: "twice differentiable"
    case .stopsGradient(let part): "gradient with constant \(part)"
    case .batchDependent: "couples samples"
    case .positionDependent: "couples places"
    }
  }
}

extension [LossProperty] {
  /// The range that is claimed; nil for none.
  public var range: ClosedRange<Double>? {
    lazy.compactMap { property in if case .range(let range) = property { range } else { nil } }
      .first
  }

  /// Whether the gradient is the derivative of the value, with nothing taken as a constant.
  public var gradientIsDerivative: Bool {
    !contains { property in if case .stopsGradient = property { true } else { false } }
  }

  /// The Lipschitz constant that is claimed; nil for none.
  public var lipschitz: Double? {
    lazy.compactMap { property in
      if case .lipschitz(let constant) = property { constant } else { nil }
    }.first
  }
}
