/// How the elements of the regions lie in memory.
///
/// A position is a place that has one element of each class. Positions are numbered in order; those
/// of one sample are neighbours. So the regions are segments of positions, one for each sample or
/// one of all, and in a segment one region, or one for each class.
public struct RegionLayout: Sendable {
  /// How many segments there are.
  public let segments: Int
  /// How many positions a segment has.
  public let positions: Int
  /// How many elements a position has: the classes, or 1 where nothing needs to know them.
  public let classes: Int
  /// How many positions lie side by side before the next class begins, and so how far apart the
  /// classes of a position are.
  public let inner: Int
  /// Whether each class is a region of its own.
  @usableFromInline let tellsClasses: Bool

  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  init<S: LossScalar>(_ region: RegionScope, _ pass: KernelContext<S>, needsClasses: Bool) {
    let rows = pass.rows
    tellsClasses = region.tellsClasses
    segments = region == .sample || region == .sampleAndClass ? pass.extent("sample") : 1
    // Behind the class axis, the elements of a sample are neighbours class by class only.
    let areNeighbours = segments == 1 || pass.classAxis != 0
    if needsClasses || tellsClasses || !areNeighbours {
      (classes, inner) = (rows.length, rows.inner)
      positions = rows.outer * rows.inner / max(1, segments)
    } else {
      classes = 1
      positions = rows.outer * rows.length * rows.inner / max(1, segments)
      inner = segments * positions
    }
  }

  /// How many regions a segment has.
  @inlinable var regions: Int { tellsClasses ? classes : 1 }
  /// How far apart the elements of one class are at neighbouring positions.
  @inlinable public var step: Int { inner == 1 ? classes : 1 }
  /// How many positions all segments have.
  @inlinable public var allPositions: Int { segments * positions }
  /// How many elements a segment has.
  @inlinable var elements: Int { positions * classes }

  /// How many positions are one thread's piece of work: as many blocks as fit, by index alone.
  @inlinable
  func positionsInChunk(block: Int) -> Int {
    max(1, Blocks.elementsInChunk / max(1, classes) / block) * block
  }

  /// The region in which an element of a layout with classes lies.
  @inlinable
  func region(of element: Int) -> Int {
    let position = element / (classes * inner) * inner + element % inner
    let segment = position / max(1, positions)
    return segment * regions + (tellsClasses ? element / inner % classes : 0)
  }

  /// Calls a function for ranges of the positions of all segments, cut by index alone, from several
  /// threads, with rows to work in that are as long as a run.
  @inlinable
  public func forEachChunk<S: LossScalar>(
    _ pass: KernelContext<S>, _ body: (Range<Int>, FourRows<S>) -> Void
  ) {
    let size = positionsInChunk(block: RegionRun.length(S.self))
    pass.parallelForEach((allPositions + size - 1) / size) { chunk in
      FourRows<S>.with(length: RegionRun.length(S.self)) { rows in
        body(chunk * size..<min(allPositions, (chunk + 1) * size), rows)
      }
    }
  }

  /// Calls a function for each run of positions in a range, of a block's length at most.
  @inlinable @inline(__always)
  public func forEachRun(_ range: Range<Int>, block: Int, _ body: (RegionRun) -> Void) {
    var position = range.lowerBound
    while position < range.upperBound {
      let offset = position % inner
      var count = min(block, range.upperBound - position)
      if inner > 1 { count = min(count, inner - offset) }
      body(
        RegionRun(
          position: position, start: (position - offset) * classes + offset, count: count))
      position += count
    }
  }

  /// Calls a function for each run of the positions of a segment, as long as it can be.
  @inlinable @inline(__always)
  public func forEachRun(segment: Int, _ body: (RegionRun) -> Void) {
    let first = segment * positions
    forEachRun(first..<first + positions, block: max(1, positions), body)
  }

  /// The elements of one class, brought together in a row unless they lie side by side.
  @inlinable @inline(__always)
  func column<S: LossScalar>(
    of elements: UnsafePointer<S>, _ run: RegionRun, _ j: Int, _ row: UnsafeMutablePointer<S>
  ) -> UnsafePointer<S> {
    let start = elements + (run.start + j * inner)
    guard step > 1 else { return start }
    for i in 0..<run.count { row[i] = start[i * step] }
    return UnsafePointer(row)
  }

  /// Asks for the elements of one class in the run after this one, before they are needed: of
  /// planes side by side the processor does not foresee which is next.
  @inlinable @inline(__always)
  func askForNext<S: LossScalar>(_ elements: UnsafePointer<S>, _ run: RegionRun, _ j: Int) {
    guard step == 1 else { return }
    Prefetch.read(elements, at: run.start + j * inner + run.count, count: run.count)
  }

  /// Refuses a class index outside the classes, unless neither the mask nor the removed terms leave
  /// an element of which it is the class.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func checkClasses<S: LossScalar>(_ pass: KernelContext<S>) throws(LossError) {
    guard let indices = pass.integers(1), let shape = pass.inputs[1]?.shape,
      let leading = pass.inputs[0]?.shape
    else { return }
    for place in 0..<shape.count where indices[place] < 0 || indices[place] >= classes {
      let start = (place - place % inner) * classes + place % inner
      let isRead = (0..<classes).contains { j in
        let element = start + j * inner
        return pass.elementMask.map { $0[element] } ?? true && !pass.isRemoved(region(of: element))
      }
      if isRead {
        throw pass.signature.invalidClass(
          indices[place], of: 1, at: place, shape, below: classes, axisOf: 0, leading)
      }
    }
  }
}

extension KernelContext {
  /// How the classes of the regions lie in memory, for a loss that walks them by itself.
  ///
  /// - Throws: `LossError` for a class index outside the classes, unless neither the mask nor the
  ///   removed terms leave an element of which it is the class.
  public func layout(of region: RegionScope) throws(LossError) -> RegionLayout {
    let layout = RegionLayout(region, copy self, needsClasses: true)
    try layout.checkClasses(self)
    return layout
  }
}

/// Some positions, one after the other in memory but for the elements of other classes.
public struct RegionRun {
  /// The first position.
  public let position: Int
  /// The first class's element of the first position.
  public let start: Int
  /// How many positions there are.
  public let count: Int

  @inlinable
  init(position: Int, start: Int, count: Int) {
    self.position = position
    self.start = start
    self.count = count
  }

  /// How many positions are worked on at once: as many as have a row of numbers on the stack.
  @inlinable
  public static func length<S: LossScalar>(_ type: S.Type) -> Int { Blocks.elementsInBlock(type) }
}
