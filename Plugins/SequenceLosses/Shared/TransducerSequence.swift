import LossCore

/// The paths of one sequence through a transducer: its loss and its gradient.
struct TransducerSequence<S: LossScalar> {
  let sequence: SequenceView<S>
  let blank: Int
  let fromLogits: Bool
  let lattice: TransducerLattice

  init(
    _ sequence: SequenceView<S>, blank: Int, fromLogits: Bool,
    workspace: UnsafeMutablePointer<Double>
  ) {
    self.sequence = sequence
    self.blank = blank
    self.fromLogits = fromLogits
    lattice = TransducerLattice(
      time: sequence.time, labelCount: sequence.labels.count,
      keepsNodes: sequence.gradient != nil, workspace: workspace)
  }

  /// The offset of the row of a node from the start of the sequence.
  @inline(__always)
  func offset(_ diagonal: Int, emitted: Int) -> Int {
    ((diagonal - emitted) * sequence.rowsPerStep + emitted) * sequence.classCount
  }

  /// Sums over all paths and returns the loss; infinity for labels without a time step.
  func loss() -> Double {
    guard sequence.time > 0 else { return sequence.labels.isEmpty ? 0 : .infinity }
    var sum = CompensatedSum()
    for diagonal in 0..<lattice.diagonals {
      readLogits(diagonal)
      lattice.stepForward(diagonal)
      sum.add(lattice.reference(diagonal))
    }
    let (mantissa, exponent) = lattice.end()
    guard mantissa > 0 else { return mantissa.isNaN ? .nan : .infinity }
    sum.subtractLogarithm(mantissa: mantissa, exponent: exponent)
    return sum.value
  }

  /// Fills the nodes of a diagonal from the logits. Their exponentials are stored in the gradient,
  /// for the backward pass.
  func readLogits(_ diagonal: Int) {
    let nodes = lattice.nodes(diagonal)
    for emitted in lattice.labelCounts(diagonal) {
      let row = sequence.prediction + offset(diagonal, emitted: emitted)
      var top = 0.0
      nodes.sumsExcludingMax[emitted] = 0
      if fromLogits {
        let largest = RowMath.maximum(row, count: sequence.classCount)
        let sum: ExponentialSum<S>
        if let gradient = sequence.gradient {
          sum = RowMath.exponentials(
            row, count: sequence.classCount, largest: largest,
            into: gradient + offset(diagonal, emitted: emitted))
        } else {
          sum = RowMath.sumExp(row, count: sequence.classCount, largest: largest)
        }
        top = largest.value.asDouble
        nodes.sumsExcludingMax[emitted] = sum.sumExcludingMax / sum.maxExponential
        nodes.totals[emitted] = sum.total
      }
      nodes.blankLogits[emitted] = relative(row[blank], to: top)
      let isLast = emitted == sequence.labels.count
      nodes.labelLogits[emitted] =
        isLast ? -.infinity : relative(row[sequence.labels[emitted]], to: top)
    }
  }

  /// A logit minus the largest one of its row, exact for `Float`; a log-probability as it is.
  @inline(__always)
  private func relative(_ number: S, to top: Double) -> Double {
    fromLogits ? Double.distance(of: number.asDouble, to: top) : number.asDouble
  }

  /// Runs the backward pass and writes the gradient, node by node.
  func writeGradient() {
    guard let gradient = sequence.gradient, sequence.time > 0 else { return }
    let unit = lattice.end().exponent
    lattice.beginBackward()
    for diagonal in stride(from: lattice.diagonals - 1, through: 0, by: -1) {
      lattice.stepBackward(diagonal, unit: unit)
      let nodes = lattice.nodes(diagonal)
      for emitted in lattice.labelCounts(diagonal) {
        let row = gradient + offset(diagonal, emitted: emitted)
        let label = emitted < sequence.labels.count ? sequence.labels[emitted] : nil
        if fromLogits {
          write(row, nodes, emitted, label)
        } else {
          for c in 0..<sequence.classCount { row[c] = 0 }
          row[blank] = -sequence.gradientScale * S(lattice.posteriors.blankMantissas[emitted])
          if let label {
            row[label] = -sequence.gradientScale * S(lattice.posteriors.labelMantissas[emitted])
          }
        }
      }
    }
  }

  /// The gradient of one row of logits: the posterior of the node times the softmax, minus the
  /// posterior of each class.
  ///
  /// For the blank, with probability p, this is `p · label posterior - (1 - p) · blank posterior`,
  /// which avoids cancellation.
  @inline(__always)
  func write(
    _ row: UnsafeMutablePointer<S>, _ nodes: TransducerNodes, _ emitted: Int, _ label: Int?
  ) {
    let blankPosterior = lattice.posteriors.blankMantissas[emitted]
    let labelPosterior = lattice.posteriors.labelMantissas[emitted]
    let coefficient = sequence.gradientScale.asDouble
    let scale = S(coefficient * ((blankPosterior + labelPosterior) / nodes.totals[emitted]))
    for c in 0..<sequence.classCount { row[c] *= scale }
    let sumExcludingMax = nodes.sumsExcludingMax[emitted]
    let (p, q) = probability(nodes.blankLogits[emitted], sumExcludingMax)
    row[blank] = S(coefficient * (p * labelPosterior - q * blankPosterior))
    guard let label else { return }
    let (labelP, labelQ) = probability(nodes.labelLogits[emitted], sumExcludingMax)
    row[label] = S(coefficient * (labelP * blankPosterior - labelQ * labelPosterior))
  }

  /// The probability of a class from its logit relative to the maximum, and the complement.
  @inline(__always)
  func probability(_ logit: Double, _ sumExcludingMax: Double) -> (Double, complement: Double) {
    let p = Double.exp(logit) / (1 + sumExcludingMax)
    return (p, logit == 0 ? sumExcludingMax / (1 + sumExcludingMax) : 1 - p)
  }

  /// Fills the gradient: with 0 for labels without a path, with NaN for a loss of NaN.
  func fillGradient(_ value: S) {
    guard let gradient = sequence.gradient else { return }
    for row in 0..<(sequence.time * sequence.rowsPerStep) {
      for c in 0..<sequence.classCount { gradient[row * sequence.classCount + c] = value }
    }
  }
}
