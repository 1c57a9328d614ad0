/// The memory layout of the regions.
///
/// A position has one element per class. Positions are numbered in memory order, and those of one
/// sample are consecutive. They form segments, one per sample or a single one, and each segment has
/// one region, or one per class.
public struct RegionLayout: Sendable {
  /// The number of segments.
  public let segments: Int
  /// The number of positions of a segment.
  public let positions: Int
  /// The number of elements of a position: the classes, or 1 if classes need not be distinguished.
  public let classes: Int
  /// The number of adjacent positions before the next class, which is the stride of the class axis.
  public let inner: Int
  /// Whether each class is a region of its own.
  @usableFromInline let isPerClass: Bool

  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  init<S: LossScalar>(_ region: RegionScope, _ context: KernelContext<S>, needsClasses: Bool) {
    let rows = context.rows
    isPerClass = region.isPerClass
    segments = region == .sample || region == .sampleAndClass ? context.extent("sample") : 1
    // After a leading class axis, the elements of a sample are contiguous only within each class.
    let areContiguous = segments == 1 || context.classAxis != 0
    if needsClasses || isPerClass || !areContiguous {
      (classes, inner) = (rows.length, rows.inner)
      positions = rows.outer * rows.inner / max(1, segments)
    } else {
      classes = 1
      positions = rows.outer * rows.length * rows.inner / max(1, segments)
      inner = segments * positions
    }
  }

  /// The number of regions of a segment.
  @inlinable var regions: Int { isPerClass ? classes : 1 }
  /// The stride between the elements of one class at adjacent positions.
  @inlinable public var step: Int { inner == 1 ? classes : 1 }
  /// The number of positions of all segments.
  @inlinable public var allPositions: Int { segments * positions }
  /// The number of elements of a segment.
  @inlinable var elements: Int { positions * classes }

  /// The number of positions of a chunk: whole blocks.
  @inlinable
  func positionsInChunk(block: Int) -> Int {
    max(1, Blocks.elementsInChunk / max(1, classes) / block) * block
  }

  /// The region of an element, for a layout that distinguishes classes.
  @inlinable
  func region(of element: Int) -> Int {
    let position = element / (classes * inner) * inner + element % inner
    let segment = position / max(1, positions)
    return segment * regions + (isPerClass ? element / inner % classes : 0)
  }

  /// Calls a function for chunks of the positions of all segments, partitioned by index only, from
  /// several threads, with scratch rows as long as a run.
  @inlinable
  public func forEachChunk<S: LossScalar>(
    _ context: KernelContext<S>, _ body: (Range<Int>, FourRows<S>) -> Void
  ) {
    let size = positionsInChunk(block: RegionRun.length(S.self))
    context.parallelForEach((allPositions + size - 1) / size) { chunk in
      FourRows<S>.with(length: RegionRun.length(S.self)) { rows in
        body(chunk * size..<min(allPositions, (chunk + 1) * size), rows)
      }
    }
  }

  /// Calls a function for each run of positions in a range, at most as long as a block.
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

  /// Calls a function for each run of the positions of a segment, as long as possible.
  @inlinable @inline(__always)
  public func forEachRun(segment: Int, _ body: (RegionRun) -> Void) {
    let first = segment * positions
    forEachRun(first..<first + positions, block: max(1, positions), body)
  }

  /// The elements of one class, gathered into a row unless they are contiguous.
  @inlinable @inline(__always)
  func column<S: LossScalar>(
    of elements: UnsafePointer<S>, _ run: RegionRun, _ j: Int, _ row: UnsafeMutablePointer<S>
  ) -> UnsafePointer<S> {
    let start = elements + (run.start + j * inner)
    guard step > 1 else { return start }
    for i in 0..<run.count { row[i] = start[i * step] }
    return UnsafePointer(row)
  }

  /// Prefetches the elements of one class in the next run: with many class planes, the hardware
  /// prefetcher does not predict which one is read next.
  @inlinable @inline(__always)
  func prefetchNext<S: LossScalar>(_ elements: UnsafePointer<S>, _ run: RegionRun, _ j: Int) {
    guard step == 1 else { return }
    Prefetch.read(elements, at: run.start + j * inner + run.count, count: run.count)
  }

  /// Checks the class indices, except at positions all of whose elements are masked or belong to
  /// removed terms.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func checkClasses<S: LossScalar>(_ context: KernelContext<S>) throws(LossError) {
    guard let indices = context.integers(1), let shape = context.inputs[1]?.shape,
      let leading = context.inputs[0]?.shape
    else { return }
    for position in 0..<shape.count where indices[position] < 0 || indices[position] >= classes {
      let start = (position - position % inner) * classes + position % inner
      let isRead = (0..<classes).contains { j in
        let element = start + j * inner
        return context.elementMask.map { $0[element] } ?? true
          && !context.isRemoved(region(of: element))
      }
      if isRead {
        throw context.signature.invalidClass(
          indices[position], of: 1, at: position, shape, below: classes, axisOf: 0, leading)
      }
    }
  }
}

extension KernelContext {
  /// The memory layout of the regions, for a loss that iterates over them itself.
  ///
  /// - Throws: `LossError` of code `invalid_class` for a class index that is out of range, except
  ///   at positions all of whose elements are masked or belong to removed terms.
  public func layout(of region: RegionScope) throws(LossError) -> RegionLayout {
    let layout = RegionLayout(region, copy self, needsClasses: true)
    try layout.checkClasses(self)
    return layout
  }
}

/// Consecutive positions whose elements of one class have a constant stride in memory.
public struct RegionRun {
  /// The first position.
  public let position: Int
  /// The index of the element of class 0 at the first position.
  public let start: Int
  /// The number of positions.
  public let count: Int

  @inlinable
  init(position: Int, start: Int, count: Int) {
    self.position = position
    self.start = start
    self.count = count
  }

  /// The maximum length of a run: as many positions as fit into a scratch row on the stack.
  @inlinable
  public static func length<S: LossScalar>(_ type: S.Type) -> Int { Blocks.elementsInBlock(type) }
}
