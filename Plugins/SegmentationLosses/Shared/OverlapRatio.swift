import LossCore

/// What an overlap lacks, relative to the whole, with the smoothing of the options.
///
/// With the overlap `O`, the errors `E` and the whole `W = O + E + d`:
///
///     1 - (O + s) / W = (E + d - s) / W
///     - log((O + s) / W)        where it is logarithmic
///
/// The errors are given beside the overlap, so that nothing cancels where they are few.
struct OverlapRatio: Sendable {
  /// What is added above.
  let above: Double
  /// What is added below.
  let below: Double
  let isLogarithmic: Bool
  /// Whether a region in which nothing is true costs what the formula says, and not nothing.
  let includesAbsent: Bool

  init(
    smooth: Double, below: Double? = nil, isLogarithmic: Bool = false,
    absent: AbsentClassPolicy = .include
  ) {
    above = smooth
    self.below = below ?? smooth
    self.isLogarithmic = isLogarithmic
    includesAbsent = absent == .include
  }

  /// The term; 0 where the whole is 0, and where nothing is true if that does not count.
  func value(overlap: Double, errors: Double, isAbsent: Bool) -> Double {
    let whole = overlap + errors + below
    guard whole != 0, includesAbsent || !isAbsent else { return 0 }
    let lack = (errors + (below - above)) / whole
    guard isLogarithmic else { return lack }
    return lack < 0.5 ? -Double.log(onePlus: -lack) : -Double.log((overlap + above) / whole)
  }

  /// The derivatives by overlap and errors; 0 where the term is 0 by rule, and for the logarithm of
  /// nothing.
  func derivative(
    overlap: Double, errors: Double, isAbsent: Bool
  ) -> (overlap: Double, errors: Double) {
    let whole = overlap + errors + below
    guard whole != 0, includesAbsent || !isAbsent else { return (0, 0) }
    let share = (overlap + above) / whole
    let lack = (errors + (below - above)) / whole
    guard isLogarithmic else { return (-lack / whole, share / whole) }
    return share == 0 ? (0, 0) : (-lack / (overlap + above), 1 / whole)
  }

  /// What a loss claims whose terms are such ratios.
  var properties: [LossProperty] {
    guard below >= above else { return [] }
    return [isLogarithmic ? .nonNegative : .range(0...1)]
  }
}
