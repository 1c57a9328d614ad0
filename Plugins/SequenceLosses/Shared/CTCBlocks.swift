/// The blocks of time steps whose forward rows and emissions are in memory together.
///
/// The gradient needs them from the last step to the first. Where there is not room for all, only the
/// forward row before each block is kept, and the way back computes each block once more, with the
/// same bits.
struct CTCBlocks {
  let time: Int
  let labels: Int
  let classes: Int

  init(time: Int, labels: Int, classes: Int) {
    self.time = time
    self.labels = labels
    self.classes = classes
  }

  /// How many numbers are needed at least, and for all steps at once; `Int.max` for more than can be
  /// counted.
  var leastCount: Int { count(length: leastLength) }
  var mostCount: Int { count(length: max(2, time)) }

  /// The longest blocks that there is room for.
  func length(capacity: Int) -> Int {
    if mostCount <= capacity { return max(2, time) }
    var length = leastLength
    while count(length: length + 1) <= capacity { length += 1 }
    return length
  }

  /// As many steps as there are blocks, so that both are few.
  private var leastLength: Int { max(2, Int(Double(time).squareRoot().rounded(.up))) }

  /// How many numbers blocks of a length need: emissions and lattice, see their initialisers.
  private func count(length: Int) -> Int {
    let (width, tooWide) = labels.addingReportingOverflow(CTCRow.width(labels: 0))
    let rows = 4 * (length + time / length) + CTCLattice.arrays
    let (lattice, tooLarge) = rows.multipliedReportingOverflow(by: width)
    let (perBlock, tooMany) = classes.multipliedReportingOverflow(by: 2 * length + 1)
    let (emissions, tooLong) = perBlock.addingReportingOverflow(time)
    let (count, overflow) = lattice.addingReportingOverflow(emissions)
    return tooWide || tooLarge || tooMany || tooLong || overflow ? .max : count
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
  /// behind it, from emissions that are filled in once more.
  func restoreBlock(before window: CTCWindow, fill: (Int) -> Void) {
    guard isCut, window.time < time, window.time % rowsInBlock == 0, window.time > 0 else { return }
    var start = window
    if window.time == rowsInBlock {
      start = begin()
    } else {
      // Windows are the same on both ways.
      for _ in 0...rowsInBlock { start.retreat() }
      copy(rowBefore(block: window.time / rowsInBlock - 1), to: forwardRow(start.time))
    }
    for step in (window.time - rowsInBlock)..<window.time {
      fill(step)
      stepForward(&start)
    }
  }

  /// The row before a block, from the second block on.
  private func rowBefore(block: Int) -> CTCRow { extraRow(3 + rowsInBlock + block - 1) }

  private func copy(_ row: CTCRow, to other: CTCRow) {
    let count = 4 * CTCRow.width(labels: labels.count)
    other.memory.update(from: row.memory, count: count)
  }
}
