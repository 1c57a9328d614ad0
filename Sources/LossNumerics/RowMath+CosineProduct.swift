extension RowMath {
  /// How the lengths of two vectors bound the divisor of their cosine from below.
  public enum CosineBound: Sendable {
    /// By a bound of their product.
    case product(Double)
    /// By a bound of each.
    case each(Double)
  }

  /// The product of the Hessian of the cosine of two vectors with a vector: the gradient
  /// `y / (|x| |y|) - cos x / |x|²`, in dual numbers.
  ///
  /// Lengths below a bound are constant; a zero vector has products of 0.
  ///
  /// - Parameters:
  ///   - x: the first vector.
  ///   - y: the second vector.
  ///   - vector: the parts of the vector for both; nil for zeros.
  ///   - count: the number of elements.
  ///   - bound: a lower bound of the lengths.
  ///   - scale: the factor of the products.
  ///   - products: memory for the products; nil for those that are not wanted.
  @inlinable
  public static func cosineProducts<S: LossScalar>(
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>,
    _ vector: (UnsafePointer<S>?, UnsafePointer<S>?), count: Int, bound: CosineBound, scale: S,
    into products: (UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?)
  ) {
    typealias Dual = DualNumber<Double>
    // Divided by their largest numbers, squares neither overflow nor underflow.
    let largest = (magnitude(x, count: count), magnitude(y, count: count))
    let units = (largest.0 == 0 ? 1 : largest.0, largest.1 == 0 ? 1 : largest.1)
    func first(_ i: Int) -> Dual {
      Dual(x[i].asDouble / units.0, derivative: (vector.0?[i].asDouble ?? 0) / units.0)
    }
    func second(_ i: Int) -> Dual {
      Dual(y[i].asDouble / units.1, derivative: (vector.1?[i].asDouble ?? 0) / units.1)
    }
    var (dot, squares) = (Dual(0), (Dual(0), Dual(0)))
    for i in 0..<count {
      let (a, b) = (first(i), second(i))
      dot = dot + a * b
      squares.0 = squares.0 + a * a
      squares.1 = squares.1 + b * b
    }
    let lengths = (squares.0.squareRoot(), squares.1.squareRoot())
    let divisor: Dual
    let isConstant: (Bool, Bool)
    switch bound {
    case .product(let bound):
      let (length, bound) = (lengths.0 * lengths.1, bound / units.0 / units.1)
      isConstant = length.value < bound ? (true, true) : (false, false)
      divisor = length.value < bound ? Dual(bound) : length
    case .each(let bound):
      let bounds = (bound / units.0, bound / units.1)
      isConstant = (lengths.0.value < bounds.0, lengths.1.value < bounds.1)
      divisor =
        (isConstant.0 ? Dual(bounds.0) : lengths.0) * (isConstant.1 ? Dual(bounds.1) : lengths.1)
    }
    let isUndefined =
      scale == 0 || (largest.0 == 0 && !isConstant.0) || (largest.1 == 0 && !isConstant.1)
    let cosine = dot / divisor
    let parallel = (
      isConstant.0 ? Dual(0) : cosine / squares.0, isConstant.1 ? Dual(0) : cosine / squares.1
    )
    for i in 0..<count {
      let (a, b) = (first(i), second(i))
      let ofFirst = (b / divisor - parallel.0 * a).derivative / units.0
      let ofSecond = (a / divisor - parallel.1 * b).derivative / units.1
      products.0?[i] = isUndefined ? 0 : S(scale.asDouble * ofFirst)
      products.1?[i] = isUndefined ? 0 : S(scale.asDouble * ofSecond)
    }
  }
}
