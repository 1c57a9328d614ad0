import LossCore

/// The lattice of all paths of one sequence through a transducer: a node for each time step and each
/// number of labels said by then. A path goes on by the blank to the next step, or by saying the next
/// label.
///
/// The nodes that are the same number of edges from the start lie on a diagonal. Every path passes
/// through one node of each, and a diagonal follows from the one beside it, vector by vector. The
/// numbers have exponents of their own, see ``ScaledLanes``, so that the sums over paths are exact to
/// rounding for every size of logits.
struct TransducerLattice {
  let time: Int
  let labelCount: Int
  /// How many diagonals are in memory: two, or all that the gradient needs.
  let kept: Int
  /// The probabilities of blank and label at the nodes of one diagonal.
  let emissions: CTCRow
  /// The shares of the paths that go on by blank and label from the nodes of one diagonal.
  let shares: CTCRow
  /// What goes on from the nodes of this diagonal and of the one before; on the way back the sums of
  /// this one and of the one behind, in the place of the blanks.
  let rows: (CTCRow, CTCRow)
  let nodes: UnsafeMutablePointer<Double>
  /// For each diagonal the rest of its likeliest node; see ``reference(_:)``.
  let references: UnsafeMutablePointer<Double>

  /// The number of diagonals, from the first node to the last.
  var diagonals: Int { time == 0 ? 0 : time + labelCount }

  /// How many numbers the lattice needs; `Int.max` if that is more than can be counted.
  static func workspaceCount(time: Int, labels: Int) -> Int {
    let (diagonals, tooLong) = time.addingReportingOverflow(labels)
    let (arrays, tooMany) = diagonals.multipliedReportingOverflow(by: TransducerNodes.arrays)
    let (all, tooManyArrays) = arrays.addingReportingOverflow(16 + 2 * TransducerNodes.arrays)
    let (width, tooWide) = labels.addingReportingOverflow(CTCRow.width(labels: 0))
    let (tables, overflow) = all.multipliedReportingOverflow(by: width)
    let (count, tooLarge) = tables.addingReportingOverflow(diagonals)
    let isCountable =
      !tooLong && !tooMany && !tooManyArrays && !tooWide && !overflow && !tooLarge
    return isCountable ? count : .max
  }

  init(time: Int, labelCount: Int, keepsNodes: Bool, workspace: UnsafeMutablePointer<Double>) {
    let row = 4 * CTCRow.width(labels: labelCount)
    self.time = time
    self.labelCount = labelCount
    kept = keepsNodes ? time + labelCount : 2
    emissions = CTCRow(workspace, labels: labelCount)
    shares = CTCRow(workspace + row, labels: labelCount)
    rows = (
      CTCRow(workspace + 2 * row, labels: labelCount),
      CTCRow(workspace + 3 * row, labels: labelCount)
    )
    references = workspace + 4 * row
    nodes = references + time + labelCount
  }

  /// How many labels have been said at the nodes of a diagonal.
  func said(_ diagonal: Int) -> Range<Int> {
    max(0, diagonal - time + 1)..<min(labelCount, diagonal) + 1
  }

  /// The nodes of a diagonal.
  func nodes(_ diagonal: Int) -> TransducerNodes {
    let width = CTCRow.width(labels: labelCount)
    return TransducerNodes(
      nodes + diagonal % kept * TransducerNodes.arrays * width, width: width)
  }

  /// The sums over the paths from the start to the nodes of a diagonal, whose gaps must be there.
  ///
  ///     sum = sum of the step before · its blank + sum of one label less · its label
  func stepForward(_ diagonal: Int) {
    let said = said(diagonal)
    let nodes = nodes(diagonal)
    let (row, before) = diagonal % 2 == 0 ? rows : (rows.1, rows.0)
    for index in stride(from: said.lowerBound, to: said.upperBound, by: 4) {
      let sum =
        diagonal == 0
        ? ScaledLanes([1, 0, 0, 0], [0, Self.none, Self.none, Self.none])
        : (before.blanks(index) + before.labels(index - 1)).settled
      nodes.setSums(sum, index)
    }
    references[diagonal] = nodes.rests[nodes.likeliest(said)]
    fillEmissions(diagonal)
    for index in stride(from: said.lowerBound, to: said.upperBound, by: 4) {
      row.setBlanks(nodes.sums(index) * emissions.blanks(index), index)
      row.setLabels(nodes.sums(index) * emissions.labels(index), index)
    }
    row.close(blanks: said, labels: said)
  }

  /// The logarithm by which all probabilities of a diagonal are too large.
  ///
  /// They are taken in units of 1 / (1 + rest) of the likeliest node, where the likeliest class then
  /// has exactly 1: log(1 + rest) keeps a small rest, which log of a product of probabilities near 1
  /// would not.
  func reference(_ diagonal: Int) -> Double { Double.log(onePlus: references[diagonal]) }

  /// The probability of the labels in these units as `mantissa · 2^exponent`: what goes on by blank from the last
  /// node.
  func end() -> (mantissa: Double, exponent: Double) {
    let row = (diagonals - 1) % 2 == 0 ? rows.0 : rows.1
    return row.blanks(labelCount).first
  }

  /// What is behind the last node, with probability 1.
  func beginBackward() {
    let row = diagonals % 2 == 0 ? rows.0 : rows.1
    row.start(blank: labelCount, labels: labelCount)
  }

  /// The sums over the paths from the nodes of a diagonal to the end, and from them the shares of the
  /// paths that go on by blank and label. All shares of a diagonal add up to 1.
  ///
  /// Products of forward and backward sums are plain numbers in units of 2^unit, which is about the
  /// probability of the labels.
  func stepBackward(_ diagonal: Int, unit: Double) {
    let said = said(diagonal)
    fillEmissions(diagonal)
    var (total, largest) = fillShares(diagonal, unit: unit)
    if !total.isNormal {
      // Exponents of more than 2^53 octaves are rounded, and their sum is not the unit any more.
      (total, largest) = fillShares(diagonal, unit: largest)
    }
    for index in said {
      shares.blankMantissas[index] /= total
      shares.labelMantissas[index] /= total
    }
  }

  private static var none: Double { ScaledLanes.zeroExponent }

  /// The probabilities of blank and label from their gaps, in units of the reference.
  private func fillEmissions(_ diagonal: Int) {
    let said = said(diagonal)
    let nodes = nodes(diagonal)
    let sum = 1 + references[diagonal]
    for index in said {
      let perSum = sum / (1 + nodes.rests[index])
      let blank = ScaledExponential(nodes.blankGaps[index])
      let label = ScaledExponential(nodes.labelGaps[index])
      let isNoBlank = blank.exponent <= Self.none / 2
      let isNoLabel = label.exponent <= Self.none / 2
      emissions.blankMantissas[index] = Double.select(isNoBlank, 0, blank.mantissa * perSum)
      emissions.blankExponents[index] = Double.select(isNoBlank, Self.none, blank.exponent)
      emissions.labelMantissas[index] = Double.select(isNoLabel, 0, label.mantissa * perSum)
      emissions.labelExponents[index] = Double.select(isNoLabel, Self.none, label.exponent)
    }
    emissions.close(blanks: said, labels: said)
  }

  /// Writes the backward sums of a diagonal and the products with the forward ones; gives the sum of
  /// these and their largest exponent.
  private func fillShares(_ diagonal: Int, unit: Double) -> (total: Double, largest: Double) {
    let said = said(diagonal)
    let nodes = nodes(diagonal)
    let (row, next) = diagonal % 2 == 0 ? rows : (rows.1, rows.0)
    var largest = ScaledLanes.Lanes(repeating: -.infinity)
    var total = ScaledLanes.Lanes.zero
    for index in stride(from: said.lowerBound, to: said.upperBound, by: 4) {
      let sums = nodes.sums(index)
      let byBlank = emissions.blanks(index) * next.blanks(index)
      let byLabel = emissions.labels(index) * next.blanks(index + 1)
      let blanks = byBlank * sums
      let labels = byLabel * sums
      largest = ScaledLanes.maximumPropagatingNaN(
        ScaledLanes.maximumPropagatingNaN(blanks.exponent, labels.exponent), largest)
      shares.setBlanks(ScaledLanes(blanks.plain(unit: unit), .zero), index)
      shares.setLabels(ScaledLanes(labels.plain(unit: unit), .zero), index)
      total += shares.blanks(index).mantissa + shares.labels(index).mantissa
      row.setBlanks((byBlank + byLabel).settled, index)
    }
    row.close(blanks: said, labels: said)
    return (total.sum(), largest.max())
  }
}

/// What is kept of the nodes of one diagonal, by the number of labels said.
struct TransducerNodes {
  /// The number of arrays.
  static var arrays: Int { 6 }

  /// The sums over the paths that lead here.
  private let sumMantissas: UnsafeMutablePointer<Double>
  private let sumExponents: UnsafeMutablePointer<Double>
  /// How far the logits of blank and next label are from the largest of the node: 0 or less.
  let blankGaps: UnsafeMutablePointer<Double>
  let labelGaps: UnsafeMutablePointer<Double>
  /// The sum of the exponentials of the logits without the largest, divided by that of the largest.
  let rests: UnsafeMutablePointer<Double>
  /// The sum of the exponentials as they are written to the gradient.
  let totals: UnsafeMutablePointer<Double>

  init(_ memory: UnsafeMutablePointer<Double>, width: Int) {
    sumMantissas = memory + 1
    sumExponents = sumMantissas + width
    blankGaps = sumExponents + width
    labelGaps = blankGaps + width
    rests = labelGaps + width
    totals = rests + width
  }

  /// The place of the largest sum.
  func likeliest(_ said: Range<Int>) -> Int {
    var best = said.lowerBound
    for index in said {
      let octaves = sumExponents[index] - sumExponents[best]
      if octaves > 0 || (octaves == 0 && sumMantissas[index] > sumMantissas[best]) { best = index }
    }
    return best
  }

  @inline(__always)
  func sums(_ index: Int) -> ScaledLanes {
    ScaledLanes(sumMantissas.lanes(index), sumExponents.lanes(index))
  }

  @inline(__always)
  func setSums(_ sums: ScaledLanes, _ index: Int) {
    sumMantissas.store(sums.mantissa, index)
    sumExponents.store(sums.exponent, index)
  }
}
