/// The parts of e^x and of e^x - 1: e^x = `lower` · `upper` · (1 + r + r² `half`).
///
/// With n = round(x / ln 2) and r = x - n ln 2, which lies in ±ln 2 / 2:
///
/// - `lower` and `upper` are the powers 2^⌊n/2⌋ and 2^⌈n/2⌉. Both are normal numbers even where
///   2^n is not, so that only the last multiplication overflows, or underflows gradually.
/// - r is split into `head` - `low`, because `head` then has no rounding error.
/// - r² `half` is e^r - 1 - r, at most a tenth of e^r, so that its rounding error hardly matters.
@usableFromInline
@frozen
struct ExponentialParts<S: Elementary> {
  @usableFromInline let lower: S
  @usableFromInline let upper: S
  @usableFromInline let inverseUpper: S
  @usableFromInline let head: S
  @usableFromInline let low: S
  @usableFromInline let square: S
  @usableFromInline let half: S

  /// The parts of e^(x + tail), for a tail as small as the rounding error of x.
  @inlinable
  @inline(__always)
  init(_ x: S, plus tail: S = 0) {
    let range = S.exponentialRange
    let x = S.clamped(x, range.low, range.high)
    let shifted = multiplyAdd(x, S.log2OfE, S.rounder)
    let n = shifted - S.rounder

    // The low bits are n + 2 · bias, which splits into two biased exponents.
    let bits = shifted.bitPattern
    let lowerBits = bits &>> 1
    let shift = S.Bits(S.significandBitCount)
    let upperBits = (bits &- lowerBits) &<< shift
    lower = S(bitPattern: lowerBits &<< shift)
    upper = S(bitPattern: upperBits)
    inverseUpper = S(bitPattern: S(1).bitPattern &* 2 &- upperBits)

    head = multiplyAdd(-n, S.ln2.high, x)
    low = n * S.ln2.low - tail
    let r = head - low
    square = r * r
    half = multiplyAdd(S.exponentialSeries(r), r, 0.5)
  }

  /// e^r - 1 - `head`.
  @inlinable
  @inline(__always)
  var tail: S { multiplyAdd(square, half, -low) }

  @inlinable
  @inline(__always)
  var exponential: S { multiplyAdd(lower, head + tail, lower) * upper }

  /// The exponential with the rounding error of `1 + head` added back, for a fifth more operations.
  @inlinable
  @inline(__always)
  var preciseExponential: S {
    let leading = 1 + head
    let error = head - (leading - 1)
    return (leading + multiplyAdd(square, half, error - low)) * lower * upper
  }

  /// `upper` · ((`lower` - 1/`upper`) + `lower` · (r + r² `half`)). The rounding error of the
  /// difference of powers is added back, so that no digits are lost where the terms cancel.
  @inlinable
  @inline(__always)
  var exponentialMinusOne: S {
    let base = lower - inverseUpper
    let baseError = (lower - base) - inverseUpper
    let step = lower * head
    let leading = base + step
    let error = (step - (leading - base)) + baseError
    return (leading + multiplyAdd(lower, tail, error)) * upper
  }
}
