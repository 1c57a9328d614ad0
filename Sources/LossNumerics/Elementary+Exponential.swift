/// What e^x and e^x - 1 are both assembled from: e^x = `lower` · `upper` · (1 + r + r² `half`).
///
/// With n = round(x / ln 2) and r = x - n ln 2, which lies in ±ln 2 / 2:
///
/// - `lower` and `upper` are the powers 2^⌊n/2⌋ and 2^⌈n/2⌉. Each is a normal number even where
///   2^n is not, so that the last multiplication alone overflows or underflows, gradually.
/// - r is `head` - `low`, two numbers, because `head` is then free of rounding error.
/// - r² `half` is e^r - 1 - r, at most a tenth of e^r, so that its own rounding hardly counts.
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

  /// The parts of e^(x + tail), for a tail of at most a rounding error of x.
  @inlinable
  @inline(__always)
  init(_ x: S, plus tail: S = 0) {
    let range = S.exponentialRange
    let x = S.clamped(x, range.low, range.high)
    let shifted = multiplyAdd(x, S.octavesPerUnit, S.rounder)
    let n = shifted - S.rounder

    // The low bits are n + 2 · bias: half of them, and what then remains, are biased exponents.
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

  /// e^r - 1 - `head`
  @inlinable
  @inline(__always)
  var curve: S { multiplyAdd(square, half, -low) }

  @inlinable
  @inline(__always)
  var exponential: S { multiplyAdd(lower, head + curve, lower) * upper }

  /// The exponential with what `1 + head` rounds off, for a fifth more operations.
  @inlinable
  @inline(__always)
  var preciseExponential: S {
    let leading = 1 + head
    let lost = head - (leading - 1)
    return (leading + multiplyAdd(square, half, lost - low)) * lower * upper
  }

  /// `upper` · ((`lower` - 1/`upper`) + `lower` · (r + r² `half`)): the difference of the two powers
  /// is known with what it rounds off, so that nothing is lost where the terms cancel.
  @inlinable
  @inline(__always)
  var exponentialMinusOne: S {
    let base = lower - inverseUpper
    let baseLost = (lower - base) - inverseUpper
    let step = lower * head
    let leading = base + step
    let lost = (step - (leading - base)) + baseLost
    return (leading + multiplyAdd(lower, curve, lost)) * upper
  }
}
