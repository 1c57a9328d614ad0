/// The sum of the exponentials of a row, all divided by the same number, without the largest one.
///
/// With m the maximum of the row, log Σ e^row[j] is m + `logarithm`. The maximum adds no rounding
/// error, and where one class dominates, the small sum of the others keeps its digits.
@frozen
public struct ExponentialSum<S: LossScalar> {
  /// The exponential of the maximum.
  public let maxExponential: Double
  /// The sum of the other exponentials.
  public let sumExcludingMax: Double

  @inlinable
  @inline(__always)
  init(maxExponential: S, sumExcludingMax: CompensatedSum) {
    self.init(maxExponential.asDouble, excludingMax: sumExcludingMax.value)
  }

  @inlinable
  @inline(__always)
  init(_ maxExponential: Double, excludingMax sum: Double) {
    self.maxExponential = maxExponential
    sumExcludingMax = sum
  }

  /// The sum of a row with this maximum, of which parts were added elsewhere, each without the
  /// maximum: those of ``RowMath/inlineSumExp(_:count:below:skipping:)``.
  @inlinable
  public init(maximum: S, sumExcludingMax: CompensatedSum) {
    self.init(
      maxExponential: maximum == .infinity ? 1 : S.exp(maximum, S.scale(below: maximum)),
      sumExcludingMax: sumExcludingMax)
  }

  /// The sum of all exponentials.
  @inlinable
  @inline(__always)
  public var total: Double { maxExponential + sumExcludingMax }

  /// log Σ e^(row[j] - m).
  @inlinable
  @inline(__always)
  public var logarithm: S { S.log(onePlus: S(sumExcludingMax / maxExponential)) }
}

// The inline functions have the instruction set of their caller, the narrow ones that of the build;
// `LossVectors` chooses.
extension RowMath {
  /// The maximum of a row and the sum of its exponentials, in one pass over the row; writes
  /// e^row[j], all divided by the same number, if `out` is given.
  ///
  /// The divisor comes from the maximum of the first 64 elements, or of a short row, since
  /// exponentials up to e^32 times larger do not overflow. A second pass, with the true ``maximum(_:count:)``, follows if a
  /// later element exceeds that, or if the largest exponential dominates so much that the sum of
  /// the others would lose digits.
  ///
  /// - Edge cases: those of ``maximum(_:count:)`` and ``inlineSumExp(_:count:largest:)``.
  @inlinable
  @inline(__always)
  public static func inlineExponentials<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    into out: UnsafeMutablePointer<S>?
  ) -> (top: S, sum: ExponentialSum<S>) {
    let blockSize = blockSize(of: S.self)
    let estimate = S.maximum(row, count: count <= shortRowCount ? count : 64)
    let scale = S.scale(below: estimate)
    var top = estimate
    var lanes = SumLanes<S>()
    withUnsafeTemporaryAllocation(of: S.self, capacity: blockSize) { buffer in
      guard let scratch = buffer.baseAddress else { return }
      var block = 0
      while block < count {
        let size = Swift.min(blockSize, count &- block)
        // In this row, or in the next one, since rows usually follow each other.
        Prefetch.read(row, at: block &+ 2 &* blockSize, count: size)
        let results = out.map { $0 + block } ?? scratch
        let largest = S.exponentials(row + block, count: size, scale, into: results)
        top = S.select(largest > top, largest, top)
        lanes.add(count: size) { results[$0].asDouble }
        block &+= blockSize
      }
    }
    let maxExponential = S.exp(top, scale)
    var others = lanes.total
    others.add(-maxExponential.asDouble)
    // Also false for infinities and for NaN, which the sum is if the row contains one.
    if top - estimate <= 32, others.value > 0x1p-20 * maxExponential.asDouble,
      others.value < .infinity
    {
      return (top, ExponentialSum(maxExponential: maxExponential, sumExcludingMax: others))
    }
    let largest = maximum(row, count: count)
    // The second pass is rare.
    guard let out else { return (largest.value, narrowSumExp(row, count: count, largest: largest)) }
    return (largest.value, narrowExponentials(row, count: count, largest: largest, into: out))
  }

  /// The sum of e^row[j] over 0 ..< count, for a row with this ``maximum(_:count:)``.
  ///
  /// - Edge cases: an element of -∞ adds 0. Where elements are +∞, each adds 1 and the others 0.
  ///   `sumExcludingMax` is NaN if an element is NaN, or if the maximum is -∞.
  @inlinable
  @inline(__always)
  public static func inlineSumExp<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    largest: (value: S, index: Int)
  ) -> ExponentialSum<S> {
    if largest.value == .infinity { return infinite(row, count: count, into: nil) }
    let sum = finiteSum(row, count: count, below: largest.value, skipping: largest.index)
    return ExponentialSum(
      maxExponential: S.exp(largest.value, S.scale(below: largest.value)), sumExcludingMax: sum)
  }

  /// The sum of the exponentials of a part of a row whose maximum is that of the whole row, divided
  /// as by ``inlineSumExp(_:count:largest:)``, without one element; nil skips none.
  @inlinable
  @inline(__always)
  public static func inlineSumExp<S: LossScalar>(
    _ part: UnsafePointer<S>,
    count: Int,
    below maximum: S,
    skipping index: Int?
  ) -> CompensatedSum {
    guard maximum == .infinity else {
      return finiteSum(part, count: count, below: maximum, skipping: index ?? -1)
    }
    var sum = CompensatedSum()
    for j in 0..<count where j != index { sum.add(indicator(of: part[j]).asDouble) }
    return sum
  }

  @inlinable
  @inline(__always)
  static func finiteSum<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    below maximum: S,
    skipping index: Int
  ) -> CompensatedSum {
    let blockSize = blockSize(of: S.self)
    return withUnsafeTemporaryAllocation(of: S.self, capacity: blockSize) { buffer in
      let scale = S.scale(below: maximum)
      var lanes = SumLanes<S>()
      guard let out = buffer.baseAddress else { return lanes.total }
      var block = 0
      while block < count {
        let size = Swift.min(blockSize, count &- block)
        exponentials(row + block, count: size, scale, into: out)
        add(out, count: size, skipping: index &- block, to: &lanes)
        block &+= blockSize
      }
      return lanes.total
    }
  }

  /// Writes the exponentials of a part of a row, divided as by ``inlineSumExp(_:count:below:skipping:)``.
  @inlinable
  @inline(__always)
  public static func inlineExponentials<S: LossScalar>(
    _ part: UnsafePointer<S>,
    count: Int,
    below maximum: S,
    into out: UnsafeMutablePointer<S>
  ) {
    guard maximum == .infinity else {
      return exponentials(part, count: count, S.scale(below: maximum), into: out)
    }
    for j in 0..<count { out[j] = indicator(of: part[j]) }
  }

  /// Writes e^row[j], all divided by the same number, and returns the sum as
  /// ``inlineSumExp(_:count:largest:)`` does.
  ///
  /// `out` may be the row itself, which is slower, and must not overlap it otherwise.
  @inlinable
  @inline(__always)
  public static func inlineExponentials<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    largest: (value: S, index: Int),
    into out: UnsafeMutablePointer<S>
  ) -> ExponentialSum<S> {
    if largest.value == .infinity { return infinite(row, count: count, into: out) }
    let blockSize = blockSize(of: S.self)
    let scale = S.scale(below: largest.value)
    var lanes = SumLanes<S>()
    var block = 0
    while block < count {
      let size = Swift.min(blockSize, count &- block)
      exponentials(row + block, count: size, scale, into: out + block)
      add(out + block, count: size, skipping: largest.index &- block, to: &lanes)
      block &+= blockSize
    }
    return ExponentialSum(
      maxExponential: S.exp(largest.value, scale), sumExcludingMax: lanes.total)
  }

  /// The exponentials of a row whose maximum is +∞: 1 for each +∞ and 0 for the others, the limit
  /// of equal logits that exceed all others.
  @usableFromInline
  static func infinite<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    into out: UnsafeMutablePointer<S>?
  ) -> ExponentialSum<S> {
    var others = CompensatedSum()
    others.add(-1)
    for j in 0..<count {
      let exponential = indicator(of: row[j])
      others.add(exponential.asDouble)
      out?[j] = exponential
    }
    return ExponentialSum(maxExponential: 1, sumExcludingMax: others)
  }

  @usableFromInline
  static func indicator<S: LossScalar>(of x: S) -> S { x == .infinity ? 1 : x == x ? 0 : x }

  @inlinable
  @inline(__always)
  static func exponentials<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    _ scale: ExponentialScale<S>,
    into out: UnsafeMutablePointer<S>
  ) {
    var j = 0
    while j < count {
      out[j] = S.exp(row[j], scale)
      j &+= 1
    }
  }

  /// Adds a block to the lanes, with 0 for the skipped element, so that the other elements keep
  /// their lanes and the loop has no branch.
  @inlinable
  @inline(__always)
  static func add<S: LossScalar>(
    _ terms: UnsafeMutablePointer<S>,
    count: Int,
    skipping index: Int,
    to lanes: inout SumLanes<S>
  ) {
    guard index >= 0, index < count else {
      lanes.add(count: count) { terms[$0].asDouble }
      return
    }
    let skipped = terms[index]
    terms[index] = 0
    lanes.add(count: count) { terms[$0].asDouble }
    terms[index] = skipped
  }
}

// MARK: - In the vectors of the build

extension RowMath {
  /// ``inlineExponentials(_:count:into:)``, not inlined.
  @inlinable
  @inline(never)
  public static func narrowExponentials<S: LossScalar>(
    _ row: UnsafePointer<S>, count: Int, into out: UnsafeMutablePointer<S>?
  ) -> (top: S, sum: ExponentialSum<S>) {
    inlineExponentials(row, count: count, into: out)
  }

  /// ``inlineSumExp(_:count:largest:)``, not inlined.
  @inlinable
  @inline(never)
  public static func narrowSumExp<S: LossScalar>(
    _ row: UnsafePointer<S>, count: Int, largest: (value: S, index: Int)
  ) -> ExponentialSum<S> {
    inlineSumExp(row, count: count, largest: largest)
  }

  /// ``inlineSumExp(_:count:below:skipping:)``, not inlined.
  @inlinable
  @inline(never)
  public static func narrowSumExp<S: LossScalar>(
    _ part: UnsafePointer<S>, count: Int, below maximum: S, skipping index: Int?
  ) -> CompensatedSum {
    inlineSumExp(part, count: count, below: maximum, skipping: index)
  }

  /// ``inlineExponentials(_:count:below:into:)``, not inlined.
  @inlinable
  @inline(never)
  public static func narrowExponentials<S: LossScalar>(
    _ part: UnsafePointer<S>, count: Int, below maximum: S, into out: UnsafeMutablePointer<S>
  ) {
    inlineExponentials(part, count: count, below: maximum, into: out)
  }

  /// ``inlineExponentials(_:count:largest:into:)``, not inlined.
  @inlinable
  @inline(never)
  public static func narrowExponentials<S: LossScalar>(
    _ row: UnsafePointer<S>, count: Int, largest: (value: S, index: Int),
    into out: UnsafeMutablePointer<S>
  ) -> ExponentialSum<S> {
    inlineExponentials(row, count: count, largest: largest, into: out)
  }
}
