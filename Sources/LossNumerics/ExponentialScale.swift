/// What the exponentials of a row are divided by: a power of two, as a rule.
///
/// Subtracting the largest element first, as is usual, rounds each difference, and the exponential
/// of a difference d has that error d times over. A division by a power of two is exact.
@frozen
public struct ExponentialScale<S: LossScalar> {
  /// Taken off every element: 0, or a largest element so far out that the differences are exact.
  @usableFromInline let removed: S
  /// What is smaller has the exponential 0.
  @usableFromInline let floor: S
  /// As ``Elementary/rounder``, with the power of two in it.
  @usableFromInline let rounder: S

  @inlinable
  @inline(__always)
  init(removed: S, floor: S, rounder: S) {
    self.removed = removed
    self.floor = floor
    self.rounder = rounder
  }
}

extension Elementary {
  @inlinable
  @inline(__always)
  static func exponentialScale(below largest: Self) -> ExponentialScale<Self> {
    // Numbers between half a number and twice it have an exact difference (P. H. Sterbenz, 1974);
    // beyond this bound, all whose exponential is not 0 are there.
    let low = exponentialRange.low - 1
    let isNear = largest.magnitude <= -2 * low
    let top = isNear ? largest : 0
    let octaves = multiplyAdd(top, octavesPerUnit, rounder) - rounder
    let bias = Self(Self(1).bitPattern &>> Bits(significandBitCount))
    return ExponentialScale(
      removed: isNear ? 0 : largest, floor: top + low,
      rounder: rounder - (bias - spareOctaves) - octaves)
  }

  /// With e^x = 2^n (1 + `head` - `low` + r² …), as in ``ExponentialParts``.
  @inlinable
  @inline(__always)
  static func exponential(_ x: Self, _ scale: ExponentialScale<Self>) -> Self {
    let y = x - scale.removed
    let shifted = multiplyAdd(y, octavesPerUnit, scale.rounder)
    let n = shifted - scale.rounder
    let head = multiplyAdd(-n, ln2.high, y)
    let low = n * ln2.low
    let r = head - low
    let half = multiplyAdd(exponentialSeries(r), r, 0.5)
    let curve = multiplyAdd(r * r, half, -low)
    let power = Self(bitPattern: shifted.bitPattern &<< Bits(significandBitCount))
    return masked(y < scale.floor, 0, multiplyAdd(power, head + curve, power))
  }

  /// The largest exponential is near 2^spareOctaves: so many that the smallest has a normal power of
  /// two too, and nothing underflows before the caller scales it.
  @inlinable
  @inline(__always)
  static var spareOctaves: Self { Self(significandBitCount + 9) }
}
