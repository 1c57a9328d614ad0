public import LossCore

/// The lattice of all alignments of one sequence: time steps by states, where the states are the
/// labels with a blank before, between and after them. Probabilities are logarithms in `Double`.
@usableFromInline struct CTCLattice<S: LossScalar> {
  @usableFromInline let sequence: SequenceView<S>
  @usableFromInline let blank: Int
  @usableFromInline let fromLogits: Bool
  /// How many states there are: one for each label, and one blank more.
  @usableFromInline let states: Int
  @usableFromInline let alpha: UnsafeMutablePointer<Double>
  @usableFromInline let beta: UnsafeMutablePointer<Double>
  @usableFromInline let normalisers: UnsafeMutablePointer<Double>
  @usableFromInline let shares: UnsafeMutablePointer<Double>

  @inlinable
  static func workspaceCount(time: Int, labels: Int, classes: Int) -> Int {
    guard time > 0 else { return 0 }
    let (states, isLong) = labels.multipliedReportingOverflow(by: 2)
    let (table, isLarge) = time.multipliedReportingOverflow(by: states &+ 3)
    return isLong || isLarge ? .max : table &+ 2 * states &+ time &+ classes &+ 4
  }

  @inlinable
  init(
    _ sequence: SequenceView<S>, blank: Int, fromLogits: Bool,
    workspace: UnsafeMutablePointer<Double>
  ) {
    self.sequence = sequence
    self.blank = blank
    self.fromLogits = fromLogits
    states = 2 * sequence.labels.count + 1
    alpha = workspace
    beta = alpha + sequence.time * states
    normalisers = beta + 2 * states
    shares = normalisers + sequence.time
  }

  /// The class that a state stands for.
  @inlinable @inline(__always)
  func symbol(_ state: Int) -> Int {
    state % 2 == 0 ? blank : sequence.labels[state / 2]
  }

  /// Whether a state can be entered from the label before it, over the blank between them.
  @inlinable @inline(__always)
  func skips(_ state: Int) -> Bool {
    state >= 2 && state % 2 == 1 && sequence.labels[state / 2] != sequence.labels[state / 2 - 1]
  }

  /// The logarithm of the probability of a state's symbol at a time step.
  @inlinable @inline(__always)
  func logProbability(_ time: Int, _ state: Int) -> Double {
    Double(sequence.prediction[time * sequence.classCount + symbol(state)]) - normalisers[time]
  }

  /// Fills the forward table and gives the loss.
  @inlinable
  func forward() -> Double {
    normalise()
    let last = sequence.time - 1
    guard last >= 0 else { return states == 1 ? 0 : .infinity }
    for state in 0..<states {
      alpha[state] = state < 2 ? logProbability(0, state) : -.infinity
    }
    for time in 1..<max(1, sequence.time) {
      let row = alpha + time * states
      let before = row - states
      for state in 0..<states {
        var sum = before[state]
        if state >= 1 { sum = Self.logAdd(sum, before[state - 1]) }
        if skips(state) { sum = Self.logAdd(sum, before[state - 2]) }
        row[state] = sum + logProbability(time, state)
      }
    }
    let end = alpha + last * states + states
    return -(states == 1 ? end[-1] : Self.logAdd(end[-1], end[-2]))
  }

  /// Walks back through the lattice and writes the gradient, step by step.
  @inlinable
  func backward(loss: Double, divisor: Double) {
    var row = beta
    var after = beta + states
    for time in stride(from: sequence.time - 1, through: 0, by: -1) {
      for state in 0..<states {
        var sum: Double
        if time == sequence.time - 1 {
          sum = state >= states - 2 ? 0 : -.infinity
        } else {
          sum = after[state]
          if state + 1 < states { sum = Self.logAdd(sum, after[state + 1]) }
          if state + 2 < states, skips(state + 2) { sum = Self.logAdd(sum, after[state + 2]) }
        }
        row[state] = sum + logProbability(time, state)
      }
      writeGradient(time, row, loss: loss, divisor: divisor)
      swap(&row, &after)
    }
  }

  /// The gradient of one step: what the model says minus the share of the alignments.
  @inlinable
  func writeGradient(
    _ time: Int, _ row: UnsafeMutablePointer<Double>, loss: Double, divisor: Double
  ) {
    guard let gradient = sequence.gradient else { return }
    for c in 0..<sequence.classCount { shares[c] = 0 }
    for state in 0..<states {
      // Both tables hold the step's own probability.
      let own = alpha[time * states + state] + row[state]
      guard own > -.infinity else { continue }
      shares[symbol(state)] += Double.exp(own - logProbability(time, state) + loss)
    }
    let scale = Double(sequence.coefficient) / divisor
    let start = time * sequence.classCount
    for c in 0..<sequence.classCount {
      let said =
        fromLogits
        ? Double.exp(Double(sequence.prediction[start + c]) - normalisers[time]) : 0
      gradient[start + c] = S(scale * (said - shares[c]))
    }
  }

  /// An impossible target has no gradient.
  @inlinable
  func clearGradient() {
    guard let gradient = sequence.gradient else { return }
    for i in 0..<(sequence.time * sequence.classCount) { gradient[i] = 0 }
  }

  /// The logarithm of the sum over the classes at each step; 0 for log-probabilities.
  @inlinable
  func normalise() {
    for time in 0..<sequence.time {
      guard fromLogits else {
        normalisers[time] = 0
        continue
      }
      let row = sequence.prediction + time * sequence.classCount
      var top = -Double.infinity
      for c in 0..<sequence.classCount { top = Double.larger(top, Double(row[c])) }
      var sum = 0.0
      for c in 0..<sequence.classCount { sum += Double.exp(Double(row[c]) - top) }
      normalisers[time] = top + Double.log(sum)
    }
  }

  /// `log(exp(a) + exp(b))`
  @inlinable @inline(__always)
  static func logAdd(_ a: Double, _ b: Double) -> Double {
    let top = a > b ? a : b
    let distance = (a - b).magnitude
    return top == -.infinity ? top : top + Double.log(onePlus: Double.exp(-distance))
  }
}
