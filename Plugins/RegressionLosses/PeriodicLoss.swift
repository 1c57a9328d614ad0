public import LossCore

/// A distance on a circle, for angles and hours, where a whole turn costs nothing.
///
///     1 - cos(2π (prediction - target) / period)
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every finite number; NaN and infinity give NaN.
/// - Accuracy: computed as 2 sin² of half the angle, so that nothing cancels near the target; whole
///   turns are taken off exactly, and what the difference rounds off is put back.
/// - Gradient: `2π / period · sin(2π (prediction - target) / period)`, the target's with the other
///   sign. It is 0 half a turn away too, where the loss is largest.
/// - Reference: LossFunctions.jl, `PeriodicLoss`.
public struct PeriodicLoss: ElementwiseLoss, TwiceDifferentiable {
  /// The length of a turn.
  public struct Options: LossOptions {
    /// How far apart two numbers are that mean the same.
    public var period = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("period", \.period, .above(0), "how far apart two numbers are that mean the same")
    ]
  }

  public static let metadata = LossMetadata(
    "periodic", "A distance on a circle, where a whole turn costs nothing.",
    formula: "1 - cos(2π (prediction - target) / period)", domain: "Every finite number.",
    references: ["LossFunctions.jl, PeriodicLoss"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [
      .range(0...2), .symmetric, .zeroAtTarget, .lipschitz(2 * .pi / options.period),
    ]
  }

  @inline(__always)
  func turns<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    S.turns(from: target, to: prediction, period: S(options.period)).rest
  }

  /// `2 sin²(π turns)`
  @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let sine = S.sinPi(turns(prediction, target))
    return 2 * sine * sine
  }

  /// `2π / period · sin(2π turns)`
  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    // The sine is 0 at every half turn, next to which it is as exact as what is left beyond it.
    let halves = S.turns(from: target, to: prediction, period: S(options.period) / 2)
    let isOdd = 2 * (halves.whole / 2).rounded(.toNearestOrEven) != halves.whole
    let sine = S.sinPi(S.select(isOdd, -halves.rest, halves.rest))
    let derivative = 2 * S.pi / S(options.period) * sine
    return (derivative, -derivative)
  }

  /// `(2π / period)² cos(2π turns)`
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let unit = 2 * S.pi / S(options.period)
    return unit * unit * S.cosPi(2 * turns(prediction, target))
  }
}
