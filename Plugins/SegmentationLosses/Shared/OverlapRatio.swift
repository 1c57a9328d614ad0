import LossCore

/// The complement of a smoothed overlap ratio.
///
/// With the overlap `O`, the errors `E` and the denominator `D = O + E + d`:
///
///     1 - (O + s) / D = (E + d - s) / D
///     - log((O + s) / D)        if logarithmic
///
/// The errors are passed beside the overlap, so that nothing cancels where they are small.
struct OverlapRatio: Sendable {
  /// The constant added to the numerator.
  let above: Double
  /// The constant added to the denominator.
  let below: Double
  let isLogarithmic: Bool
  /// Whether a region in which nothing is true has the value of the formula; otherwise 0.
  let includesAbsent: Bool

  init(
    smooth: Double, smoothDenominator: Double? = nil, isLogarithmic: Bool = false,
    absent: AbsentClassPolicy = .include
  ) {
    above = smooth
    below = smoothDenominator ?? smooth
    self.isLogarithmic = isLogarithmic
    includesAbsent = absent == .include
  }

  /// The term; 0 where the denominator is 0, and by `absent` where nothing is true.
  func value(overlap: Double, errors: Double, isAbsent: Bool) -> Double {
    let denominator = overlap + errors + below
    guard denominator != 0, includesAbsent || !isAbsent else { return 0 }
    let complement = (errors + (below - above)) / denominator
    guard isLogarithmic else { return complement }
    return complement < 0.5
      ? -Double.log(onePlus: -complement) : -Double.log((overlap + above) / denominator)
  }

  /// The derivatives with respect to overlap and errors; 0 where the term is 0 by these rules, and
  /// for the logarithm of 0.
  func derivative(
    overlap: Double, errors: Double, isAbsent: Bool
  ) -> (overlap: Double, errors: Double) {
    let denominator = overlap + errors + below
    guard denominator != 0, includesAbsent || !isAbsent else { return (0, 0) }
    let ratio = (overlap + above) / denominator
    let complement = (errors + (below - above)) / denominator
    guard isLogarithmic else { return (-complement / denominator, ratio / denominator) }
    return ratio == 0 ? (0, 0) : (-complement / (overlap + above), 1 / denominator)
  }

  /// The properties of a loss whose terms are such ratios.
  var properties: [LossProperty] {
    guard below >= above else { return [] }
    return [isLogarithmic ? .nonNegative : .range(0...1)]
  }
}
