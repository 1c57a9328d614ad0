import LossCore

/// The alignments of one sequence: its loss and its gradient.
struct CTCSequence<S: LossScalar> {
  let sequence: SequenceView<S>
  let fromLogits: Bool
  let emissions: CTCEmissions
  let lattice: CTCLattice

  init(
    _ sequence: SequenceView<S>, blank: Int, fromLogits: Bool,
    workspace: UnsafeMutablePointer<Double>, capacity: Int
  ) {
    self.sequence = sequence
    self.fromLogits = fromLogits
    (emissions, lattice) = CTCLattice.laidOut(
      time: sequence.time, labels: sequence.labels, blank: blank, classes: sequence.classCount,
      keepsRows: sequence.gradient != nil, workspace: workspace, capacity: capacity)
  }

  /// Computes the emissions of a step.
  func fill(_ time: Int) {
    let row = sequence.prediction + time * sequence.classCount
    if fromLogits {
      emissions.fill(time, logits: row)
    } else {
      emissions.fill(time, logarithms: row)
    }
  }

  /// Sums over all alignments and returns the loss:
  ///
  ///     Σ over t of log Σ over classes of emission - log Σ over alignments of Π of emissions
  ///
  /// - Parameter step: called after each step, while its row and the one before are in memory.
  func loss(_ step: ((CTCWindow) -> Void)? = nil) -> Double {
    guard sequence.time >= lattice.minimumTime else { return infeasibleLoss }
    guard sequence.time > 0 else { return 0 }
    var window = lattice.begin()
    for time in 0..<sequence.time {
      fill(time)
      lattice.stepForward(&window)
      step?(window)
    }
    var sum = fromLogits ? emissions.logOfSums(sequence.time) : CompensatedSum()
    let (mantissa, exponent) = lattice.end()
    sum.subtractLogarithm(mantissa: mantissa, exponent: exponent)
    return sum.value
  }

  /// The loss of labels that no alignment fits: infinity, or NaN for logits that have no softmax.
  var infeasibleLoss: Double {
    guard fromLogits else { return .infinity }
    var sum = Double.infinity
    for time in 0..<sequence.time {
      let row = sequence.prediction + time * sequence.classCount
      let top = RowMath.maximum(row, count: sequence.classCount).value.asDouble
      sum += top == .infinity ? 0 : top - top
    }
    return sum
  }

  /// Runs the backward pass and writes the gradient, step by step: the softmax minus the posteriors
  /// of the alignments.
  func writeGradient(divisor: Double) {
    guard let gradient = sequence.gradient, sequence.time > 0 else { return }
    let scale = Double(sequence.gradientScale) / divisor
    let posteriors = emissions.row
    let unit = lattice.end().exponent
    var window = lattice.beginBackward()
    for time in stride(from: sequence.time - 1, through: 0, by: -1) {
      lattice.restoreBlock(before: window) { fill($0) }
      for c in 0..<sequence.classCount { posteriors[c] = 0 }
      lattice.stepBackward(&window, unit: unit, posteriors: posteriors)
      let row = gradient + time * sequence.classCount
      if fromLogits {
        let mantissas = emissions.mantissas(time)
        let exponents = emissions.exponents(time)
        let normalizer = 1 / (1 + emissions.sumsExcludingMax[time])
        for c in 0..<sequence.classCount {
          let probability = ScaledExponential.plain(mantissas[c], exponents[c]) * normalizer
          row[c] = S(scale * (probability - posteriors[c]))
        }
      } else {
        for c in 0..<sequence.classCount { row[c] = S(-scale * posteriors[c]) }
      }
    }
  }

  /// Fills the gradient: with 0 for labels that no alignment fits, with NaN for a loss of NaN.
  func fillGradient(_ value: S) {
    guard let gradient = sequence.gradient else { return }
    for i in 0..<(sequence.time * sequence.classCount) { gradient[i] = value }
  }
}
