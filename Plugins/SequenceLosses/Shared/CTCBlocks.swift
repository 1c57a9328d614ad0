/// The blocks of time steps whose forward rows are in memory together.
///
/// The gradient needs the forward rows from the last to the first. Where all of them take too much
/// memory, only the row before each block is kept, and the way back computes each block once more.
enum CTCBlocks {
  /// How many numbers the rows of a block may be where all rows are more: 384 KiB.
  private static var budget: Int { 3 << 14 }

  /// How many time steps a block has: all, or as many as the budget has room for, but no fewer than
  /// the square root, so that rows before blocks do not outnumber them.
  static func length(time: Int, width: Int) -> Int {
    max(2, min(time, max(budget / 4 / width, squareRoot(time))))
  }

  /// Room for the rows of a block and before each block, also for a shorter time and fewer labels.
  static func rowsAtMost(time: Int, width: Int) -> Int {
    let before = squareRoot(time) + 2
    return max(2, min(time, max(budget / 4 / max(1, width) + 1, before) + before))
  }

  private static func squareRoot(_ time: Int) -> Int {
    Int(Double(time).squareRoot().rounded(.up))
  }
}

extension CTCLattice {
  /// Whether the forward rows are not all there at the end.
  private var isCut: Bool { keepsRows && rowsInBlock < time }

  /// Keeps the last row of a block, from which the next begins.
  @inline(__always)
  func keepLast(of window: CTCWindow) {
    let next = window.time + 1
    guard isCut, next % rowsInBlock == 0, next < time else { return }
    copy(forwardRow(window.time), to: rowBefore(block: next / rowsInBlock))
  }

  /// Computes the forward rows of a block once more, if the window on its way back is at the step
  /// behind it.
  @usableFromInline
  func restoreBlock(before window: CTCWindow) {
    guard isCut, window.time < time, window.time % rowsInBlock == 0, window.time > 0 else { return }
    var start = window
    if window.time == rowsInBlock {
      start = begin()
    } else {
      // Windows are the same on both ways.
      for _ in 0...rowsInBlock { start.retreat() }
      copy(rowBefore(block: window.time / rowsInBlock - 1), to: forwardRow(start.time))
    }
    for _ in 0..<rowsInBlock { stepForward(&start) }
  }

  /// The row before a block, from the second block on.
  private func rowBefore(block: Int) -> CTCRow { extraRow(3 + rowsInBlock + block - 1) }

  private func copy(_ row: CTCRow, to other: CTCRow) {
    let count = 4 * CTCRow.width(labels: labels.count)
    other.memory.update(from: row.memory, count: count)
  }
}
