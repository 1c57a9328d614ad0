import LossCore

/// The lattice of all paths of one sequence through a transducer: one node per time step and number
/// of emitted labels. The blank leads to the next time step, a label to the next number of labels.
///
/// Nodes with the same distance from the start form a diagonal. Every path passes through one node
/// of each, and a diagonal is computed from its neighbour in vectors. Each number has an exponent
/// of its own, see ``ScaledLanes``, so that the sums over paths are exact to rounding for logits of
/// any size.
struct TransducerLattice {
  let time: Int
  let labelCount: Int
  /// The number of diagonals in memory: two, or all of them for the gradient.
  let kept: Int
  /// The probabilities of blank and label at the nodes of one diagonal.
  let emissions: CTCRow
  /// The posterior probabilities of blank and label at the nodes of one diagonal.
  let posteriors: CTCRow
  /// The outgoing sums of this diagonal and of the previous one; in the backward pass, the sums of
  /// this one and of the next, stored as blanks.
  let rows: (CTCRow, CTCRow)
  let nodes: UnsafeMutablePointer<Double>
  /// The `sumsExcludingMax` of the most probable node of each diagonal; see ``reference(_:)``.
  let references: UnsafeMutablePointer<Double>

  /// The number of diagonals, from the first node to the last.
  var diagonals: Int { time == 0 ? 0 : time + labelCount }

  /// The scratch size of the lattice; `Int.max` on overflow.
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
    posteriors = CTCRow(workspace + row, labels: labelCount)
    rows = (
      CTCRow(workspace + 2 * row, labels: labelCount),
      CTCRow(workspace + 3 * row, labels: labelCount)
    )
    references = workspace + 4 * row
    nodes = references + time + labelCount
  }

  /// The numbers of emitted labels at the nodes of a diagonal.
  func labelCounts(_ diagonal: Int) -> Range<Int> {
    max(0, diagonal - time + 1)..<min(labelCount, diagonal) + 1
  }

  /// The nodes of a diagonal.
  func nodes(_ diagonal: Int) -> TransducerNodes {
    let width = CTCRow.width(labels: labelCount)
    return TransducerNodes(
      nodes + diagonal % kept * TransducerNodes.arrays * width, width: width)
  }

  /// The sums over the paths from the start to the nodes of a diagonal, whose logits must be in
  /// memory.
  ///
  ///     sum = sum at the previous step · its blank + sum with one label less · its label
  func stepForward(_ diagonal: Int) {
    let counts = labelCounts(diagonal)
    let nodes = nodes(diagonal)
    let (row, before) = diagonal % 2 == 0 ? rows : (rows.1, rows.0)
    for index in stride(from: counts.lowerBound, to: counts.upperBound, by: 4) {
      let sum =
        diagonal == 0
        ? ScaledLanes([1, 0, 0, 0], [0, Self.zeroExponent, Self.zeroExponent, Self.zeroExponent])
        : (before.blanks(index) + before.labels(index - 1)).normalized
      nodes.setSums(sum, index)
    }
    references[diagonal] = nodes.sumsExcludingMax[nodes.mostProbable(counts)]
    fillEmissions(diagonal)
    for index in stride(from: counts.lowerBound, to: counts.upperBound, by: 4) {
      row.setBlanks(nodes.sums(index) * emissions.blanks(index), index)
      row.setLabels(nodes.sums(index) * emissions.labels(index), index)
    }
    row.zeroEdges(blanks: counts, labels: counts)
  }

  /// The logarithm of the factor by which all probabilities of a diagonal are multiplied.
  ///
  /// The factor is the sum of exponentials of the most probable node, relative to their maximum,
  /// whose class then has exactly 1. `log(1 + sum)` keeps a small sum, which the logarithm of a
  /// product of probabilities near 1 would lose.
  func reference(_ diagonal: Int) -> Double { Double.log(onePlus: references[diagonal]) }

  /// The probability of the labels, times these factors, as `mantissa · 2^exponent`: that of the
  /// blank from the last node.
  func end() -> (mantissa: Double, exponent: Double) {
    let row = (diagonals - 1) % 2 == 0 ? rows.0 : rows.1
    return row.blanks(labelCount).first
  }

  /// Starts behind the last node, with probability 1.
  func beginBackward() {
    let row = diagonals % 2 == 0 ? rows.0 : rows.1
    row.start(blank: labelCount, labels: labelCount)
  }

  /// The sums over the paths from the nodes of a diagonal to the end, and the posteriors of blank
  /// and label. The posteriors of a diagonal sum to 1.
  ///
  /// Products of forward and backward sums are divided by 2^unit, which is about the probability of
  /// the labels.
  func stepBackward(_ diagonal: Int, unit: Double) {
    let counts = labelCounts(diagonal)
    fillEmissions(diagonal)
    var (total, largest) = fillPosteriors(diagonal, unit: unit)
    if !total.isNormal {
      // Exponents above 2^53 are rounded, so that they no longer sum to the unit.
      (total, largest) = fillPosteriors(diagonal, unit: largest)
    }
    for index in counts {
      posteriors.blankMantissas[index] /= total
      posteriors.labelMantissas[index] /= total
    }
  }

  private static var zeroExponent: Double { ScaledLanes.zeroExponent }

  /// The probabilities of blank and label from their logits, times the factor of the diagonal.
  private func fillEmissions(_ diagonal: Int) {
    let counts = labelCounts(diagonal)
    let nodes = nodes(diagonal)
    let sum = 1 + references[diagonal]
    for index in counts {
      let scale = sum / (1 + nodes.sumsExcludingMax[index])
      let blank = ScaledExponential(nodes.blankLogits[index])
      let label = ScaledExponential(nodes.labelLogits[index])
      let isZeroBlank = blank.exponent <= Self.zeroExponent / 2
      let isZeroLabel = label.exponent <= Self.zeroExponent / 2
      emissions.blankMantissas[index] = Double.select(isZeroBlank, 0, blank.mantissa * scale)
      emissions.blankExponents[index] = Double.select(
        isZeroBlank, Self.zeroExponent, blank.exponent)
      emissions.labelMantissas[index] = Double.select(isZeroLabel, 0, label.mantissa * scale)
      emissions.labelExponents[index] = Double.select(
        isZeroLabel, Self.zeroExponent, label.exponent)
    }
    emissions.zeroEdges(blanks: counts, labels: counts)
  }

  /// Writes the backward sums of a diagonal and their products with the forward sums; returns the
  /// sum of these and their largest exponent.
  private func fillPosteriors(_ diagonal: Int, unit: Double) -> (total: Double, largest: Double) {
    let counts = labelCounts(diagonal)
    let nodes = nodes(diagonal)
    let (row, next) = diagonal % 2 == 0 ? rows : (rows.1, rows.0)
    var largest = ScaledLanes.Lanes(repeating: -.infinity)
    var total = ScaledLanes.Lanes.zero
    for index in stride(from: counts.lowerBound, to: counts.upperBound, by: 4) {
      let sums = nodes.sums(index)
      let byBlank = emissions.blanks(index) * next.blanks(index)
      let byLabel = emissions.labels(index) * next.blanks(index + 1)
      let blanks = byBlank * sums
      let labels = byLabel * sums
      largest = ScaledLanes.maximumPropagatingNaN(
        ScaledLanes.maximumPropagatingNaN(blanks.exponent, labels.exponent), largest)
      posteriors.setBlanks(ScaledLanes(blanks.plain(unit: unit), .zero), index)
      posteriors.setLabels(ScaledLanes(labels.plain(unit: unit), .zero), index)
      total += posteriors.blanks(index).mantissa + posteriors.labels(index).mantissa
      row.setBlanks((byBlank + byLabel).normalized, index)
    }
    row.zeroEdges(blanks: counts, labels: counts)
    return (total.sum(), largest.max())
  }
}

/// The nodes of one diagonal, by the number of emitted labels.
struct TransducerNodes {
  /// The number of arrays.
  static var arrays: Int { 6 }

  /// The sums over the paths from the start.
  private let sumMantissas: UnsafeMutablePointer<Double>
  private let sumExponents: UnsafeMutablePointer<Double>
  /// The logits of blank and next label minus the largest logit of the node.
  let blankLogits: UnsafeMutablePointer<Double>
  let labelLogits: UnsafeMutablePointer<Double>
  /// The sum of the exponentials of the logits except the largest, divided by that of the largest.
  let sumsExcludingMax: UnsafeMutablePointer<Double>
  /// The sum of the exponentials that are stored in the gradient.
  let totals: UnsafeMutablePointer<Double>

  init(_ memory: UnsafeMutablePointer<Double>, width: Int) {
    sumMantissas = memory + 1
    sumExponents = sumMantissas + width
    blankLogits = sumExponents + width
    labelLogits = blankLogits + width
    sumsExcludingMax = labelLogits + width
    totals = sumsExcludingMax + width
  }

  /// The index of the largest sum.
  func mostProbable(_ counts: Range<Int>) -> Int {
    var best = counts.lowerBound
    for index in counts {
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
