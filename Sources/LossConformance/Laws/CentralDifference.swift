/// The derivative of a function at zero by central differences with two step sizes.
public struct CentralDifference: Sendable {
  /// The difference quotient with the full step.
  let wide: Double
  /// The difference quotient with half the step.
  let narrow: Double

  init(wide: Double, narrow: Double) {
    self.wide = wide
    self.narrow = narrow
  }

  /// Evaluates the difference quotients of a function with step `h`.
  public init<E: Error>(
    step h: Double, _ function: (Double) throws(E) -> Double
  ) throws(E) {
    wide = try (function(h) - function(-h)) / (2 * h)
    narrow = try (function(h / 2) - function(-h / 2)) / h
  }

  /// The Richardson extrapolation of both quotients, with an error of fourth order in the step.
  public var derivative: Double { (4 * narrow - wide) / 3 }
  /// The difference of the two quotients, which is large at a kink.
  var disagreement: Double { (wide - narrow).magnitude }
}
