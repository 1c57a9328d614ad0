/// `a b + c`, in one rounding where the build promises hardware for it.
///
/// Without that promise `addingProduct` is a call into a mathematics library, some twenty times
/// slower than the two operations, so the fused form is behind the flag `LOSSES_FMA` and in this
/// one place.
@inlinable
@inline(__always)
func multiplyAdd<S: BinaryFloatingPoint>(_ a: S, _ b: S, _ c: S) -> S {
  #if LOSSES_FMA
    c.addingProduct(a, b)
  #else
    a * b + c
  #endif
}

/// The same for the numbers of vectors.
@inlinable @inline(__always)
func multiplyAdd<V: SIMD>(_ a: V, _ b: V, _ c: V) -> V where V.Scalar: LossScalar {
  #if LOSSES_FMA
    c.addingProduct(a, b)
  #else
    a * b + c
  #endif
}

/// The same for one number and the numbers of vectors.
@inlinable @inline(__always)
func multiplyAdd<V: SIMD>(_ a: V.Scalar, _ b: V, _ c: V) -> V where V.Scalar: LossScalar {
  multiplyAdd(V(repeating: a), b, c)
}

/// Polynomials named after their number of coefficients, lowest order first.
///
/// From four coefficients on they are in Estrin's form. Horner's is one long chain in which each
/// step waits for the last; halving the polynomial again and again lets the processor work on
/// the halves at once. Three stay in Horner's form, because the square of a small x underflows,
/// and arithmetic with subnormal numbers is slow.
@usableFromInline
enum Polynomial<S: BinaryFloatingPoint> {
  @inlinable
  @inline(__always)
  static func two(_ x: S, _ c0: S, _ c1: S) -> S {
    multiplyAdd(c1, x, c0)
  }

  @inlinable
  @inline(__always)
  static func three(_ x: S, _ c0: S, _ c1: S, _ c2: S) -> S {
    multiplyAdd(multiplyAdd(c2, x, c1), x, c0)
  }

  @inlinable
  @inline(__always)
  static func four(_ x: S, _ c0: S, _ c1: S, _ c2: S, _ c3: S) -> S {
    multiplyAdd(two(x, c2, c3), x * x, two(x, c0, c1))
  }

  @inlinable
  @inline(__always)
  static func five(_ x: S, _ c: (S, S, S, S), _ last: S) -> S {
    let square = x * x
    return multiplyAdd(last, square * square, four(x, c.0, c.1, c.2, c.3))
  }

  @inlinable
  @inline(__always)
  static func eight(_ x: S, _ lower: (S, S, S, S), _ upper: (S, S, S, S)) -> S {
    let square = x * x
    let high = four(x, upper.0, upper.1, upper.2, upper.3)
    return multiplyAdd(high, square * square, four(x, lower.0, lower.1, lower.2, lower.3))
  }

  @inlinable
  @inline(__always)
  static func nine(_ x: S, _ lower: (S, S, S, S), _ upper: (S, S, S, S), _ last: S) -> S {
    let square = x * x
    let high = five(x, upper, last)
    return multiplyAdd(high, square * square, four(x, lower.0, lower.1, lower.2, lower.3))
  }
}
