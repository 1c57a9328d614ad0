import LossNumerics

/// How far a result is from the true value, in units in the last place of the true value.
///
/// The unit of a subnormal number is that of the smallest normal one; infinities and NaN are
/// either met or infinitely far away, and so is 0 unless it is the true value.
func ulps<S: LossScalar, T: BinaryFloatingPoint>(_ got: S, from truth: T) -> Double {
  let nearest = S(truth)
  if truth.isNaN || got.isNaN { return truth.isNaN && got.isNaN ? 0 : .infinity }
  if nearest.isInfinite || got.isInfinite { return nearest == got ? 0 : .infinity }
  if truth == 0 { return got == 0 ? 0 : .infinity }
  let exponent = max(Int(truth.exponent), Int(S.leastNormalMagnitude.exponent))
  let unit = T(
    sign: .plus,
    exponent: T.Exponent(exponent - S.significandBitCount),
    significand: 1
  )
  return Double((T(got) - truth).magnitude / unit)
}

/// The widest format that the platform computes in.
#if arch(x86_64) && !os(Windows)
  typealias Wide = Float80
#else
  typealias Wide = Double
#endif
