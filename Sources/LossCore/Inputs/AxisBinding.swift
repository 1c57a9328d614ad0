/// The extents of the axes of a signature in one request.
///
/// Binding does not allocate while the shapes match: the extents of `...` are read from the first
/// shape that has them.
@usableFromInline struct AxisBinding {
  /// Whether the signature has a class axis, which callers can put at any index; its code is 0.
  let hasClassAxis: Bool
  /// The index of the class axis in the inputs that have it.
  @usableFromInline private(set) var classAxis: Int?
  /// The extents of the named axes by code; -1 for an axis that is not bound yet.
  private var extents = SIMD8<Int>(repeating: -1)
  private var ellipsisShape: Shape?
  private var ellipsisStart = 0
  private var ellipsisEnd = 0
  private var ellipsisSkipsClassAxis = false

  @usableFromInline init(_ signature: LossSignature) {
    hasClassAxis = signature.classAxis != nil
  }

  /// The reason why a shape does not match a pattern.
  enum AxisMismatch: Error {
    case rank
    case extent
    case noSuchClassAxis
  }

  /// Matches a shape against a pattern and binds the names of the pattern; a mismatch leaves the
  /// bindings as they were.
  mutating func bind(_ shape: Shape, to pattern: AxisCodes, classAxis requestedAxis: Int)
    throws(AxisMismatch)
  {
    let (knownExtents, knownAxis, knewEllipsis) = (extents, classAxis, ellipsisShape != nil)
    do throws(AxisMismatch) {
      try bindAxes(of: shape, to: pattern, classAxis: requestedAxis)
    } catch {
      (extents, classAxis) = (knownExtents, knownAxis)
      if !knewEllipsis { ellipsisShape = nil }
      throw error
    }
  }

  private mutating func bindAxes(
    of shape: Shape, to pattern: AxisCodes, classAxis requestedAxis: Int
  ) throws(AxisMismatch) {
    let free = shape.rank - pattern.minimumRank
    guard pattern.hasEllipsis ? free >= 0 : free == 0 else { throw .rank }
    var skippedAxis: Int?
    if hasClassAxis, pattern.codes.contains(0) {
      guard let position = shape.position(ofAxis: requestedAxis) else {
        // An earlier input has the axis, so that the shape is wrong and not the axis.
        throw classAxis == nil ? .noSuchClassAxis : .rank
      }
      skippedAxis = position
      if classAxis == nil { classAxis = position }
    }
    var next = 0
    for code in pattern.codes {
      if code == AxisCodes.ellipsis {
        try bindEllipsis(shape, from: next, to: next + free, skipping: skippedAxis)
        next += free
      } else {
        let extent = AxisBinding.extent(shape, next, skippedAxis)
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
    let namedExtent = extent - AxisCodes.surplus(code)
    guard namedExtent >= 0, extents[name] < 0 || extents[name] == namedExtent else {
      throw .extent
    }
    extents[name] = namedExtent
  }

  private mutating func bindEllipsis(
    _ shape: Shape, from start: Int, to end: Int, skipping skippedAxis: Int?
  ) throws(AxisMismatch) {
    guard let known = ellipsisShape else {
      ellipsisShape = shape
      ellipsisStart = start
      ellipsisEnd = end
      ellipsisSkipsClassAxis = skippedAxis != nil
      return
    }
    guard end - start == ellipsisEnd - ellipsisStart else { throw .rank }
    let knownSkippedAxis = ellipsisSkipsClassAxis ? classAxis : nil
    for offset in 0..<(end - start)
    where AxisBinding.extent(shape, start + offset, skippedAxis)
      != AxisBinding.extent(known, ellipsisStart + offset, knownSkippedAxis)
    {
      throw .extent
    }
  }

  /// The extent at an index that counts the class axis as the last.
  private static func extent(_ shape: Shape, _ position: Int, _ skippedAxis: Int?) -> Int {
    guard let skippedAxis else { return shape.extents[position] }
    if position == shape.rank - 1 { return shape.extents[skippedAxis] }
    return shape.extents[position < skippedAxis ? position : position + 1]
  }

  /// The extent of a named axis, or of one that is longer by a surplus; nil if it is not bound.
  func extent(code: Int) -> Int? {
    let name = AxisCodes.name(code)
    guard name < extents.scalarCount, extents[name] >= 0 else { return nil }
    return extents[name] &+ AxisCodes.surplus(code)
  }

  /// The extents of a pattern, with the class axis at its index in the inputs; nil for a name that
  /// is not bound yet.
  func extents(of pattern: AxisCodes) -> [Int?] {
    var result: [Int?] = []
    for code in pattern.codes {
      if code == AxisCodes.ellipsis {
        guard let ellipsisShape else { continue }
        let skippedAxis = ellipsisSkipsClassAxis ? classAxis : nil
        for position in ellipsisStart..<ellipsisEnd {
          result.append(AxisBinding.extent(ellipsisShape, position, skippedAxis))
        }
      } else {
        result.append(code < 0 ? -2 - code : extent(code: code))
      }
    }
    if hasClassAxis, pattern.hasEllipsis, pattern.codes.contains(0), let classAxis,
      classAxis < result.count,
      let last = result.popLast()
    {
      result.insert(last, at: classAxis)
    }
    return result
  }

  /// Whether the extents of `...` are bound.
  var hasEllipsis: Bool { ellipsisShape != nil }

  /// Whether every axis of a pattern is bound.
  func isBound(_ pattern: AxisCodes) -> Bool {
    pattern.codes.allSatisfy { code in
      code == AxisCodes.ellipsis ? hasEllipsis : code < 0 || extent(code: code) != nil
    }
  }

  /// The first extent of a pattern whose names are all bound, without allocating; nil if the
  /// pattern has no axes.
  func firstExtent(of pattern: AxisCodes) -> Int? {
    if hasClassAxis, pattern.hasEllipsis, pattern.codes.contains(0), classAxis == 0 {
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

  /// The number of elements of a pattern whose names are all bound.
  @usableFromInline func count(of pattern: AxisCodes) -> Int {
    var count = 1
    for code in pattern.codes {
      if code == AxisCodes.ellipsis {
        guard let ellipsisShape else { continue }
        let skippedAxis = ellipsisSkipsClassAxis ? classAxis : nil
        for position in ellipsisStart..<ellipsisEnd {
          count &*= AxisBinding.extent(ellipsisShape, position, skippedAxis)
        }
      } else {
        count &*= code < 0 ? -2 - code : extent(code: code) ?? 1
      }
    }
    return count
  }

  /// The shape of a pattern whose names are all bound.
  @usableFromInline func shape(of pattern: AxisCodes) -> Shape {
    Shape(trusted: extents(of: pattern).map { $0 ?? 1 })
  }

  /// The memory layout of the rows along the class axis of the leading input.
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

/// The memory layout of the rows along the class axis.
public struct RowExtents: Sendable {
  /// The product of the extents before the class axis.
  public let outer: Int
  /// The extent of the class axis.
  public let length: Int
  /// The product of the extents after the class axis, which is the stride within a row.
  public let inner: Int

  @usableFromInline
  init(outer: Int, length: Int, inner: Int) {
    self.outer = outer
    self.length = length
    self.inner = inner
  }
}
