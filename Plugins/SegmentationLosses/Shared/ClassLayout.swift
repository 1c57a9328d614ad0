import LossCore

/// How the classes of the positions of some segments lie in memory.
///
/// A position is a place that has an element of each class. Positions are numbered in order and those
/// of a segment are neighbours, wherever the class axis lies.
struct ClassLayout {
  /// How many segments there are, and how many positions each of them has.
  let segments: Int
  let positions: Int
  let classes: Int
  /// How many positions lie side by side before the next class begins.
  let inner: Int

  init(_ pass: LossPass<some LossScalar>, segments: Int) {
    self.segments = segments
    classes = pass.rows.length
    inner = pass.rows.inner
    positions = pass.rows.outer * pass.rows.inner / max(1, segments)
  }

  /// How many positions all segments have.
  var allPositions: Int { segments * positions }
  /// How many elements all segments have.
  var elements: Int { allPositions * classes }

  /// Where an element lies in the prediction, by its segment, its class and its position there.
  @inline(__always)
  func element(segment: Int, class j: Int, position: Int) -> Int {
    let q = segment * positions + position
    return q / inner * inner * classes + j * inner + q % inner
  }

  /// Calls a function for runs of positions, cut by index alone, from several threads.
  func forEachRun(_ pass: LossPass<some LossScalar>, _ body: (ClassRun) -> Void) {
    let length = ClassRun.length
    let inPiece = max(1, (1 << 14) / max(1, classes) / length) * length
    pass.forEachPiece((allPositions + inPiece - 1) / inPiece) { piece in
      forEachRun(piece * inPiece..<min(allPositions, (piece + 1) * inPiece), of: length, body)
    }
  }

  /// Calls a function for runs of the positions of a segment, as long as they can be.
  func forEachRun(segment: Int, _ body: (ClassRun) -> Void) {
    forEachRun(segment * positions..<(segment + 1) * positions, of: max(1, positions), body)
  }

  private func forEachRun(_ range: Range<Int>, of length: Int, _ body: (ClassRun) -> Void) {
    var position = range.lowerBound
    while position < range.upperBound {
      let offset = position % inner
      let count = min(
        length, range.upperBound - position, inner == 1 ? length : inner - offset)
      body(
        ClassRun(
          position: position, count: count, element: (position - offset) * classes + offset,
          step: inner == 1 ? classes : 1))
      position += count
    }
  }
}

/// Some positions whose elements of one class have equal steps between them.
struct ClassRun {
  let position: Int
  let count: Int
  /// The element of the first class at the first position.
  let element: Int
  /// How far apart neighbours are.
  let step: Int

  /// How many positions are worked on at once.
  static var length: Int { 256 }

  /// Gives room for four numbers a position, each kind in a row of its own: one of `Float` fits on the
  /// stack.
  @inline(__always)
  func withRows<S: LossScalar>(
    of type: S.Type,
    _ body: (
      UnsafeMutablePointer<S>, UnsafeMutablePointer<S>, UnsafeMutablePointer<S>,
      UnsafeMutablePointer<S>
    ) -> Void
  ) {
    withRow(of: type) { first in
      withRow(of: type) { second in
        withRow(of: type) { third in
          withRow(of: type) { fourth in body(first, second, third, fourth) }
        }
      }
    }
  }

  @inline(__always)
  private func withRow<S: LossScalar>(
    of type: S.Type, _ body: (UnsafeMutablePointer<S>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: type, capacity: count) { row in
      if let row = row.baseAddress { body(row) }
    }
  }
}
