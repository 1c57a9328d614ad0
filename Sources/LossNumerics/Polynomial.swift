/// `a b + c`, in one rounding where the build promises hardware for it.
///
/// Without that promise `addingProduct` is a call into libm, some twenty times slower than the
/// two operations, so the fused form is behind the flag `LOSSES_FMA` and in this one place.
@inlinable
@inline(__always)
func multiplyAdd<S: BinaryFloatingPoint>(_ a: S, _ b: S, _ c: S) -> S {
  #if LOSSES_FMA
    c.addingProduct(a, b)
  #else
    a * b + c
  #endif
}

/// Polynomials of a fixed number of coefficients, lowest order first, in Estrin's form.
///
/// Horner's form is one long chain in which each step waits for the last; halving the polynomial
/// again and again lets the processor work on the halves at once.
@usableFromInline
enum Polynomial {
  @inlinable
  @inline(__always)
  static func two<S: BinaryFloatingPoint>(_ x: S, _ c: (S, S)) -> S {
    multiplyAdd(c.1, x, c.0)
  }

  @inlinable
  @inline(__always)
  static func three<S: BinaryFloatingPoint>(_ x: S, _ c: (S, S, S)) -> S {
    multiplyAdd(c.2, x * x, two(x, (c.0, c.1)))
  }

  @inlinable
  @inline(__always)
  static func four<S: BinaryFloatingPoint>(_ x: S, _ c: (S, S, S, S)) -> S {
    multiplyAdd(two(x, (c.2, c.3)), x * x, two(x, (c.0, c.1)))
  }

  @inlinable
  @inline(__always)
  static func five<S: BinaryFloatingPoint>(_ x: S, _ c: (S, S, S, S, S)) -> S {
    multiplyAdd(three(x, (c.2, c.3, c.4)), x * x, two(x, (c.0, c.1)))
  }

  @inlinable
  @inline(__always)
  static func seven<S: BinaryFloatingPoint>(_ x: S, _ c: (S, S, S, S, S, S, S)) -> S {
    let square = x * x
    return multiplyAdd(
      three(x, (c.4, c.5, c.6)), square * square, four(x, (c.0, c.1, c.2, c.3)))
  }

  @inlinable
  @inline(__always)
  static func ten<S: BinaryFloatingPoint>(_ x: S, _ c: (S, S, S, S, S, S, S, S, S, S)) -> S {
    let square = x * x
    let fourth = square * square
    let upper = multiplyAdd(two(x, (c.8, c.9)), fourth, four(x, (c.4, c.5, c.6, c.7)))
    return multiplyAdd(upper, fourth, four(x, (c.0, c.1, c.2, c.3)))
  }
}
