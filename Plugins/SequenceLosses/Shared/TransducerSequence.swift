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

  /// Where the row of a node begins, from the beginning of the sequence.
  @inline(__always)
  func place(_ diagonal: Int, said: Int) -> Int {
    ((diagonal - said) * sequence.rowsPerStep + said) * sequence.classCount
  }

  /// Sums over all paths and gives the loss: infinity where there is none, since there is no step.
  func loss() -> Double {
    guard sequence.time > 0 else { return sequence.labels.isEmpty ? 0 : .infinity }
    var sum = CompensatedSum()
    for diagonal in 0..<lattice.diagonals {
      measure(diagonal)
      lattice.stepForward(diagonal)
      sum.add(lattice.reference(diagonal))
    }
    let (mantissa, exponent) = lattice.end()
    guard mantissa > 0 else { return mantissa.isNaN ? .nan : .infinity }
    sum.subtractLogarithm(mantissa: mantissa, exponent: exponent)
    return sum.value
  }

  /// What the lattice needs to know of the rows of a diagonal. The exponentials of logits are left
  /// in the gradient, which is made of them on the way back.
  func measure(_ diagonal: Int) {
    let nodes = lattice.nodes(diagonal)
    for said in lattice.said(diagonal) {
      let row = sequence.prediction + place(diagonal, said: said)
      var top = 0.0
      nodes.rests[said] = 0
      if fromLogits {
        let largest = RowMath.maximum(row, count: sequence.classCount)
        let sum: ExponentialSum<S>
        if let gradient = sequence.gradient {
          sum = RowMath.exponentials(
            row, count: sequence.classCount, largest: largest,
            into: gradient + place(diagonal, said: said))
        } else {
          sum = RowMath.sumExp(row, count: sequence.classCount, largest: largest)
        }
        top = largest.value.asDouble
        // An infinite logit is not a number of the formula; this makes it NaN.
        nodes.rests[said] = sum.sumExcludingMax / sum.maxExponential + (top - top)
        nodes.totals[said] = sum.total
      }
      nodes.blankGaps[said] = row[blank].asDouble - top
      let isLast = said == sequence.labels.count
      nodes.labelGaps[said] = isLast ? -.infinity : row[sequence.labels[said]].asDouble - top
    }
  }

  /// Walks back through the lattice and writes the gradient, node by node.
  func writeGradient() {
    guard let gradient = sequence.gradient, sequence.time > 0 else { return }
    let unit = lattice.end().exponent
    lattice.beginBackward()
    for diagonal in stride(from: lattice.diagonals - 1, through: 0, by: -1) {
      lattice.stepBackward(diagonal, unit: unit)
      let nodes = lattice.nodes(diagonal)
      for said in lattice.said(diagonal) {
        let row = gradient + place(diagonal, said: said)
        let label = said < sequence.labels.count ? sequence.labels[said] : nil
        if fromLogits {
          write(row, nodes, said, label)
        } else {
          for c in 0..<sequence.classCount { row[c] = 0 }
          row[blank] = -sequence.gradientScale * S(lattice.shares.blankMantissas[said])
          if let label {
            row[label] = -sequence.gradientScale * S(lattice.shares.labelMantissas[said])
          }
        }
      }
    }
  }

  /// The gradient of one row of logits: the share of the paths that pass here times what the model
  /// says, minus the share that goes on by each class.
  ///
  /// For the blank this is said · share by label - (1 - said) · share by blank, in which nothing
  /// cancels that need not.
  @inline(__always)
  func write(_ row: UnsafeMutablePointer<S>, _ nodes: TransducerNodes, _ said: Int, _ label: Int?) {
    let byBlank = lattice.shares.blankMantissas[said]
    let byLabel = lattice.shares.labelMantissas[said]
    let coefficient = sequence.gradientScale.asDouble
    let scale = S(coefficient * ((byBlank + byLabel) / nodes.totals[said]))
    for c in 0..<sequence.classCount { row[c] *= scale }
    let (blankSaid, notBlank) = odds(nodes.blankGaps[said], nodes.rests[said])
    row[blank] = S(coefficient * (blankSaid * byLabel - notBlank * byBlank))
    guard let label else { return }
    let (labelSaid, notLabel) = odds(nodes.labelGaps[said], nodes.rests[said])
    row[label] = S(coefficient * (labelSaid * byBlank - notLabel * byLabel))
  }

  /// The probability of a class from its gap, and that of all others.
  @inline(__always)
  func odds(_ gap: Double, _ rest: Double) -> (Double, Double) {
    let probability = Double.exp(gap) / (1 + rest)
    return (probability, gap == 0 ? rest / (1 + rest) : 1 - probability)
  }

  /// Writes one number everywhere: 0 for labels that are impossible, NaN for a loss of NaN.
  func fillGradient(_ value: S) {
    guard let gradient = sequence.gradient else { return }
    for row in 0..<(sequence.time * sequence.rowsPerStep) {
      for c in 0..<sequence.classCount { gradient[row * sequence.classCount + c] = value }
    }
  }
}
