/// What e^x and e^x - 1 are both assembled from: e^x = `lower` · `upper` · (1 + `head` + `tail`).
///
/// With n = round(x / ln 2) and r = x - n ln 2 in ±ln 2 / 2:
/// `lower` and `upper` are the powers 2^⌊n/2⌋ and 2^⌈n/2⌉, each a normal number even where 2^n
/// is not, so that the last multiplication overflows or underflows gradually as it should.
/// `head` is the leading part of r, free of rounding error, and `tail` is e^r - 1 - `head`.
@usableFromInline
@frozen
struct ExponentialParts<S: BinaryFloatingPoint> {
  @usableFromInline let lower: S
  @usableFromInline let upper: S
  @usableFromInline let inverseUpper: S
  @usableFromInline let head: S
  @usableFromInline let tail: S

  @inlinable
  @inline(__always)
  init(lower: S, upper: S, inverseUpper: S, head: S, tail: S) {
    self.lower = lower
    self.upper = upper
    self.inverseUpper = inverseUpper
    self.head = head
    self.tail = tail
  }

  @inlinable
  @inline(__always)
  var exponential: S {
    (1 + (head + tail)) * lower * upper
  }

  /// 2^n - 1 is split as upper · (lower - 1 / upper), exact for every n that matters, and the
  /// rounding error of adding `head` to it is carried into the tail.
  @inlinable
  @inline(__always)
  var exponentialMinusOne: S {
    let base = lower - inverseUpper
    let step = lower * head
    let sum = base + step
    let lost = step - (sum - base)
    return (sum + multiplyAdd(lower, tail, lost)) * upper
  }
}

extension Float {
  @inlinable
  @inline(__always)
  static func exponentialParts(_ x: Float) -> ExponentialParts<Float> {
    // Beyond these ends e^x is infinite and zero; between them n fits its nine bits.
    let x = clamped(x, -104, 89)
    // Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits; 254 is twice the
    // exponent bias, which makes both halves of n biased exponents without further ado.
    let magic: Float = 0x1.8p23 + 254
    let shifted = multiplyAdd(x, 1.44269504, magic)
    let n = shifted - magic
    let bits = shifted.bitPattern
    let half = bits &>> 1
    let lower = half &<< 23
    let upper = (bits &- half) &<< 23

    let head = multiplyAdd(n, -0x1.62e4p-1, x)
    let low = n * 0x1.7f7d1cp-20
    let r = head - low
    let p = Polynomial.five(
      r, (0x1.fffffcp-2, 0x1.555492p-3, 0x1.5558f4p-5, 0x1.123a1ep-7, 0x1.6a23bcp-10))
    return ExponentialParts(
      lower: Float(bitPattern: lower),
      upper: Float(bitPattern: upper),
      inverseUpper: Float(bitPattern: (254 &<< 23) &- upper),
      head: head,
      tail: multiplyAdd(r * r, p, -low))
  }

  @inlinable
  @inline(__always)
  public static func exp(_ x: Float) -> Float {
    exponentialParts(x).exponential
  }

  @inlinable
  @inline(__always)
  public static func expMinusOne(_ x: Float) -> Float {
    Float(signOf: x, magnitudeOf: exponentialParts(x).exponentialMinusOne)
  }
}

extension Double {
  @inlinable
  @inline(__always)
  static func exponentialParts(_ x: Double) -> ExponentialParts<Double> {
    let x = clamped(x, -746, 710)
    let magic: Double = 0x1.8p52 + 2046
    let shifted = multiplyAdd(x, 1.4426950408889634, magic)
    let n = shifted - magic
    let bits = shifted.bitPattern
    let half = bits &>> 1
    let lower = half &<< 52
    let upper = (bits &- half) &<< 52

    let head = multiplyAdd(n, -0x1.62e42ffp-1, x)
    let low = n * -0x1.718432a1b0e26p-35
    let r = head - low
    let p = Polynomial.ten(
      r,
      (
        0x1.000000000000ap-1, 0x1.55555555554f9p-3, 0x1.555555555083fp-5, 0x1.1111111127d44p-7,
        0x1.6c16c18438a60p-10, 0x1.a01a0129fd31ep-13, 0x1.a01999e263a8cp-16,
        0x1.71df25da29fd7p-19, 0x1.28ad9b9828b4dp-22, 0x1.ad7f0356850d5p-26
      ))
    return ExponentialParts(
      lower: Double(bitPattern: lower),
      upper: Double(bitPattern: upper),
      inverseUpper: Double(bitPattern: (2046 &<< 52) &- upper),
      head: head,
      tail: multiplyAdd(r * r, p, -low))
  }

  @inlinable
  @inline(__always)
  public static func exp(_ x: Double) -> Double {
    exponentialParts(x).exponential
  }

  @inlinable
  @inline(__always)
  public static func expMinusOne(_ x: Double) -> Double {
    Double(signOf: x, magnitudeOf: exponentialParts(x).exponentialMinusOne)
  }
}
