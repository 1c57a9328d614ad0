/// The states that matter at a time step: those that the start reaches by then, and from which the
/// end can be reached in time. They are neighbours, and no other state is on an alignment.
///
/// State 2k is the blank k, state 2k + 1 the label k. The window moves by one step at a time: its
/// ends go to the next state, or over a blank where the labels on both sides differ.
struct CTCWindow {
  let labelCount: Int
  /// 0 for each label that can be entered from the label before it, over the blank between them.
  let skips: UnsafeMutablePointer<Double>
  /// How many time steps the shortest alignment takes, and how many there are beyond.
  let needed: Int
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
    needed = lattice.needed
    slack = lattice.time - lattice.needed
    self.time = time
    lower = state
    upper = state + 1
  }

  /// The blanks of the window.
  var blanks: Range<Int> { (lower + 1) / 2..<(upper + 1) / 2 }
  /// The labels of the window.
  var labels: Range<Int> { lower / 2..<upper / 2 }

  /// How far it is from the state before on a shortest way: 2 over a blank that can be left out.
  private func stride(to state: Int) -> Int {
    state % 2 == 1 && skips[state / 2] == 0 ? 2 : 1
  }

  /// Goes to the next time step.
  mutating func advance() {
    time += 1
    upper = min(2 * labelCount + 1, upper + stride(to: upper + 1))
    if time >= slack { lower += stride(to: lower + 2) }
  }

  /// Goes to the time step before.
  mutating func retreat() {
    time -= 1
    if lower > 0 { lower -= stride(to: lower) }
    if time < needed { upper -= stride(to: upper - 1) }
  }
}
