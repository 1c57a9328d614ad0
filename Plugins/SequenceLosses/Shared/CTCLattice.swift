import LossCore

/// The lattice of all alignments of one sequence: time steps by states. The states are the labels
/// with a blank before, between and after them.
///
/// The sums over alignments are sums of products of emissions, which need not be normalised; see
/// ``CTCEmissions``. Each number has an exponent of its own, see ``ScaledLanes``, so that the sums
/// are exact to rounding for logits of any size.
struct CTCLattice {
  let time: Int
  let labels: UnsafeBufferPointer<Int>
  let blank: Int
  let emissions: CTCEmissions
  /// Whether the backward pass will need the forward rows.
  let keepsRows: Bool
  /// The number of forward rows in memory: two, or a block for the backward pass.
  let rowsInBlock: Int
  /// The number of time steps of the shortest alignment: one per label, and a blank between
  /// repeats.
  let minimumTime: Int
  /// Added to the exponent of a label that leads to the next one: 0, or for a repeat that of zero.
  let skips: UnsafeMutablePointer<Double>
  /// The emissions of the labels at one step.
  let labelMantissas: UnsafeMutablePointer<Double>
  let labelExponents: UnsafeMutablePointer<Double>
  /// Rows: two for the backward pass, one for products, the forward rows, and the row before each
  /// block.
  let rows: UnsafeMutablePointer<Double>

  /// The number of steps after which mantissas are normalised; each changes them by at most 3
  /// octaves.
  static var stepsBetweenNormalizations: Int { 64 }

  /// The number of arrays beside the forward rows: three rows and three arrays over the labels.
  static var arrays: Int { 3 * 4 + 3 }

  /// Lays out the emissions and the lattice of a sequence in a workspace, with the longest blocks
  /// that fit.
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

  /// A lattice in the workspace behind the emissions; ``CTCBlocks`` computes its size.
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
    minimumTime = labels.count + repeats
  }

  /// One of the three rows that belong to no time step.
  @inline(__always)
  func extraRow(_ index: Int) -> CTCRow {
    CTCRow(rows + index * 4 * CTCRow.width(labels: labels.count), labels: labels.count)
  }

  /// The forward row of a time step; -1 is the one before the first.
  @inline(__always)
  func forwardRow(_ time: Int) -> CTCRow {
    extraRow(3 + (time < 0 ? rowsInBlock - 1 : time % rowsInBlock))
  }

  /// Gathers the emissions of the labels of a window, and returns that of the blank.
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

  /// The emissions of four labels from an index on.
  @inline(__always)
  func labelEmissions(_ index: Int) -> ScaledLanes {
    ScaledLanes(labelMantissas.lanes(index), labelExponents.lanes(index))
  }

  /// The numbers of four labels whose next label follows without a blank; 0 if that is a repeat.
  @inline(__always)
  func skipping(_ numbers: ScaledLanes, to index: Int) -> ScaledLanes {
    ScaledLanes(numbers.mantissa, numbers.exponent + skips.lanes(index))
  }
}
