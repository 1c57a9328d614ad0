/// The states that alignments pass through at a time step: those that are reachable from the start
/// and from which the end is reachable. They are contiguous.
///
/// State 2k is the blank k, state 2k + 1 the label k. At each time step the bounds of the window
/// move to the next state, or over a blank if the labels on both sides differ.
struct CTCWindow {
  let labelCount: Int
  /// 0 for each label that can follow the previous label without a blank.
  let skips: UnsafeMutablePointer<Double>
  /// The number of time steps of the shortest alignment, and of the steps in excess of it.
  let minimumTime: Int
  let slack: Int

  private(set) var time: Int
  private var lower: Int
  private var upper: Int

  /// Before the first step: the first blank.
  init(beforeStart lattice: CTCLattice) {
    self.init(lattice, time: -1, state: 0)
  }

  /// After the last step: the last blank.
  init(afterEnd lattice: CTCLattice) {
    self.init(lattice, time: lattice.time, state: 2 * lattice.labels.count)
  }

  private init(_ lattice: CTCLattice, time: Int, state: Int) {
    labelCount = lattice.labels.count
    skips = lattice.skips
    minimumTime = lattice.minimumTime
    slack = lattice.time - lattice.minimumTime
    self.time = time
    lower = state
    upper = state + 1
  }

  /// The blanks of the window.
  var blanks: Range<Int> { (lower + 1) / 2..<(upper + 1) / 2 }
  /// The labels of the window.
  var labels: Range<Int> { lower / 2..<upper / 2 }

  /// The distance from the previous state on a shortest alignment: 2 over a blank that can be
  /// skipped.
  private func stride(to state: Int) -> Int {
    state % 2 == 1 && skips[state / 2] == 0 ? 2 : 1
  }

  /// Moves to the next time step.
  mutating func advance() {
    time += 1
    upper = min(2 * labelCount + 1, upper + stride(to: upper + 1))
    if time >= slack { lower += stride(to: lower + 2) }
  }

  /// Moves to the previous time step.
  mutating func retreat() {
    time -= 1
    if lower > 0 { lower -= stride(to: lower) }
    if time < minimumTime { upper -= stride(to: upper - 1) }
  }
}
