// One file: a compiler that is given names of functions prints a line for each name that a file lacks.
internal import CLossProcessor
public import LossNumerics

/// Loops in 512-bit vectors, beside the same loops in 256-bit vectors.
///
/// A function whose name begins with `wide` is compiled for processors with AVX-512 (x86-64-v4), and
/// is called where ``areUsed`` is true. The manifest gives this instruction set to the functions that
/// a list names, and to no other: what such a function shares with the rest of the program keeps the
/// instruction set of the build. Both versions have one source, and give the same bits, since no sum
/// depends on the width of a vector.
public enum WideVectors {
  /// Whether the wide functions are called: if the build has them (release builds for x86-64 Linux
  /// with the trait AVX2), the processor has AVX-512, and the environment variable
  /// `LOSSES_VECTOR_BITS` is not less than 512.
  public static let areUsed: Bool = {
    #if LOSSES_WIDE
      loss_processor_has_avx512() != 0 && loss_allowed_vector_bits() >= 512
    #else
      false
    #endif
  }()

  /// Whether a row is worth the call of a wide function.
  @inlinable
  @inline(__always)
  static func areUsed(forCount count: Int) -> Bool { count >= 64 && areUsed }
}

extension RowMath {
  /// The maximum of a row and the sum of its exponentials, in one pass over the row; writes
  /// e^row[j], all divided by the same number, if `out` is given.
  ///
  /// - Edge cases: those of ``maximum(_:count:)`` and ``sumExp(_:count:largest:)``.
  @inlinable
  public static func exponentials<S: LossScalar>(
    _ row: UnsafePointer<S>, count: Int, into out: UnsafeMutablePointer<S>?
  ) -> (top: S, sum: ExponentialSum<S>) {
    guard WideVectors.areUsed(forCount: count) else {
      return narrowExponentials(row, count: count, into: out)
    }
    if S.self == Float.self {
      let result = wideExponentials(
        cast(row, Float.self), count: count, into: cast(out, Float.self))
      return (cast(result.top, S.self), cast(result.sum, S.self))
    }
    if S.self == Double.self {
      let result = wideExponentials(
        cast(row, Double.self), count: count, into: cast(out, Double.self))
      return (cast(result.top, S.self), cast(result.sum, S.self))
    }
    return narrowExponentials(row, count: count, into: out)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  @usableFromInline
  static func wideExponentials(
    _ row: UnsafePointer<Float>, count: Int, into out: UnsafeMutablePointer<Float>?
  ) -> (top: Float, sum: ExponentialSum<Float>) {
    inlineExponentials(row, count: count, into: out)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  @usableFromInline
  static func wideExponentials(
    _ row: UnsafePointer<Double>, count: Int, into out: UnsafeMutablePointer<Double>?
  ) -> (top: Double, sum: ExponentialSum<Double>) {
    inlineExponentials(row, count: count, into: out)
  }

  /// The sum of e^row[j] over 0 ..< count, for a row with this ``maximum(_:count:)``.
  ///
  /// - Edge cases: an element of -∞ adds 0. Where elements are +∞, each adds 1 and the others 0.
  ///   `sumExcludingMax` is NaN if an element is NaN, or if the maximum is -∞.
  @inlinable
  public static func sumExp<S: LossScalar>(
    _ row: UnsafePointer<S>, count: Int, largest: (value: S, index: Int)
  ) -> ExponentialSum<S> {
    guard WideVectors.areUsed(forCount: count) else {
      return narrowSumExp(row, count: count, largest: largest)
    }
    if S.self == Float.self {
      return cast(
        wideSumExp(
          cast(row, Float.self), count: count,
          largest: (cast(largest.value, Float.self), largest.index)), S.self)
    }
    if S.self == Double.self {
      return cast(
        wideSumExp(
          cast(row, Double.self), count: count,
          largest: (cast(largest.value, Double.self), largest.index)), S.self)
    }
    return narrowSumExp(row, count: count, largest: largest)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  @usableFromInline
  static func wideSumExp(
    _ row: UnsafePointer<Float>, count: Int, largest: (value: Float, index: Int)
  ) -> ExponentialSum<Float> {
    inlineSumExp(row, count: count, largest: largest)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  @usableFromInline
  static func wideSumExp(
    _ row: UnsafePointer<Double>, count: Int, largest: (value: Double, index: Int)
  ) -> ExponentialSum<Double> {
    inlineSumExp(row, count: count, largest: largest)
  }

  /// The sum of the exponentials of a part of a row whose maximum is that of the whole row, divided
  /// as by ``sumExp(_:count:largest:)``, without one element; nil skips none.
  @inlinable
  public static func sumExp<S: LossScalar>(
    _ part: UnsafePointer<S>, count: Int, below maximum: S, skipping index: Int?
  ) -> CompensatedSum {
    guard WideVectors.areUsed(forCount: count) else {
      return narrowSumExp(part, count: count, below: maximum, skipping: index)
    }
    if S.self == Float.self {
      return wideSumExp(
        cast(part, Float.self), count: count, below: cast(maximum, Float.self), skipping: index)
    }
    if S.self == Double.self {
      return wideSumExp(
        cast(part, Double.self), count: count, below: cast(maximum, Double.self), skipping: index)
    }
    return narrowSumExp(part, count: count, below: maximum, skipping: index)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  @usableFromInline
  static func wideSumExp(
    _ part: UnsafePointer<Float>, count: Int, below maximum: Float, skipping index: Int?
  ) -> CompensatedSum {
    inlineSumExp(part, count: count, below: maximum, skipping: index)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  @usableFromInline
  static func wideSumExp(
    _ part: UnsafePointer<Double>, count: Int, below maximum: Double, skipping index: Int?
  ) -> CompensatedSum {
    inlineSumExp(part, count: count, below: maximum, skipping: index)
  }

  /// Writes the exponentials of a part of a row, divided as by ``sumExp(_:count:below:skipping:)``.
  @inlinable
  public static func exponentials<S: LossScalar>(
    _ part: UnsafePointer<S>, count: Int, below maximum: S, into out: UnsafeMutablePointer<S>
  ) {
    guard WideVectors.areUsed(forCount: count) else {
      return narrowExponentials(part, count: count, below: maximum, into: out)
    }
    if S.self == Float.self {
      return wideExponentials(
        cast(part, Float.self), count: count, below: cast(maximum, Float.self),
        into: cast(out, Float.self))
    }
    if S.self == Double.self {
      return wideExponentials(
        cast(part, Double.self), count: count, below: cast(maximum, Double.self),
        into: cast(out, Double.self))
    }
    return narrowExponentials(part, count: count, below: maximum, into: out)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  @usableFromInline
  static func wideExponentials(
    _ part: UnsafePointer<Float>, count: Int, below maximum: Float,
    into out: UnsafeMutablePointer<Float>
  ) {
    inlineExponentials(part, count: count, below: maximum, into: out)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  @usableFromInline
  static func wideExponentials(
    _ part: UnsafePointer<Double>, count: Int, below maximum: Double,
    into out: UnsafeMutablePointer<Double>
  ) {
    inlineExponentials(part, count: count, below: maximum, into: out)
  }

  /// Writes e^row[j], all divided by the same number, and returns the sum as
  /// ``sumExp(_:count:largest:)`` does.
  ///
  /// `out` may be the row itself, which is slower, and must not overlap it otherwise.
  @inlinable
  public static func exponentials<S: LossScalar>(
    _ row: UnsafePointer<S>, count: Int, largest: (value: S, index: Int),
    into out: UnsafeMutablePointer<S>
  ) -> ExponentialSum<S> {
    guard WideVectors.areUsed(forCount: count) else {
      return narrowExponentials(row, count: count, largest: largest, into: out)
    }
    if S.self == Float.self {
      return cast(
        wideExponentials(
          cast(row, Float.self), count: count,
          largest: (cast(largest.value, Float.self), largest.index), into: cast(out, Float.self)),
        S.self)
    }
    if S.self == Double.self {
      return cast(
        wideExponentials(
          cast(row, Double.self), count: count,
          largest: (cast(largest.value, Double.self), largest.index), into: cast(out, Double.self)),
        S.self)
    }
    return narrowExponentials(row, count: count, largest: largest, into: out)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  @usableFromInline
  static func wideExponentials(
    _ row: UnsafePointer<Float>, count: Int, largest: (value: Float, index: Int),
    into out: UnsafeMutablePointer<Float>
  ) -> ExponentialSum<Float> {
    inlineExponentials(row, count: count, largest: largest, into: out)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  @usableFromInline
  static func wideExponentials(
    _ row: UnsafePointer<Double>, count: Int, largest: (value: Double, index: Int),
    into out: UnsafeMutablePointer<Double>
  ) -> ExponentialSum<Double> {
    inlineExponentials(row, count: count, largest: largest, into: out)
  }

  /// The maxima and sums of exponentials of sixteen short rows, as
  /// ``inlineExponentials(ofColumns:step:count:into:_:)``.
  @inlinable
  public static func exponentials<S: LossScalar>(
    ofColumns columns: UnsafePointer<S>, step: Int, count: Int,
    into out: UnsafeMutablePointer<S>, _ sums: ExponentialSums<S>
  ) -> Bool {
    if S.self == Float.self {
      return columnExponentials(
        cast(columns, Float.self), step, count, cast(out, Float.self),
        unsafeBitCast(sums, to: ExponentialSums<Float>.self))
    }
    if S.self == Double.self {
      return columnExponentials(
        cast(columns, Double.self), step, count, cast(out, Double.self),
        unsafeBitCast(sums, to: ExponentialSums<Double>.self))
    }
    return false
  }

  @usableFromInline
  static func columnExponentials(
    _ columns: UnsafePointer<Float>, _ step: Int, _ count: Int, _ out: UnsafeMutablePointer<Float>,
    _ sums: ExponentialSums<Float>
  ) -> Bool {
    WideVectors.areUsed
      ? wideColumnExponentials(columns, step, count, out, sums)
      : inlineExponentials(ofColumns: columns, step: step, count: count, into: out, sums)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  static func wideColumnExponentials(
    _ columns: UnsafePointer<Float>, _ step: Int, _ count: Int, _ out: UnsafeMutablePointer<Float>,
    _ sums: ExponentialSums<Float>
  ) -> Bool {
    inlineExponentials(ofColumns: columns, step: step, count: count, into: out, sums)
  }

  @usableFromInline
  static func columnExponentials(
    _ columns: UnsafePointer<Double>, _ step: Int, _ count: Int,
    _ out: UnsafeMutablePointer<Double>, _ sums: ExponentialSums<Double>
  ) -> Bool {
    WideVectors.areUsed
      ? wideColumnExponentials(columns, step, count, out, sums)
      : inlineExponentials(ofColumns: columns, step: step, count: count, into: out, sums)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  static func wideColumnExponentials(
    _ columns: UnsafePointer<Double>, _ step: Int, _ count: Int,
    _ out: UnsafeMutablePointer<Double>, _ sums: ExponentialSums<Double>
  ) -> Bool {
    inlineExponentials(ofColumns: columns, step: step, count: count, into: out, sums)
  }

  /// The sums over the classes of sixteen short rows, as ``inlineSum(ofColumns:step:count:into:)``.
  @inlinable
  public static func sum<S: LossScalar>(
    ofColumns columns: UnsafePointer<S>, step: Int, count: Int,
    into sums: UnsafeMutablePointer<Double>
  ) {
    if S.self == Float.self {
      columnSums(cast(columns, Float.self), step, count, sums)
    } else if S.self == Double.self {
      columnSums(cast(columns, Double.self), step, count, sums)
    } else {
      inlineSum(ofColumns: columns, step: step, count: count, into: sums)
    }
  }

  @usableFromInline
  static func columnSums(
    _ columns: UnsafePointer<Float>, _ step: Int, _ count: Int,
    _ sums: UnsafeMutablePointer<Double>
  ) {
    WideVectors.areUsed
      ? wideColumnSums(columns, step, count, sums)
      : inlineSum(ofColumns: columns, step: step, count: count, into: sums)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  static func wideColumnSums(
    _ columns: UnsafePointer<Float>, _ step: Int, _ count: Int,
    _ sums: UnsafeMutablePointer<Double>
  ) {
    inlineSum(ofColumns: columns, step: step, count: count, into: sums)
  }

  @usableFromInline
  static func columnSums(
    _ columns: UnsafePointer<Double>, _ step: Int, _ count: Int,
    _ sums: UnsafeMutablePointer<Double>
  ) {
    WideVectors.areUsed
      ? wideColumnSums(columns, step, count, sums)
      : inlineSum(ofColumns: columns, step: step, count: count, into: sums)
  }

  /// The same in ``WideVectors``.
  @inline(never)
  static func wideColumnSums(
    _ columns: UnsafePointer<Double>, _ step: Int, _ count: Int,
    _ sums: UnsafeMutablePointer<Double>
  ) {
    inlineSum(ofColumns: columns, step: step, count: count, into: sums)
  }

  /// The same memory, which holds numbers of this type.
  @inlinable
  @inline(__always)
  static func cast<S, T>(_ numbers: UnsafePointer<S>, _ type: T.Type) -> UnsafePointer<T> {
    UnsafeRawPointer(numbers).assumingMemoryBound(to: T.self)
  }

  @inlinable
  @inline(__always)
  static func cast<S, T>(
    _ numbers: UnsafeMutablePointer<S>?, _ type: T.Type
  ) -> UnsafeMutablePointer<T>? {
    numbers.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: T.self) }
  }

  @inlinable
  @inline(__always)
  static func cast<S, T>(
    _ numbers: UnsafeMutablePointer<S>, _ type: T.Type
  ) -> UnsafeMutablePointer<T> {
    UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: T.self)
  }

  /// The same number, which is of this type.
  @inlinable
  @inline(__always)
  static func cast<S: LossScalar, T: LossScalar>(_ number: S, _ type: T.Type) -> T {
    unsafeBitCast(number, to: T.self)
  }

  @inlinable
  @inline(__always)
  static func cast<S: LossScalar, T: LossScalar>(
    _ sum: ExponentialSum<S>, _ type: T.Type
  ) -> ExponentialSum<T> {
    unsafeBitCast(sum, to: ExponentialSum<T>.self)
  }
}

extension MatrixProduct {
  /// Adds the product of two matrices to a third: `c[i, j] += Σ a[i, p] b[p, j]`.
  ///
  /// The result must not overlap the factors.
  ///
  /// - Parameters:
  ///   - rows: the number of rows of `a` and `c`.
  ///   - columns: the number of columns of `b` and `c`.
  ///   - inner: the number of columns of `a` and of rows of `b`.
  ///   - a: the first factor with its row and column strides; exchanged strides transpose it.
  ///   - b: the second factor with its row stride.
  ///   - c: the result with its row stride.
  @inlinable
  public static func add<S: LossScalar>(
    rows: Int, columns: Int, inner: Int, _ a: Factor<S>, _ b: Rows<S>, to c: MutableRows<S>
  ) {
    let extents = (rows, columns, inner)
    if S.self == Float.self {
      addTiles(extents, cast(a, Float.self), cast(b, Float.self), to: cast(c, Float.self))
    } else if S.self == Double.self {
      addTiles(extents, cast(a, Double.self), cast(b, Double.self), to: cast(c, Double.self))
    } else {
      plainAdd(extents, a, b, to: c)
    }
  }

  /// The same memory, which holds numbers of this type.
  @inlinable
  @inline(__always)
  static func cast<S, T>(_ factor: Factor<S>, _ type: T.Type) -> Factor<T> {
    (
      UnsafeRawPointer(factor.start).assumingMemoryBound(to: T.self), factor.rowStep,
      factor.columnStep
    )
  }

  @inlinable
  @inline(__always)
  static func cast<S, T>(_ rows: Rows<S>, _ type: T.Type) -> Rows<T> {
    (UnsafeRawPointer(rows.start).assumingMemoryBound(to: T.self), rows.rowStep)
  }

  @inlinable
  @inline(__always)
  static func cast<S, T>(_ rows: MutableRows<S>, _ type: T.Type) -> MutableRows<T> {
    (UnsafeMutableRawPointer(rows.start).assumingMemoryBound(to: T.self), rows.rowStep)
  }

  @usableFromInline
  static func addTiles(
    _ extents: Extents, _ a: Factor<Float>, _ b: Rows<Float>, to c: MutableRows<Float>
  ) {
    if WideVectors.areUsed {
      wideAdd(extents, a, b, to: c)
    } else {
      inlineAdd(isWide: false, extents, a, b, to: c)
    }
  }

  /// The same in ``WideVectors``.
  @inline(never)
  static func wideAdd(
    _ extents: Extents, _ a: Factor<Float>, _ b: Rows<Float>, to c: MutableRows<Float>
  ) {
    inlineAdd(isWide: true, extents, a, b, to: c)
  }

  @usableFromInline
  static func addTiles(
    _ extents: Extents, _ a: Factor<Double>, _ b: Rows<Double>, to c: MutableRows<Double>
  ) {
    if WideVectors.areUsed {
      wideAdd(extents, a, b, to: c)
    } else {
      inlineAdd(isWide: false, extents, a, b, to: c)
    }
  }

  /// The same in ``WideVectors``.
  @inline(never)
  static func wideAdd(
    _ extents: Extents, _ a: Factor<Double>, _ b: Rows<Double>, to c: MutableRows<Double>
  ) {
    inlineAdd(isWide: true, extents, a, b, to: c)
  }
}
