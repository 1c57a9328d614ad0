/// The sum of the exponentials of a row, all divided by the same number; the largest apart.
///
/// With m the largest element, log Σ e^row[j] is m + `logarithm`: the maximum adds no rounding
/// error, and a row that one class dominates keeps the small rest.
@frozen
public struct ExponentialSum<S: LossScalar> {
  /// The exponential of the largest element.
  public let largest: Double
  /// The sum of the others.
  public let rest: Double

  @inlinable
  @inline(__always)
  init(largest: S, rest: CompensatedSum) {
    self.largest = largest.asDouble
    self.rest = rest.value
  }

  /// The sum of all.
  @inlinable
  @inline(__always)
  public var total: Double { largest + rest }

  /// log Σ e^(row[j] - m).
  @inlinable
  @inline(__always)
  public var logarithm: S { S.log(onePlus: S(rest / largest)) }
}

extension RowMath {
  /// The largest element of a row and the sum of its exponentials, in one walk; writes e^row[j], all
  /// divided by the same number, if there is somewhere to.
  ///
  /// The largest of the first elements tells what to divide by, since no exponential overflows
  /// that is up to e^32 larger. A row that surprises by more, and one in which the largest
  /// exponential leaves the others so little that they would lose digits beside it, is walked again
  /// with its ``maximum(_:count:)`` known.
  ///
  /// - Edge cases: those of ``maximum(_:count:)`` and ``sumExp(_:count:largest:)``.
  @inlinable
  public static func exponentials<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    into out: UnsafeMutablePointer<S>?
  ) -> (top: S, sum: ExponentialSum<S>) {
    let blockSize = blockSize(of: S.self)
    let guess = S.maximum(row, count: Swift.min(64, count))
    let scale = S.scale(below: guess)
    var top = guess
    var lanes = SumLanes<S>()
    withUnsafeTemporaryAllocation(of: S.self, capacity: blockSize) { buffer in
      guard let spare = buffer.baseAddress else { return }
      var block = 0
      while block < count {
        let size = Swift.min(blockSize, count &- block)
        // Of this row or, as rows follow each other as a rule, of the next.
        Prefetch.read(row, at: block &+ 2 &* blockSize, count: size)
        let place = out.map { $0 + block } ?? spare
        let largest = S.exponentials(row + block, count: size, scale, into: place)
        top = S.select(largest > top, largest, top)
        lanes.add(count: size) { place[$0].asDouble }
        block &+= blockSize
      }
    }
    let own = S.exp(top, scale)
    var rest = lanes.total
    rest.add(-own.asDouble)
    // False as well for a NaN, which the sum has if the row has one, and for infinities.
    if top - guess <= 32, rest.value > 0x1p-20 * own.asDouble, rest.value < .infinity {
      return (top, ExponentialSum(largest: own, rest: rest))
    }
    let largest = maximum(row, count: count)
    guard let out else { return (largest.value, sumExp(row, count: count, largest: largest)) }
    return (largest.value, exponentials(row, count: count, largest: largest, into: out))
  }

  /// The sum of e^row[j] over 0 ..< count, for a row with this ``maximum(_:count:)``.
  ///
  /// - Edge cases: an element of -∞ adds 0. `rest` is NaN if another element than the largest is NaN
  ///   or ∞, or if the largest is -∞.
  @inlinable
  public static func sumExp<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    largest: (value: S, index: Int)
  ) -> ExponentialSum<S> {
    let blockSize = blockSize(of: S.self)
    return withUnsafeTemporaryAllocation(of: S.self, capacity: blockSize) { buffer in
      let scale = S.scale(below: largest.value)
      var lanes = SumLanes<S>()
      if let out = buffer.baseAddress {
        var block = 0
        while block < count {
          let size = Swift.min(blockSize, count &- block)
          exponentials(row + block, count: size, scale, into: out)
          add(out, count: size, skipping: largest.index &- block, to: &lanes)
          block &+= blockSize
        }
      }
      return ExponentialSum(largest: S.exp(largest.value, scale), rest: lanes.total)
    }
  }

  /// Writes e^row[j], all divided by the same number, and returns what
  /// ``sumExp(_:count:largest:)`` does.
  ///
  /// `out` may be the row itself, but this is slower; it must not overlap it otherwise.
  @inlinable
  public static func exponentials<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    largest: (value: S, index: Int),
    into out: UnsafeMutablePointer<S>
  ) -> ExponentialSum<S> {
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
    return ExponentialSum(largest: S.exp(largest.value, scale), rest: lanes.total)
  }

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

  /// Adds a block to the lanes, with 0 in the place of the element left out, so that the others
  /// keep their lanes and the loop has no branch.
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
