/// The extents that the axes of a signature have in one call.
///
/// Nothing here allocates while shapes fit: the extents of `...` are read from the leading shape.
@usableFromInline struct AxisBinding {
  /// The name of the axis that a caller may put anywhere.
  let classAxisName: String?
  /// The position of that axis in the inputs that have it.
  @usableFromInline private(set) var classAxis: Int?
  private var names: Slots<String> = Slots()
  private var extents = SIMD8<Int>(repeating: -1)
  private var restShape: Shape?
  private var restStart = 0
  private var restEnd = 0
  private var restSkipsClassAxis = false

  @usableFromInline init(classAxisName: String?) { self.classAxisName = classAxisName }

  /// Why a shape does not fit a pattern.
  enum Misfit: Error {
    case rank
    case extent
    case noSuchClassAxis
  }

  /// Fits a shape to a pattern and remembers what the pattern's names stand for.
  mutating func bind(_ shape: Shape, to pattern: AxisPattern, classAxis given: Int) throws(Misfit) {
    let axes = pattern.axes
    let hasRest = pattern.hasRest
    guard hasRest ? shape.rank >= pattern.minimumRank : shape.rank == pattern.minimumRank else {
      throw .rank
    }
    var moved: Int?
    if let name = classAxisName, pattern.contains(name) {
      guard let position = shape.position(ofAxis: given) else { throw .noSuchClassAxis }
      moved = position
      if classAxis == nil { classAxis = position }
    }
    var next = 0
    for axis in axes {
      switch axis {
      case .rest:
        let count = shape.rank - pattern.minimumRank
        try bindRest(shape, from: next, to: next + count, skipping: moved)
        next += count
      case .exactly(let extent):
        guard AxisBinding.extent(shape, next, moved) == extent else { throw .extent }
        next += 1
      case .named(let name):
        try bind(name, AxisBinding.extent(shape, next, moved))
        next += 1
      }
    }
  }

  private mutating func bind(_ name: String, _ extent: Int) throws(Misfit) {
    for index in 0..<Slots<String>.capacity {
      guard let known = names[index] else {
        names[index] = name
        extents[index] = extent
        return
      }
      if known == name {
        guard extents[index] == extent else { throw .extent }
        return
      }
    }
  }

  private mutating func bindRest(
    _ shape: Shape, from start: Int, to end: Int, skipping moved: Int?
  ) throws(Misfit) {
    guard let known = restShape else {
      restShape = shape
      restStart = start
      restEnd = end
      restSkipsClassAxis = moved != nil
      return
    }
    guard end - start == restEnd - restStart else { throw .rank }
    let knownMoved = restSkipsClassAxis ? classAxis : nil
    for offset in 0..<(end - start)
    where AxisBinding.extent(shape, start + offset, moved)
      != AxisBinding.extent(known, restStart + offset, knownMoved)
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

  /// The extent of a named axis, or nil if no input had it.
  @usableFromInline func extent(_ name: String) -> Int? {
    for index in 0..<Slots<String>.capacity where names[index] == name { return extents[index] }
    return nil
  }

  /// The number of elements that `...` stands for.
  @usableFromInline var restCount: Int {
    guard let restShape else { return 1 }
    let moved = restSkipsClassAxis ? classAxis : nil
    var count = 1
    for position in restStart..<restEnd {
      count &*= AxisBinding.extent(restShape, position, moved)
    }
    return count
  }

  /// The extents that a pattern has with what is bound so far, with the class axis where it was
  /// given; a name that nothing has bound yet is left out as nil.
  func extents(of pattern: AxisPattern) -> [Int?] {
    var result: [Int?] = []
    for axis in pattern.axes {
      switch axis {
      case .exactly(let extent): result.append(extent)
      case .named(let name): result.append(extent(name))
      case .rest:
        let moved = restSkipsClassAxis ? classAxis : nil
        guard let restShape else { continue }
        for position in restStart..<restEnd {
          result.append(AxisBinding.extent(restShape, position, moved))
        }
      }
    }
    if let classAxisName, pattern.contains(classAxisName), let classAxis,
      classAxis < result.count, let last = result.popLast()
    {
      result.insert(last, at: classAxis)
    }
    return result
  }

  /// The number of elements of a pattern all of whose names are bound.
  @usableFromInline func count(of pattern: AxisPattern) -> Int {
    var count = 1
    for axis in pattern.axes {
      switch axis {
      case .exactly(let extent): count &*= extent
      case .named(let name): count &*= extent(name) ?? 1
      case .rest: count &*= restCount
      }
    }
    return count
  }

  /// The shape of a pattern all of whose names are bound.
  @usableFromInline func shape(of pattern: AxisPattern) -> Shape {
    Shape(trusted: extents(of: pattern).map { $0 ?? 1 })
  }

  /// The product of the extents before, at and after the class axis in the leading input.
  @usableFromInline func rows(of leading: Shape) -> (outer: Int, length: Int, inner: Int) {
    guard let axis = classAxis, axis < leading.rank else { return (1, leading.count, 1) }
    var outer = 1
    var inner = 1
    for position in 0..<axis { outer &*= leading.extents[position] }
    for position in (axis + 1)..<leading.rank { inner &*= leading.extents[position] }
    return (outer, leading.extents[axis], inner)
  }
}
