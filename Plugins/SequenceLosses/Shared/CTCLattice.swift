import LossCore

/// The lattice of all alignments of one sequence: time steps by states, where the states are the
/// labels with a blank before, between and after them.
///
/// The sums over alignments are sums of products of emissions, the probabilities of symbols, which
/// need not be normalised: see ``CTCEmissions``. The numbers have exponents of their own, see
/// ``ScaledLanes``, so that the sums are exact to rounding for every size of logits.
struct CTCLattice {
  let time: Int
  let labels: UnsafeBufferPointer<Int>
  let blank: Int
  let emissions: CTCEmissions
  /// Whether the gradient will need the forward rows.
  let keepsRows: Bool
  /// How many forward rows there are at a time: two, or a block of them for the gradient.
  let rowsInBlock: Int
  /// How many time steps the shortest alignment takes: one a label, and a blank between repeats.
  let needed: Int
  /// What is added to the exponent of a label when it leads to the next: nothing, or that of 0.
  let skips: UnsafeMutablePointer<Double>
  /// The emissions of the labels at one step.
  let labelMantissas: UnsafeMutablePointer<Double>
  let labelExponents: UnsafeMutablePointer<Double>
  /// Rows: two for the way back, one for shares, the forward rows, and those before each block.
  let rows: UnsafeMutablePointer<Double>

  /// How many steps pass until mantissas are brought back: each changes them by 3 octaves at most.
  static var stepsBetweenSettling: Int { 64 }

  /// How many arrays there are beside the forward rows: three rows and three arrays of labels.
  static var arrays: Int { 3 * 4 + 3 }

  /// The emissions and the lattice of a sequence in a workspace, with blocks as long as it is large.
  static func laidOut(
    time: Int, labels: UnsafeBufferPointer<Int>, blank: Int, classes: Int, keepsRows: Bool,
    workspace: UnsafeMutablePointer<Double>, capacity: Int
  ) -> (CTCEmissions, CTCLattice) {
    let blocks = CTCBlocks(time: time, labels: labels.count, classes: classes)
    let emissions = CTCEmissions(
      time: time, classCount: classes,
      kept: keepsRows ? blocks.length(capacity: capacity) : 1, workspace: workspace)
    let lattice = CTCLattice(
      time: time, labels: labels, blank: blank, emissions: emissions, keepsRows: keepsRows)
    return (emissions, lattice)
  }

  /// A lattice in what the emissions leave of their workspace; see ``CTCBlocks`` for its size.
  init(
    time: Int, labels: UnsafeBufferPointer<Int>, blank: Int, emissions: CTCEmissions,
    keepsRows: Bool
  ) {
    self.time = time
    self.labels = labels
    self.blank = blank
    self.emissions = emissions
    let width = CTCRow.width(labels: labels.count)
    self.keepsRows = keepsRows
    rowsInBlock = keepsRows ? emissions.kept : 2
    skips = emissions.end
    labelMantissas = skips + width
    labelExponents = labelMantissas + width
    rows = labelExponents + width
    var repeats = 0
    for index in 0..<width {
      let isLabel = index > 0 && index < labels.count
      let skips = isLabel && labels[index] != labels[index - 1]
      if isLabel, !skips { repeats += 1 }
      self.skips[index] = skips ? 0 : ScaledLanes.zeroExponent
      labelMantissas[index] = 0
      labelExponents[index] = 0
    }
    needed = labels.count + repeats
  }

  /// One of the three rows that are no time step's.
  @inline(__always)
  func extraRow(_ index: Int) -> CTCRow {
    CTCRow(rows + index * 4 * CTCRow.width(labels: labels.count), labels: labels.count)
  }

  /// The forward row of a time step; at -1 what is before the first.
  @inline(__always)
  func forwardRow(_ time: Int) -> CTCRow {
    extraRow(3 + (time < 0 ? rowsInBlock - 1 : time % rowsInBlock))
  }

  /// Brings the emissions of the window's labels together, and gives that of the blank.
  @inline(__always)
  func gather(_ window: CTCWindow) -> ScaledLanes {
    let mantissas = emissions.mantissas(window.time)
    let exponents = emissions.exponents(window.time)
    for index in window.labels {
      labelMantissas[index] = mantissas[labels[index]]
      labelExponents[index] = exponents[labels[index]]
    }
    return ScaledLanes(.init(repeating: mantissas[blank]), .init(repeating: exponents[blank]))
  }

  /// The emissions of the labels from one on.
  @inline(__always)
  func labelEmissions(_ index: Int) -> ScaledLanes {
    ScaledLanes(labelMantissas.lanes(index), labelExponents.lanes(index))
  }

  /// The numbers of labels from one on as those of labels that are left by leaving out a blank.
  @inline(__always)
  func skipping(_ numbers: ScaledLanes, to index: Int) -> ScaledLanes {
    ScaledLanes(numbers.mantissa, numbers.exponent + skips.lanes(index))
  }
}
