/// The extents of a tensor, one number an axis; a shape without axes belongs to a single number.
public struct Shape: Hashable, Sendable {
  /// The extent of each axis, none of them negative.
  public let extents: [Int]
  /// The number of elements: the product of the extents, 1 for a shape without axes.
  public let count: Int

  /// The shape of a single number.
  public static let scalar = Shape(unchecked: [], count: 1)

  /// A shape from its extents.
  ///
  /// - Throws: `LossError` of code `shape_mismatch` if an extent is negative or the number of
  ///   elements is beyond what an integer can count.
  public init(_ extents: [Int]) throws(LossError) {
    // Extents of zero do not make a shape small: the steps along its other axes must be countable.
    var span = 1
    for extent in extents {
      let (product, overflows) = span.multipliedReportingOverflow(by: max(1, extent))
      guard extent >= 0, !overflows else {
        throw LossError(
          .shapeMismatch, subject: "shape", found: "is \(extents)",
          expected: "extents of zero or more whose product can be counted")
      }
      span = product
    }
    self.init(unchecked: extents, count: extents.contains(0) ? 0 : span)
  }

  /// A shape with one axis; a negative count means none.
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

  /// The position of an axis counted from the front, or nil if there is no such axis.
  ///
  /// - Parameter axis: from the front (0 is the first) or, negative, from the back (-1 is the last).
  public func position(ofAxis axis: Int) -> Int? {
    let (fromBack, overflows) = axis.addingReportingOverflow(rank)
    let position = axis < 0 ? fromBack : axis
    return !overflows && position >= 0 && position < rank ? position : nil
  }

  /// The shape without one axis; the same shape if there is no such axis.
  public func removing(axis: Int) -> Shape {
    var rest = extents
    if let position = position(ofAxis: axis) { rest.remove(at: position) }
    return Shape(trusted: rest)
  }

  /// The shape with its axes in another order: axis `i` of the result is axis `order[i]` of this.
  /// Nil unless `order` names every axis once.
  public func permuted(_ order: [Int]) -> Shape? {
    guard order.sorted() == Array(0..<rank) else { return nil }
    return Shape(trusted: order.map { extents[$0] })
  }

  /// A shape from extents that are known to be countable: those of a tensor that exists, or fewer.
  @usableFromInline package init(trusted extents: [Int]) {
    self.init(unchecked: extents, count: extents.reduce(1, &*))
  }

  /// For each element in row-major order, how far it lies from the first if a step along each axis
  /// moves by `steps`: 0 for an axis along which the same element is meant.
  package func offsets(steps: [Int]) -> [Int] {
    var position = Array(repeating: 0, count: rank)
    var offset = 0
    var offsets: [Int] = []
    offsets.reserveCapacity(count)
    for _ in 0..<count {
      offsets.append(offset)
      for axis in extents.indices.reversed() {
        position[axis] += 1
        offset += steps[axis]
        if position[axis] < extents[axis] { break }
        offset -= steps[axis] * position[axis]
        position[axis] = 0
      }
    }
    return offsets
  }

  /// How far apart neighbours along each axis lie in row-major order, where `isStep` says so; 0 for
  /// the other axes, which are taken to have one element.
  package func steps(where isStep: (Int) -> Bool) -> [Int] {
    var steps = Array(repeating: 0, count: rank)
    var step = 1
    for axis in extents.indices.reversed() where isStep(axis) {
      steps[axis] = step
      step *= extents[axis]
    }
    return steps
  }
}

extension Shape: CustomStringConvertible {
  /// The extents in brackets: `[4, 5]`.
  public var description: String { extents.description }
}
