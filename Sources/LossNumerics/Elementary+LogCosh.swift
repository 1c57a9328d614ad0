extension Elementary {
  /// Near 0 a series in x², since differences of logarithms would lose relative accuracy there;
  /// from 3/4 on |x| - ln 2 + log(1 + e^(-2|x|)), which cannot overflow.
  @inlinable
  @inline(__always)
  static func logarithmOfCosh(_ x: Self) -> Self {
    let magnitude = x.magnitude
    let square = magnitude * magnitude
    let far = (magnitude - 0.6931471805599453) + log(onePlusFraction: exp(-2 * magnitude))
    return select(magnitude < 0.75, square * logCoshSeries(square), far)
  }
}
