import LossNumerics

/// The error of a result in units in the last place of the true value.
///
/// The unit of a subnormal number is that of the smallest normal one. For infinities, NaN and a
/// true value of 0, the error is 0 if the result is the same and infinite otherwise.
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

/// The widest floating-point format of the platform.
#if arch(x86_64) && !os(Windows)
  typealias Wide = Float80
#else
  typealias Wide = Double
#endif
