/// A number with its derivative with respect to one variable: forward-mode differentiation.
///
/// A formula of numbers that is evaluated in dual numbers gives its derivative with its value:
///
///     let r = DualNumber(0.3, derivative: 1.0)
///     DualNumber.log(onePlus: r * r).derivative  // 2 · 0.3 / (1 + 0.3²)
///
/// Dual numbers of dual numbers give second derivatives.
///
/// - A number whose derivative is 0 is a constant: an infinite slope times 0 is 0, not NaN.
/// - `select`, `minimum…`, `maximum…`, `relu` and `clamped` have the derivative of the side that
///   they choose: at 0, `relu` has 0.
/// - The derivative of `magnitude` at 0 is 0, as in PyTorch and JAX.
/// - Second derivatives at a kink are those of its right side.
/// - Comparisons, `==` among them, compare values alone.
@frozen
public struct DualNumber<Base: LossArithmetic>: LossArithmetic {
  /// The value.
  public var value: Base
  /// The derivative of the value.
  public var derivative: Base

  /// A number with its derivative: 1 for the variable itself, 0 for a constant.
  @inlinable
  @inline(__always)
  public init(_ value: Base, derivative: Base) {
    self.value = value
    self.derivative = derivative
  }

  /// The value of a function with a known slope at a number, by the chain rule.
  @inlinable
  @inline(__always)
  init(_ value: Base, slope: Base, at x: Self) {
    self.init(value, derivative: Self.product(slope, x.derivative))
  }

  /// A factor times a derivative, which is 0 for a constant even where the factor is not finite.
  @inlinable
  @inline(__always)
  static func product(_ factor: Base, _ derivative: Base) -> Base {
    Base.select(derivative.isConstantZero, 0, factor * derivative)
  }

  /// A derivative divided by a number, which is 0 for a constant even where the divisor is 0.
  @inlinable
  @inline(__always)
  static func quotient(_ derivative: Base, _ divisor: Base) -> Base {
    Base.select(derivative.isConstantZero, 0, derivative / divisor)
  }
}

extension DualNumber {
  /// A constant.
  @inlinable
  @inline(__always)
  public init(_ constant: Double) { self.init(Base(constant), derivative: 0) }

  /// A constant.
  @inlinable
  @inline(__always)
  public init(floatLiteral constant: Double) { self.init(constant) }

  /// A constant.
  @inlinable
  @inline(__always)
  public init(integerLiteral constant: Int) { self.init(Double(constant)) }

  /// A constant, if it has an exact value.
  @inlinable
  public init?(exactly constant: some BinaryInteger) {
    guard let value = Base(exactly: constant) else { return nil }
    self.init(value, derivative: 0)
  }

  /// Positive infinity, a constant.
  @inlinable @inline(__always)
  public static var infinity: Self { Self(.infinity, derivative: 0) }
  /// Not a number, neither the value nor the derivative.
  @inlinable @inline(__always)
  public static var nan: Self { Self(.nan, derivative: .nan) }
  /// The distance from 1 to the next larger number, a constant.
  @inlinable @inline(__always)
  public static var ulpOfOne: Self { Self(.ulpOfOne, derivative: 0) }
  /// The smallest number above 0 with all digits, a constant.
  @inlinable @inline(__always)
  public static var leastNormalMagnitude: Self { Self(.leastNormalMagnitude, derivative: 0) }
  /// The constant π.
  @inlinable @inline(__always)
  public static var pi: Self { Self(.pi, derivative: 0) }

  /// Whether the value and the derivative are 0.
  @inlinable
  @inline(__always)
  public var isConstantZero: Bool { value.isConstantZero && derivative.isConstantZero }

  /// True.
  @inlinable @inline(__always)
  public static var hasDerivative: Bool { true }

  /// Compares the values.
  @inlinable
  @inline(__always)
  public static func == (a: Self, b: Self) -> Bool { a.value == b.value }
  /// Compares the values, in second derivatives those just right of a number.
  @inlinable
  @inline(__always)
  public static func < (a: Self, b: Self) -> Bool { Base.isBelowOnTheRight(a.value, b.value) }
  /// Compares the values; false if one is NaN.
  @inlinable
  @inline(__always)
  public static func <= (a: Self, b: Self) -> Bool {
    Base.hasDerivative ? a < b || a == b && !(b < a) : a.value <= b.value
  }
  /// Compares the values.
  @inlinable
  @inline(__always)
  public static func > (a: Self, b: Self) -> Bool { b < a }
  /// Compares the values; false if one is NaN.
  @inlinable
  @inline(__always)
  public static func >= (a: Self, b: Self) -> Bool { b <= a }

  /// Whether a number is below another just after its variable has grown.
  @inlinable
  @inline(__always)
  public static func isBelowOnTheRight(_ a: Self, _ b: Self) -> Bool {
    a.value < b.value || a.value == b.value && a.derivative < b.derivative
  }

  /// `condition ? a : b` with both sides computed.
  @inlinable
  @inline(__always)
  public static func select(_ condition: Bool, _ a: Self, _ b: Self) -> Self {
    Self(
      Base.select(condition, a.value, b.value),
      derivative: Base.select(condition, a.derivative, b.derivative))
  }
}

// Arithmetic.
extension DualNumber {
  /// The sum.
  @inlinable
  @inline(__always)
  public static func + (a: Self, b: Self) -> Self {
    Self(a.value + b.value, derivative: a.derivative + b.derivative)
  }

  /// The difference.
  @inlinable
  @inline(__always)
  public static func - (a: Self, b: Self) -> Self {
    Self(a.value - b.value, derivative: a.derivative - b.derivative)
  }

  /// The negative.
  @inlinable
  @inline(__always)
  public static prefix func - (a: Self) -> Self { Self(-a.value, derivative: -a.derivative) }

  /// The product.
  @inlinable
  @inline(__always)
  public static func * (a: Self, b: Self) -> Self {
    Self(
      a.value * b.value,
      derivative: product(b.value, a.derivative) + product(a.value, b.derivative))
  }

  /// Multiplies by a number.
  @inlinable
  @inline(__always)
  public static func *= (a: inout Self, b: Self) { a = a * b }

  /// weight · x, and 0 where the weight is 0; the derivative with respect to the weight is x.
  @inlinable
  @inline(__always)
  public static func product(weight: Self, _ x: Self) -> Self {
    Self(
      Base.product(weight: weight.value, x.value),
      derivative: product(x.value, weight.derivative)
        + Base.product(weight: weight.value, x.derivative))
  }

  /// The quotient.
  @inlinable
  @inline(__always)
  public static func / (a: Self, b: Self) -> Self {
    let value = a.value / b.value
    return Self(
      value, derivative: quotient(a.derivative - product(value, b.derivative), b.value))
  }

  /// The absolute value; its derivative at 0 is 0.
  @inlinable
  @inline(__always)
  public var magnitude: Self {
    if Base.hasDerivative { return Self.select(self < 0, -self, self) }
    // NaN compares false with both and propagates.
    let atZero = value * derivative
    return Self(
      value.magnitude,
      derivative: Base.select(
        value > 0, derivative, Base.select(value < 0, -derivative, atZero)))
  }

  /// The square root; its derivative at 0 is infinite, and 0 where that of the number is 0.
  @inlinable
  @inline(__always)
  public func squareRoot() -> Self {
    let root = value.squareRoot()
    return Self(root, derivative: Self.quotient(derivative, 2 * root))
  }
}

// Elementary functions.
extension DualNumber {
  /// e^x.
  @inlinable
  @inline(__always)
  public static func exp(_ x: Self) -> Self {
    let value = Base.exp(x.value)
    return Self(value, slope: value, at: x)
  }

  /// e^x - 1.
  @inlinable
  @inline(__always)
  public static func expMinusOne(_ x: Self) -> Self {
    // Not the value plus 1, which loses the digits of a small exponential.
    Self(Base.expMinusOne(x.value), slope: Base.exp(x.value), at: x)
  }

  /// e^x - 1 - x.
  @inlinable
  @inline(__always)
  public static func expRest(_ x: Self) -> Self {
    Self(Base.expRest(x.value), slope: Base.expMinusOne(x.value), at: x)
  }

  /// The natural logarithm.
  @inlinable
  @inline(__always)
  public static func log(_ x: Self) -> Self {
    logarithm(Base.log(x.value), of: x.value, x.derivative)
  }

  /// log(1 + x).
  @inlinable
  @inline(__always)
  public static func log(onePlus x: Self) -> Self {
    logarithm(Base.log(onePlus: x.value), of: 1 + x.value, x.derivative)
  }

  /// log(1 + x) for `x` in `0 ... 1`.
  @inlinable
  @inline(__always)
  public static func log(onePlusFraction x: Self) -> Self {
    Self(
      Base.log(onePlusFraction: x.value), derivative: quotient(x.derivative, 1 + x.value))
  }

  /// The logarithm of a number: NaN with NaN as its derivative below 0. At infinity the derivative
  /// is 0, also where the derivative of the number has overflowed with it.
  @inlinable
  @inline(__always)
  static func logarithm(_ value: Base, of x: Base, _ derivative: Base) -> Self {
    let slope = Base.select(x == .infinity, 0, quotient(derivative, x))
    return Self(value, derivative: Base.select(x < 0, value, slope))
  }

  /// The softplus log(1 + e^x).
  @inlinable
  @inline(__always)
  public static func log1pExp(_ x: Self) -> Self {
    Self(Base.log1pExp(x.value), slope: Base.sigmoid(x.value), at: x)
  }

  /// log(1 - e^x).
  @inlinable
  @inline(__always)
  public static func log1mExp(_ x: Self) -> Self {
    let slope = Base.exp(x.value) / Base.expMinusOne(x.value)
    return Self(Base.log1mExp(x.value), slope: slope, at: x)
  }

  /// x log y, and 0 where x is 0.
  @inlinable
  @inline(__always)
  public static func xlogy(_ x: Self, _ y: Self) -> Self {
    let logarithm = Base.log(y.value)
    let ofLogarithm = Base.select(x.value == 0, 0, x.value / y.value)
    return Self(
      Base.xlogy(x.value, y.value),
      derivative: product(logarithm, x.derivative) + product(ofLogarithm, y.derivative))
  }

  /// log(a / b).
  @inlinable
  @inline(__always)
  public static func logRatio(_ a: Self, _ b: Self) -> Self {
    Self(
      Base.logRatio(a.value, b.value),
      derivative: quotient(a.derivative, a.value) - quotient(b.derivative, b.value))
  }

  /// log((a + offset) / (b + offset)).
  @inlinable
  @inline(__always)
  public static func logRatio(_ a: Self, _ b: Self, offset: Self) -> Self {
    let (numerator, denominator) = (a + offset, b + offset)
    return Self(
      Base.logRatio(a.value, b.value, offset: offset.value),
      derivative: quotient(numerator.derivative, numerator.value)
        - quotient(denominator.derivative, denominator.value))
  }

  /// The logistic function.
  @inlinable
  @inline(__always)
  public static func sigmoid(_ x: Self) -> Self {
    let value = Base.sigmoid(x.value)
    return Self(value, slope: value * Base.sigmoid(-x.value), at: x)
  }

  /// The hyperbolic tangent.
  @inlinable
  @inline(__always)
  public static func tanh(_ x: Self) -> Self {
    // 1 - tanh² cancels for a large x.
    let e = Base.exp(-2 * x.value.magnitude)
    return Self(Base.tanh(x.value), slope: 4 * e / ((1 + e) * (1 + e)), at: x)
  }

  /// log(cosh(x)).
  @inlinable
  @inline(__always)
  public static func logCosh(_ x: Self) -> Self {
    Self(Base.logCosh(x.value), slope: Base.tanh(x.value), at: x)
  }

  /// The arctangent.
  @inlinable
  @inline(__always)
  public static func atan(_ x: Self) -> Self {
    Self(
      Base.atan(x.value), derivative: quotient(x.derivative, 1 + x.value * x.value))
  }

  /// sin(π x).
  @inlinable
  @inline(__always)
  public static func sinPi(_ x: Self) -> Self {
    Self(Base.sinPi(x.value), slope: .pi * Base.cosPi(x.value), at: x)
  }

  /// cos(π x).
  @inlinable
  @inline(__always)
  public static func cosPi(_ x: Self) -> Self {
    Self(Base.cosPi(x.value), slope: -.pi * Base.sinPi(x.value), at: x)
  }

  /// base^exponent. A constant exponent may have any base; the derivative with respect to the
  /// exponent is that of a base above 0.
  @inlinable
  @inline(__always)
  public static func pow(_ base: Self, _ exponent: Self) -> Self {
    let value = Base.pow(base.value, exponent.value)
    let slope = Base.select(
      exponent.value == 0, 0, exponent.value * Base.pow(base.value, exponent.value - 1))
    return Self(
      value,
      derivative: product(slope, base.derivative)
        + product(Base.xlogy(value, base.value), exponent.derivative))
  }

  /// `(end - start) / period` as its nearest integer, a constant, and the rest.
  @inlinable
  @inline(__always)
  public static func turns(
    from start: Self, to end: Self, period: Self
  ) -> (whole: Self, rest: Self) {
    let turns = Base.turns(from: start.value, to: end.value, period: period.value)
    let slope = (end - start) / period
    return (
      Self(turns.whole, derivative: 0), Self(turns.rest, derivative: slope.derivative)
    )
  }
}
