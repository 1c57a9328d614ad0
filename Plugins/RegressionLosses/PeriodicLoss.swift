public import LossCore

/// Periodic loss: 1 − cosine of the phase difference, for angles and times of day.
///
/// - Accuracy: computed as 2 sin² of half the phase, with whole periods subtracted exactly.
public struct PeriodicLoss: ElementwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Length of one period, such as 24 for hours.
    public var period = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("period", \.period, .above(0), "length of one period, such as 24 for hours")
    ]
  }

  public static let metadata = LossMetadata(
    "periodic", "Periodic loss: 1 − cosine of the phase difference, for angles and times of day.",
    formula: "1 - cos(2π (prediction - target) / period)",
    domain: """
      Finite numbers whose difference is finite, also in periods; NaN and infinity give NaN.
      """,
    gradient: "Also 0 half a period from the target, where the loss is largest.",
    usage: "Angles, phases and times of day, where mean_squared_error would not wrap around.",
    related: ["mean_squared_error", "cosine_distance"],
    references: ["LossFunctions.jl, PeriodicLoss"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.range(0...2), .symmetric, .zeroAtTarget, .lipschitz(2 * .pi / options.period)]
  }

  @inline(__always)
  func turns<S: LossArithmetic>(_ prediction: S, _ target: S) -> S {
    S.turns(from: target, to: prediction, period: S(options.period)).rest
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ prediction: S, _ target: S) -> S {
    let sine = S.sinPi(turns(prediction, target))
    return 2 * sine * sine
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    // Reduced to the nearest half turn, where the sine is 0 and keeps its relative accuracy.
    let halfTurns = S.turns(from: target, to: prediction, period: S(options.period) / 2)
    let isOdd = 2 * (halfTurns.whole / 2).rounded(.toNearestOrEven) != halfTurns.whole
    let sine = S.sinPi(S.select(isOdd, -halfTurns.rest, halfTurns.rest))
    let derivative = 2 * S.pi / S(options.period) * sine
    return (derivative, -derivative)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let frequency = 2 * S.pi / S(options.period)
    return frequency * frequency * S.cosPi(2 * turns(prediction, target))
  }

  @inline(__always)
  public func secondTargetDerivatives<S: LossScalar>(
    _ prediction: S, _ target: S
  ) -> (mixed: S, target: S) {
    let second = secondDerivative(prediction, target)
    return (-second, second)
  }
}
