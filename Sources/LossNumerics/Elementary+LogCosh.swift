extension Elementary {
  /// Near 0 the series in x², which keeps the relative accuracy that every difference of logarithms
  /// would lose; from 3/4 on |x| - ln 2 + log(1 + e^(-2|x|)), which cannot overflow.
  @inlinable
  @inline(__always)
  static func logarithmOfCosh(_ x: Self) -> Self {
    let distance = x.magnitude
    let square = distance * distance
    let far = (distance - 0.6931471805599453) + log(onePlusFraction: exp(-2 * distance))
    return select(distance < 0.75, square * logCoshSeries(square), far)
  }
}
