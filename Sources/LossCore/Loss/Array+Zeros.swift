extension Array where Element: LossScalar {
  /// Zeros.
  ///
  /// Specialised, since the initialiser that is called from generic code writes each element by a call.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  static func zeros(count: Int) -> [Element] { Array(repeating: 0, count: count) }
}
