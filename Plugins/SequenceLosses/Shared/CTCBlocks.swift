/// The blocks of time steps whose forward rows and emissions are in memory at the same time.
///
/// The backward pass needs them from the last step to the first. If the scratch memory does not
/// hold all, only the forward row before each block is kept and the backward pass recomputes the
/// block, with the same bits.
struct CTCBlocks {
  let time: Int
  let labels: Int
  let classes: Int

  init(time: Int, labels: Int, classes: Int) {
    self.time = time
    self.labels = labels
    self.classes = classes
  }

  /// The scratch size for the shortest blocks, and for all steps at once; `Int.max` on overflow.
  var leastCount: Int { count(length: leastLength) }
  var mostCount: Int { count(length: max(2, time)) }

  /// The longest blocks that fit.
  func length(capacity: Int) -> Int {
    if mostCount <= capacity { return max(2, time) }
    var length = leastLength
    while count(length: length + 1) <= capacity { length += 1 }
    return length
  }

  /// The square root of the number of steps, so that a block is as long as there are blocks.
  private var leastLength: Int { max(2, Int(Double(time).squareRoot().rounded(.up))) }

  /// The scratch size for blocks of a length: emissions and lattice, as their initialisers lay it
  /// out.
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
  /// Whether the memory holds fewer forward rows than there are time steps.
  private var isPartial: Bool { keepsRows && rowsInBlock < time }

  /// Stores the last row of a block, from which the next one starts.
  @inline(__always)
  func keepLast(of window: CTCWindow) {
    let next = window.time + 1
    guard isPartial, next % rowsInBlock == 0, next < time else { return }
    copy(forwardRow(window.time), to: rowBefore(block: next / rowsInBlock))
  }

  /// Recomputes the emissions and the forward rows of a block, if the window of the backward pass
  /// is at the step after it.
  func restoreBlock(before window: CTCWindow, fill: (Int) -> Void) {
    guard isPartial, window.time < time, window.time % rowsInBlock == 0, window.time > 0 else {
      return
    }
    var start = window
    if window.time == rowsInBlock {
      start = begin()
    } else {
      // The windows of the forward and the backward pass are the same.
      for _ in 0...rowsInBlock { start.retreat() }
      copy(rowBefore(block: window.time / rowsInBlock - 1), to: forwardRow(start.time))
    }
    for step in (window.time - rowsInBlock)..<window.time {
      fill(step)
      stepForward(&start)
    }
  }

  /// The forward row before a block, from the second block on.
  private func rowBefore(block: Int) -> CTCRow { extraRow(3 + rowsInBlock + block - 1) }

  private func copy(_ row: CTCRow, to other: CTCRow) {
    let count = 4 * CTCRow.width(labels: labels.count)
    other.memory.update(from: row.memory, count: count)
  }
}
