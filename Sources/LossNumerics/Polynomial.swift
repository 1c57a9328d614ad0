/// `a b + c`, a fused multiply-add where the build requires hardware that has one.
///
/// Without that hardware `addingProduct` calls a math library and is about twenty times slower than
/// the two operations, so that the fused form needs the flag `LOSSES_FMA`. It is used only here.
@inlinable
@inline(__always)
func multiplyAdd<S: BinaryFloatingPoint>(_ a: S, _ b: S, _ c: S) -> S {
  #if LOSSES_FMA
    c.addingProduct(a, b)
  #else
    a * b + c
  #endif
}

/// The same for two vectors and a vector.
@inlinable @inline(__always)
func multiplyAdd<V: SIMD>(_ a: V, _ b: V, _ c: V) -> V where V.Scalar: LossScalar {
  #if LOSSES_FMA
    c.addingProduct(a, b)
  #else
    a * b + c
  #endif
}

/// The same for a scalar factor and vectors.
@inlinable @inline(__always)
func multiplyAdd<V: SIMD>(_ a: V.Scalar, _ b: V, _ c: V) -> V where V.Scalar: LossScalar {
  multiplyAdd(V(repeating: a), b, c)
}

/// Polynomials named after their number of coefficients, lowest order first.
///
/// From four coefficients on they use Estrin's scheme, which evaluates the two halves of a
/// polynomial in parallel, while Horner's scheme is one chain of dependent steps. Three
/// coefficients use Horner's scheme, because the square of a small x underflows, and arithmetic
/// with subnormal numbers is slow.
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
