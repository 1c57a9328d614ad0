extension LossScalar {
  /// 1 / (1 + e^-x).
  @inlinable
  @inline(__always)
  public static func sigmoid(_ x: Self) -> Self {
    let e = exp(-x.magnitude)
    let numerator = x < 0 ? e : 1
    return numerator / (1 + e)
  }

  @inlinable
  @inline(__always)
  public static func tanh(_ x: Self) -> Self {
    let far: Self = 20
    let em = expMinusOne(2 * smaller(x.magnitude, far))
    return Self(signOf: x, magnitudeOf: em / (em + 2))
  }

  /// log(1 + e^x).
  @inlinable
  @inline(__always)
  public static func log1pExp(_ x: Self) -> Self {
    positivePart(x) + log(onePlusFraction: exp(-x.magnitude))
  }

  /// log(1 - e^x) for `x <= 0`.
  @inlinable
  @inline(__always)
  public static func log1mExp(_ x: Self) -> Self {
    let near = log(-expMinusOne(x))
    let far = log(onePlus: -exp(x))
    return x > -0.6931471805599453 ? near : far
  }

  /// log(1 / (1 + e^-x)).
  @inlinable
  @inline(__always)
  public static func logSigmoid(_ x: Self) -> Self {
    -log1pExp(-x)
  }

  /// log(cosh(x)).
  @inlinable
  @inline(__always)
  public static func logCosh(_ x: Self) -> Self {
    let a = x.magnitude
    let far: Self = 20
    let em = expMinusOne(smaller(a, far))
    let near = log(onePlus: em * em / (2 * (1 + em)))
    return a > far ? a - 0.6931471805599453 : near
  }

  /// x log y, and 0 where x is 0.
  @inlinable
  @inline(__always)
  public static func xlogy(_ x: Self, _ y: Self) -> Self {
    let product = x * log(y)
    return x == 0 ? 0 : product
  }

  /// base^exponent for `base >= 0`.
  @inlinable
  @inline(__always)
  public static func power(_ base: Self, _ exponent: Self) -> Self {
    if exponent == 0 { return 1 }
    if exponent == 1 { return base }
    if exponent == 2 { return base * base }
    if exponent == 3 { return base * base * base }
    return exp(exponent * log(base))
  }
}
