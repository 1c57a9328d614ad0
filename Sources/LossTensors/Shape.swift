/// The extents of a tensor, one per axis; the shape of a scalar has no axes.
public struct Shape: Hashable, Sendable {
  /// The extent of each axis, non-negative.
  public let extents: [Int]
  /// The number of elements: the product of the extents, 1 for a shape without axes.
  public let count: Int

  /// The shape of a scalar.
  public static let scalar = Shape(unchecked: [], count: 1)

  /// A shape from its extents.
  ///
  /// - Throws: `LossError` of code `shape_mismatch` if an extent is negative or the number of
  ///   elements overflows `Int`.
  public init(_ extents: [Int]) throws(LossError) {
    // An extent of zero counts as 1: the strides along the other axes must not overflow either.
    var span = 1
    for extent in extents {
      let (product, overflows) = span.multipliedReportingOverflow(by: max(1, extent))
      guard extent >= 0, !overflows else {
        throw LossError(
          .shapeMismatch, subject: "shape", found: "is \(extents)",
          expected: "non-negative extents whose product fits in an integer")
      }
      span = product
    }
    self.init(unchecked: extents, count: extents.contains(0) ? 0 : span)
  }

  /// A shape with one axis; a negative count becomes 0.
  public init(count: Int) {
    let count = Swift.max(0, count)
    self.init(unchecked: [count], count: count)
  }

  init(unchecked extents: [Int], count: Int) {
    self.extents = extents
    self.count = count
  }

  /// The number of axes.
  public var rank: Int { extents.count }

  /// The non-negative index of an axis; nil if there is no such axis.
  ///
  /// - Parameter axis: an index from 0 for the first axis, or a negative one from -1 for the last.
  public func position(ofAxis axis: Int) -> Int? {
    let (fromBack, overflows) = axis.addingReportingOverflow(rank)
    let position = axis < 0 ? fromBack : axis
    return !overflows && position >= 0 && position < rank ? position : nil
  }

  /// The shape without one axis; the same shape if there is no such axis.
  public func removing(axis: Int) -> Shape {
    var remaining = extents
    if let position = position(ofAxis: axis) { remaining.remove(at: position) }
    return Shape(trusted: remaining)
  }

  /// The shape with permuted axes: axis `i` of the result is axis `order[i]` of this shape.
  /// Nil unless `order` is a permutation of the axes.
  public func permuted(_ order: [Int]) -> Shape? {
    guard order.sorted() == Array(0..<rank) else { return nil }
    return Shape(trusted: order.map { extents[$0] })
  }

  /// A shape from extents whose product is known to fit in `Int`, such as those of a tensor.
  @usableFromInline package init(trusted extents: [Int]) {
    self.init(unchecked: extents, count: extents.reduce(1, &*))
  }

  /// The offset of each element from the first, in row-major order, for these strides; a stride of
  /// 0 repeats the elements along its axis.
  package func offsets(strides: [Int]) -> [Int] {
    var position = Array(repeating: 0, count: rank)
    var offset = 0
    var offsets: [Int] = []
    offsets.reserveCapacity(count)
    for _ in 0..<count {
      offsets.append(offset)
      for axis in extents.indices.reversed() {
        position[axis] += 1
        offset += strides[axis]
        if position[axis] < extents[axis] { break }
        offset -= strides[axis] * position[axis]
        position[axis] = 0
      }
    }
    return offsets
  }

  /// The row-major strides of the axes that satisfy a predicate, as if the others had extent 1; the
  /// strides of those others are 0.
  package func strides(where isIncluded: (Int) -> Bool) -> [Int] {
    var strides = Array(repeating: 0, count: rank)
    var stride = 1
    for axis in extents.indices.reversed() where isIncluded(axis) {
      strides[axis] = stride
      stride *= extents[axis]
    }
    return strides
  }
}

extension Shape {
  /// The multi-index of the element at a position in row-major order.
  package func index(at position: Int) -> [Int] {
    var remainder = position
    var index: [Int] = []
    for extent in extents.reversed() where extent > 0 {
      index.append(remainder % extent)
      remainder /= extent
    }
    return index.reversed()
  }
}

extension Shape: CustomStringConvertible {
  /// The extents in brackets: `[4, 5]`.
  public var description: String { extents.description }
}
