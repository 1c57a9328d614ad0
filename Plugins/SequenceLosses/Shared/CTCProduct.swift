import LossCore

/// The change of the gradient of one sequence along a vector: its product of the Hessian.
///
/// Beside each forward and backward sum stands its relative change along the vector: that of a
/// product is the sum of the changes of its factors, that of a sum their mean, weighted by what is
/// added. Numbers of the vector are taken relative to that of the largest logit of their step, on
/// which nothing depends.
struct CTCProduct<S: LossScalar> {
  let alignments: CTCSequence<S>
  let vector: UnsafePointer<S>
  /// The relative changes of the forward sums: at each step those of the blanks, then of the labels.
  private let forward: UnsafeMutablePointer<Double>
  /// Those of the backward sums with the emission of their own step, for two steps.
  private let backward: UnsafeMutablePointer<Double>
  /// The mantissas and exponents of the products of both sums, and their relative changes.
  private let products: UnsafeMutablePointer<Double>
  /// The number of the vector at the largest logit of each step.
  private let origins: UnsafeMutablePointer<Double>
  private let changes: UnsafeMutablePointer<Double>

  private var lattice: CTCLattice { alignments.lattice }
  private var labelCount: Int { lattice.labels.count }
  private var states: Int { 2 * labelCount + 1 }
  private var classCount: Int { alignments.sequence.classCount }

  init(_ alignments: CTCSequence<S>, vector: UnsafePointer<S>) {
    self.alignments = alignments
    self.vector = vector
    let sequence = alignments.sequence
    let states = 2 * sequence.labels.count + 1
    let counts = [
      (sequence.time + 1) * states, 2 * states, 3 * states, sequence.time, sequence.classCount,
    ]
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: counts.reduce(0, +))
    memory.initialize(repeating: 0, count: counts.reduce(0, +))
    forward = memory
    backward = forward + counts[0]
    products = backward + counts[1]
    origins = products + counts[2]
    changes = origins + counts[3]
    for time in 0..<sequence.time {
      let row = sequence.prediction + time * sequence.classCount
      let largest = RowMath.maximum(row, count: sequence.classCount).index
      origins[time] = vector[time * sequence.classCount + largest].asDouble
    }
  }

  func deallocate() { forward.deallocate() }

  /// The number of the vector for a class at a step.
  @inline(__always)
  private func change(_ time: Int, _ label: Int) -> Double {
    vector[time * classCount + label].asDouble - origins[time]
  }

  /// The changes of the forward sums of a step; row 0 is that before the first step.
  private func forwardChanges(_ time: Int) -> UnsafeMutablePointer<Double> {
    forward + (time + 1) * states
  }

  private func backwardChanges(_ time: Int) -> UnsafeMutablePointer<Double> {
    backward + time % 2 * states
  }

  /// The relative changes of the forward sums of a step, after the step.
  func stepForward(_ window: CTCWindow) {
    let before = lattice.forwardRow(window.time - 1)
    let (old, new) = (forwardChanges(window.time - 1), forwardChanges(window.time))
    let ofBlank = change(window.time, lattice.blank)
    for k in window.blanks {
      new[k] = ofBlank + sum(before, old, blank: k, label: k - 1).change
    }
    for k in window.labels {
      let skipping = lattice.skips[k] == 0 ? k - 1 : nil
      new[labelCount + 1 + k] =
        change(window.time, lattice.labels[k])
        + sum(before, old, blank: k, label: k, skipping: skipping).change
    }
  }

  /// Runs the backward pass and writes the products, step by step.
  func write(divisor: Double) {
    let sequence = alignments.sequence
    guard let product = sequence.gradient, sequence.time > 0 else { return }
    let scale = sequence.gradientScale.asDouble / divisor
    let unit = lattice.end().exponent
    var window = lattice.beginBackward()
    for time in stride(from: sequence.time - 1, through: 0, by: -1) {
      lattice.restoreBlock(before: window) { alignments.fill($0) }
      // The posteriors themselves are not needed.
      lattice.stepBackward(&window, unit: unit, posteriors: alignments.emissions.row)
      stepBackward(window)
      let row = product + time * classCount
      guard alignments.fromLogits else {
        for c in 0..<classCount { row[c] = S(-scale * changes[c]) }
        continue
      }
      let probabilities = alignments.emissions.row
      let (mantissas, exponents) = (
        alignments.emissions.mantissas(time), alignments.emissions.exponents(time)
      )
      let normalizer = 1 / (1 + alignments.emissions.sumsExcludingMax[time])
      var mean = 0.0
      for c in 0..<classCount {
        probabilities[c] = ScaledExponential.plain(mantissas[c], exponents[c]) * normalizer
        mean += probabilities[c] * change(time, c)
      }
      for c in 0..<classCount {
        row[c] = S(scale * (probabilities[c] * (change(time, c) - mean) - changes[c]))
      }
    }
  }

  /// Writes the changes of the posteriors of a step to `changes`, after the backward step.
  private func stepBackward(_ window: CTCWindow) {
    let time = window.time
    let next = lattice.extraRow((time + 1) % 2)
    let row = lattice.forwardRow(time)
    let (old, new) = (backwardChanges(time + 1), backwardChanges(time))
    if time == alignments.sequence.time - 1 { old.update(repeating: 0, count: states) }
    let forward = forwardChanges(time)
    let (mantissas, exponents, relative) = (products, products + states, products + 2 * states)
    var largest = -Double.infinity
    func store(_ state: Int, _ sum: Sum, _ mantissa: Double, _ exponent: Double, _ label: Int) {
      mantissas[state] = sum.mantissa * mantissa
      exponents[state] = sum.exponent + exponent
      relative[state] = forward[state] + sum.change
      if mantissas[state] > 0 { largest = max(largest, exponents[state]) }
      new[state] = sum.change + change(time, label)
    }
    for k in window.blanks {
      let sum = sum(next, old, blank: k, label: k < labelCount ? k : nil)
      store(k, sum, row.blankMantissas[k], row.blankExponents[k], lattice.blank)
    }
    for k in window.labels {
      let skipping = k + 1 < labelCount && lattice.skips[k + 1] == 0 ? k + 1 : nil
      let sum = sum(next, old, blank: k + 1, label: k, skipping: skipping)
      store(
        labelCount + 1 + k, sum, row.labelMantissas[k], row.labelExponents[k], lattice.labels[k])
    }
    var (total, mean) = (0.0, 0.0)
    func forEachState(_ body: (_ state: Int, _ label: Int) -> Void) {
      for k in window.blanks { body(k, lattice.blank) }
      for k in window.labels { body(labelCount + 1 + k, lattice.labels[k]) }
    }
    forEachState { state, _ in
      mantissas[state] *= Self.power(exponents[state] - largest)
      total += mantissas[state]
      mean += mantissas[state] * relative[state]
    }
    mean /= total
    for c in 0..<classCount { changes[c] = 0 }
    forEachState { state, label in
      changes[label] += mantissas[state] / total * (relative[state] - mean)
    }
  }

  /// A sum of neighbouring states, and its relative change.
  private struct Sum {
    var mantissa: Double
    var exponent: Double
    var change: Double
  }

  /// The sum of a blank, a label and perhaps the label beyond it.
  @inline(__always)
  private func sum(
    _ row: CTCRow, _ changes: UnsafeMutablePointer<Double>, blank: Int, label: Int?,
    skipping: Int? = nil
  ) -> Sum {
    let zero = ScaledLanes.zeroExponent
    let first = label.map { $0 >= 0 ? $0 : -1 } ?? -1
    let second = skipping ?? -1
    let exponents = (
      row.blankExponents[blank], first < 0 ? zero : row.labelExponents[first],
      second < 0 ? zero : row.labelExponents[second]
    )
    let top = max(exponents.0, max(exponents.1, exponents.2))
    let parts = (
      row.blankMantissas[blank] * Self.power(exponents.0 - top),
      first < 0 ? 0 : row.labelMantissas[first] * Self.power(exponents.1 - top),
      second < 0 ? 0 : row.labelMantissas[second] * Self.power(exponents.2 - top)
    )
    let sum = parts.0 + parts.1 + parts.2
    guard sum > 0 else { return Sum(mantissa: 0, exponent: zero, change: 0) }
    let labels = changes + labelCount + 1
    let weighted =
      parts.0 * changes[blank] + (first < 0 ? 0 : parts.1 * labels[first])
      + (second < 0 ? 0 : parts.2 * labels[second])
    return Sum(mantissa: sum, exponent: top, change: weighted / sum)
  }

  /// 2^d for a whole number up to 0, and 0 from -1023 downwards.
  @inline(__always)
  private static func power(_ d: Double) -> Double {
    d > -1023 ? Double(bitPattern: UInt64(bitPattern: Int64(min(d, 0)) + 1023) << 52) : 0
  }
}
