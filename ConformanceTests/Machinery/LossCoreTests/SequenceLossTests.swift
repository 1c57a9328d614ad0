import LossConformance
import LossFunctions
import Testing

/// Batches of sequences: class axis, lengths and padding.
@Suite struct SequenceLossTests {
  static let lengths = (times: [5, 3, 0, 4], labels: [2, 1, 0, 0])
  static let garbage: [Double] = [.nan, .infinity, -.infinity, 1e300]

  /// Four sequences of 5 time steps and 4 classes, with garbage as padding, and each sequence
  /// alone.
  private func batch(_ seed: UInt64) throws -> (LossInputs, [LossInputs]) {
    var generator = SeededGenerator(seed: seed)
    var prediction: [Double] = []
    var target: [Int] = []
    var alone: [LossInputs] = []
    for (time, count) in zip(Self.lengths.times, Self.lengths.labels) {
      let numbers = generator.numbers(-2...2, time * 4)
      let labels = (0..<count).map { _ in generator.pick([1, 2, 3]) }
      prediction += numbers + (0..<(5 - time) * 4).map { _ in generator.pick(Self.garbage) }
      target += labels + (0..<2 - count).map { _ in generator.pick([-1, 0, 99, Int.min, Int.max]) }
      alone.append([
        .prediction: try tensor([time, 4], numbers), .target: AnyTensor(Tensor(labels)),
      ])
    }
    return (
      [
        .prediction: try tensor([4, 5, 4], prediction), .target: try tensor([4, 2], target),
        .predictionLengths: AnyTensor(Tensor(Self.lengths.times)),
        .targetLengths: AnyTensor(Tensor(Self.lengths.labels)),
      ], alone
    )
  }

  @Test("a batch equals its sequences alone; padding is not read and has a gradient of zero")
  func lengths() throws {
    for seed in UInt64(1)...5 {
      let (inputs, alone) = try batch(seed)
      let result = try CTCLoss().evaluate(
        inputs, gradientsOf: [.prediction], reduction: Reduction.unreduced)
      let gradient = try #require(result.gradients[.prediction]).doubles
      for (index, sequence) in alone.enumerated() {
        let one = try CTCLoss().evaluate(sequence, gradientsOf: [.prediction])
        #expect(result.value.doubles[index] == one.value.doubles[0], "seed \(seed)")
        let padding = Array(repeating: 0.0, count: (5 - Self.lengths.times[index]) * 4)
        let expected = (one.gradients[.prediction]?.doubles ?? []) + padding
        #expect(Array(gradient[index * 20..<(index + 1) * 20]) == expected, "seed \(seed)")
      }
    }
  }

  @Test("every class axis gives the bits of the last", arguments: [0, 1, -3, -2])
  func classAxis(_ axis: Int) throws {
    let (inputs, _) = try batch(7)
    let expected = try CTCLoss().evaluate(inputs, gradientsOf: [.prediction])
    let order = axis == 0 || axis == -3 ? [2, 0, 1] : [0, 2, 1]
    let inverse = axis == 0 || axis == -3 ? [1, 2, 0] : [0, 2, 1]
    var moved = inputs
    moved[.prediction] = try inputs[.prediction]?.permuted(order)
    for threads in [1, 3] {
      let result = try CTCLoss().evaluate(
        moved, gradientsOf: [.prediction], classAxis: axis, threads: threads)
      #expect(bits(result.value) == bits(expected.value))
      let gradient = try #require(result.gradients[.prediction]).permuted(inverse)
      #expect(bits(gradient) == bits(try #require(expected.gradients[.prediction])))
    }
  }

  @Test("lengths out of range throw", arguments: [-1, 6, Int.min, Int.max])
  func badLengths(_ length: Int) throws {
    for role in [Role.predictionLengths, .targetLengths] {
      var (inputs, _) = try batch(1)
      inputs[role] = AnyTensor(Tensor([0, 1, length, 0]))
      let error = refusal { () throws(LossError) in try CTCLoss().evaluate(inputs) }
      #expect(error?.code == .invalidValue)
      #expect(error?.subject == role.name)
      #expect(error?.found == "is \(length) at [2]")
    }
  }

  @Test("lengths of another type or shape throw")
  func wrongLengths() throws {
    var (inputs, _) = try batch(1)
    inputs[.targetLengths] = AnyTensor(Tensor([1.0, 1, 1, 1]))
    #expect(
      refusal { () throws(LossError) in try CTCLoss().evaluate(inputs) }?.code == .invalidType)
    inputs[.targetLengths] = AnyTensor(Tensor([1, 1, 1]))
    #expect(
      refusal { () throws(LossError) in try CTCLoss().evaluate(inputs) }?.code == .shapeMismatch)
  }

  @Test("per_label divides by the number of labels, without padding")
  func perLabel() throws {
    let (inputs, _) = try batch(3)
    var options = CTCLoss.Options()
    options.perLabel = true
    let plain = try CTCLoss().evaluate(
      inputs, gradientsOf: [.prediction], reduction: Reduction.unreduced)
    let each = try CTCLoss(options: options).evaluate(
      inputs, gradientsOf: [.prediction], reduction: Reduction.unreduced)
    let divisors = Self.lengths.labels.map { Double(max(1, $0)) }
    #expect(agree(each.value.doubles, zip(plain.value.doubles, divisors).map { $0 / $1 }))
    let gradient = plain.gradients[.prediction]?.doubles ?? []
    let expected = gradient.indices.map { gradient[$0] / divisors[$0 / 20] }
    #expect(agree(each.gradients[.prediction]?.doubles ?? [], expected))
  }
}
