/// The common divisor of the exponentials of a row, usually a power of two.
///
/// The usual way, subtracting the maximum before the exponential, rounds each difference d, and the
/// exponential amplifies that error by d. Dividing by a power of two is exact.
@frozen
public struct ExponentialScale<S: LossScalar> {
  /// Subtracted from every element: 0, or a maximum so large that the differences are exact.
  @usableFromInline let shift: S
  /// Smaller elements have the exponential 0.
  @usableFromInline let floor: S
  /// ``Elementary/rounder`` combined with the power of two.
  @usableFromInline let rounder: S

  @inlinable
  @inline(__always)
  init(shift: S, floor: S, rounder: S) {
    self.shift = shift
    self.floor = floor
    self.rounder = rounder
  }

  /// The factor that makes exponentials divided by this scale those divided by another one, which
  /// is not below it: a power of two, unless a largest number is far from 0.
  public func factor(to other: ExponentialScale) -> Double {
    let exponent = other.rounder.asDouble - rounder.asDouble
    guard shift == 0, other.shift == 0 else {
      let ln2 = Double.ln2
      return Double.exp(
        (shift.asDouble - other.shift.asDouble) + exponent * ln2.high + exponent * ln2.low)
    }
    return Double(sign: .plus, exponent: Int(exponent), significand: 1)
  }
}

extension Elementary {
  @inlinable
  @inline(__always)
  static func exponentialScale(below largest: Self) -> ExponentialScale<Self> {
    // The difference of two numbers within a factor of 2 is exact (P. H. Sterbenz, 1974). Beyond
    // this bound that holds for every element whose scaled exponential is not 0.
    let low = exponentialRange.low - 1
    let isNear = largest.magnitude <= -2 * low
    let maximum = isNear ? largest : 0
    let exponent = multiplyAdd(maximum, log2OfE, rounder) - rounder
    let bias = Self(Self(1).bitPattern &>> Bits(significandBitCount))
    return ExponentialScale(
      shift: isNear ? 0 : largest, floor: maximum + low,
      rounder: rounder - (bias - maximumExponent) - exponent)
  }

  /// e^x = 2^n (1 + `head` - `low` + r² …), as in ``ExponentialParts``.
  @inlinable
  @inline(__always)
  static func exponential(_ x: Self, _ scale: ExponentialScale<Self>) -> Self {
    let y = x - scale.shift
    let shifted = multiplyAdd(y, log2OfE, scale.rounder)
    let n = shifted - scale.rounder
    let head = multiplyAdd(-n, ln2.high, y)
    let low = n * ln2.low
    let r = head - low
    let half = multiplyAdd(exponentialSeries(r), r, 0.5)
    let tail = multiplyAdd(r * r, half, -low)
    let power = Self(bitPattern: shifted.bitPattern &<< Bits(significandBitCount))
    return masked(y < scale.floor, 0, multiplyAdd(power, head + tail, power))
  }

  /// The binary exponent of the largest scaled exponential: large enough that the smallest one has
  /// a normal power of two as well, and nothing underflows before the caller rescales.
  @inlinable
  @inline(__always)
  static var maximumExponent: Self { Self(significandBitCount + 9) }
}
