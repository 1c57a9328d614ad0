/// The derivative of a function of one number at zero by central differences of two steps.
public struct CentralDifference: Sendable {
  /// The quotient of the whole step.
  let wide: Double
  /// The quotient of half of it.
  let narrow: Double

  init(wide: Double, narrow: Double) {
    self.wide = wide
    self.narrow = narrow
  }

  /// The quotients of a function.
  public init<E: Error>(
    step h: Double, _ function: (Double) throws(E) -> Double
  ) throws(E) {
    wide = try (function(h) - function(-h)) / (2 * h)
    narrow = try (function(h / 2) - function(-h / 2)) / h
  }

  /// Richardson's extrapolation of both quotients, whose own error is of fourth order in the step.
  public var derivative: Double { (4 * narrow - wide) / 3 }
  /// How far the quotients are apart: much at a kink, where neither is a derivative.
  var disagreement: Double { (wide - narrow).magnitude }
}
