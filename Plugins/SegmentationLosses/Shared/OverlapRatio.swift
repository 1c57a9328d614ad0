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
  func value<N: LossArithmetic>(overlap: N, errors: N, isAbsent: Bool) -> N {
    let denominator = overlap + errors + N(below)
    guard denominator != 0, includesAbsent || !isAbsent else { return 0 }
    let complement = (errors + N(below - above)) / denominator
    guard isLogarithmic else { return complement }
    return complement < 0.5
      ? -N.log(onePlus: -complement) : -N.log((overlap + N(above)) / denominator)
  }

  /// The derivatives with respect to overlap and errors; 0 where the term is 0 by these rules, and
  /// for the logarithm of 0.
  func derivative<N: LossArithmetic>(
    overlap: N, errors: N, isAbsent: Bool
  ) -> (overlap: N, errors: N) {
    let denominator = overlap + errors + N(below)
    guard denominator != 0, includesAbsent || !isAbsent else { return (0, 0) }
    let ratio = (overlap + N(above)) / denominator
    let complement = (errors + N(below - above)) / denominator
    guard isLogarithmic else { return (-complement / denominator, ratio / denominator) }
    return ratio == 0 ? (0, 0) : (-complement / (overlap + N(above)), 1 / denominator)
  }

  /// The properties of a loss whose terms are such ratios.
  var properties: [LossProperty] {
    guard below >= above else { return [] }
    return [isLogarithmic ? .nonNegative : .range(0...1)]
  }
}
