/// The extents that the axes of a signature have in one call.
///
/// Nothing here allocates while shapes fit: the extents of `...` are read from the leading shape.
@usableFromInline struct AxisBinding {
  /// Whether the signature has an axis that a caller may put anywhere; its code is 0.
  let hasClassAxis: Bool
  /// The position of that axis in the inputs that have it.
  @usableFromInline private(set) var classAxis: Int?
  /// The extents of the named axes by code, -1 for one that is not bound yet.
  private var extents = SIMD8<Int>(repeating: -1)
  private var ellipsisShape: Shape?
  private var ellipsisStart = 0
  private var ellipsisEnd = 0
  private var ellipsisSkipsClassAxis = false

  @usableFromInline init(_ signature: LossSignature) {
    hasClassAxis = signature.classAxis != nil
  }

  /// Why a shape does not fit a pattern.
  enum AxisMismatch: Error {
    case rank
    case extent
    case noSuchClassAxis
  }

  /// Fits a shape to a pattern and remembers what the pattern's names stand for; forgets all of a
  /// shape that does not fit.
  mutating func bind(_ shape: Shape, to pattern: AxisCodes, classAxis given: Int)
    throws(AxisMismatch)
  {
    let (knownExtents, knownAxis, knewRest) = (extents, classAxis, ellipsisShape != nil)
    do throws(AxisMismatch) {
      try bindAxes(of: shape, to: pattern, classAxis: given)
    } catch {
      (extents, classAxis) = (knownExtents, knownAxis)
      if !knewRest { ellipsisShape = nil }
      throw error
    }
  }

  private mutating func bindAxes(
    of shape: Shape, to pattern: AxisCodes, classAxis given: Int
  ) throws(AxisMismatch) {
    let free = shape.rank - pattern.minimumRank
    guard pattern.hasRest ? free >= 0 : free == 0 else { throw .rank }
    var moved: Int?
    if hasClassAxis, pattern.codes.contains(0) {
      guard let position = shape.position(ofAxis: given) else { throw .noSuchClassAxis }
      moved = position
      if classAxis == nil { classAxis = position }
    }
    var next = 0
    for code in pattern.codes {
      if code == AxisCodes.ellipsis {
        try bindRest(shape, from: next, to: next + free, skipping: moved)
        next += free
      } else {
        let extent = AxisBinding.extent(shape, next, moved)
        if code < 0 {
          guard extent == -2 - code else { throw .extent }
        } else {
          try bind(code, to: extent)
        }
        next += 1
      }
    }
  }

  private mutating func bind(_ code: Int, to extent: Int) throws(AxisMismatch) {
    let name = AxisCodes.name(code)
    guard name < extents.scalarCount else { throw .rank }
    let own = extent - AxisCodes.surplus(code)
    guard own >= 0, extents[name] < 0 || extents[name] == own else { throw .extent }
    extents[name] = own
  }

  private mutating func bindRest(
    _ shape: Shape, from start: Int, to end: Int, skipping moved: Int?
  ) throws(AxisMismatch) {
    guard let known = ellipsisShape else {
      ellipsisShape = shape
      ellipsisStart = start
      ellipsisEnd = end
      ellipsisSkipsClassAxis = moved != nil
      return
    }
    guard end - start == ellipsisEnd - ellipsisStart else { throw .rank }
    let knownMoved = ellipsisSkipsClassAxis ? classAxis : nil
    for offset in 0..<(end - start)
    where AxisBinding.extent(shape, start + offset, moved)
      != AxisBinding.extent(known, ellipsisStart + offset, knownMoved)
    {
      throw .extent
    }
  }

  /// The extent at a position counted as if the class axis stood last.
  private static func extent(_ shape: Shape, _ position: Int, _ moved: Int?) -> Int {
    guard let moved else { return shape.extents[position] }
    if position == shape.rank - 1 { return shape.extents[moved] }
    return shape.extents[position < moved ? position : position + 1]
  }

  /// The extent of a named axis, or of a longer one, or nil if no input had it.
  func extent(code: Int) -> Int? {
    let name = AxisCodes.name(code)
    guard name < extents.scalarCount, extents[name] >= 0 else { return nil }
    return extents[name] &+ AxisCodes.surplus(code)
  }

  /// The extents that a pattern has with what is bound so far, with the class axis where it was
  /// given; nil for a name that nothing has bound yet.
  func extents(of pattern: AxisCodes) -> [Int?] {
    var result: [Int?] = []
    for code in pattern.codes {
      if code == AxisCodes.ellipsis {
        guard let ellipsisShape else { continue }
        let moved = ellipsisSkipsClassAxis ? classAxis : nil
        for position in ellipsisStart..<ellipsisEnd {
          result.append(AxisBinding.extent(ellipsisShape, position, moved))
        }
      } else {
        result.append(code < 0 ? -2 - code : extent(code: code))
      }
    }
    if hasClassAxis, pattern.hasRest, pattern.codes.contains(0), let classAxis,
      classAxis < result.count,
      let last = result.popLast()
    {
      result.insert(last, at: classAxis)
    }
    return result
  }

  /// The first of the extents of a pattern all of whose names are bound, without an array for the
  /// others; nil if it has no axes.
  func firstExtent(of pattern: AxisCodes) -> Int? {
    if hasClassAxis, pattern.hasRest, pattern.codes.contains(0), classAxis == 0 {
      return extent(code: 0)
    }
    for code in pattern.codes {
      guard code == AxisCodes.ellipsis else {
        return code < 0 ? -2 - code : extent(code: code) ?? 1
      }
      guard let ellipsisShape, ellipsisStart < ellipsisEnd else { continue }
      return AxisBinding.extent(
        ellipsisShape, ellipsisStart, ellipsisSkipsClassAxis ? classAxis : nil)
    }
    return nil
  }

  /// The number of elements of a pattern all of whose names are bound.
  @usableFromInline func count(of pattern: AxisCodes) -> Int {
    var count = 1
    for code in pattern.codes {
      if code == AxisCodes.ellipsis {
        guard let ellipsisShape else { continue }
        let moved = ellipsisSkipsClassAxis ? classAxis : nil
        for position in ellipsisStart..<ellipsisEnd {
          count &*= AxisBinding.extent(ellipsisShape, position, moved)
        }
      } else {
        count &*= code < 0 ? -2 - code : extent(code: code) ?? 1
      }
    }
    return count
  }

  /// The shape of a pattern all of whose names are bound.
  @usableFromInline func shape(of pattern: AxisCodes) -> Shape {
    Shape(trusted: extents(of: pattern).map { $0 ?? 1 })
  }

  /// The product of the extents before, at and after the class axis in the leading input.
  @usableFromInline func rows(of leading: Shape) -> RowExtents {
    guard let axis = classAxis, axis < leading.rank else {
      return RowExtents(outer: 1, length: leading.count, inner: 1)
    }
    var outer = 1
    var inner = 1
    for position in 0..<axis { outer &*= leading.extents[position] }
    for position in (axis + 1)..<leading.rank { inner &*= leading.extents[position] }
    return RowExtents(outer: outer, length: leading.extents[axis], inner: inner)
  }
}

/// How the rows along the class axis lie in memory.
public struct RowExtents: Sendable {
  /// The product of the extents before the class axis.
  public let outer: Int
  /// The extent of the class axis.
  public let length: Int
  /// The product of the extents after the class axis: how far apart the elements of a row lie.
  public let inner: Int

  @usableFromInline
  init(outer: Int, length: Int, inner: Int) {
    self.outer = outer
    self.length = length
    self.inner = inner
  }
}
