import LossConformance
import LossFunctions
import Testing

/// Logits of +∞ are the limit of equal logits that exceed all others, in every lattice.
@Suite struct InfiniteLogitTests {
  /// A logit that exceeds others so far that their probabilities are 0 in either element.
  private static let large = 1e5

  private static func check<S: ComputeScalar>(
    _ loss: some LossProtocol, shape: [Int], labels: [Int], _ generator: inout SeededGenerator,
    in type: S.Type
  ) throws {
    let numbers = (0..<shape.reduce(1, *)).map { _ in
      generator.probability(25)
        ? Double.infinity
        : generator.probability(10) ? -.infinity : Double.random(in: -2...2, using: &generator)
    }
    let finite = numbers.map { $0 == .infinity ? large : $0 }
    let target = Tensor(labels)
    let infinite = try Tensor(shape: shape, scalars: numbers.map { S($0) })
    let limit = try Tensor(shape: shape, scalars: finite.map { S($0) })
    let (value, gradient) = try loss.valueAndGradient(infinite, target)
    let (expected, slope) = try loss.valueAndGradient(limit, target)
    // The loss of a path of probability 0 is infinite, and its gradient 0.
    guard !(expected >= S(large / 2)) else {
      #expect(value == .infinity, "\(numbers)")
      #expect(gradient.scalars.allSatisfy { $0 == 0 }, "\(numbers)")
      return
    }
    #expect(value == expected || (value.isNaN && expected.isNaN), "\(numbers)")
    for (a, b) in zip(gradient.scalars, slope.scalars) {
      #expect(abs(a - b) <= 4 * S.ulpOfOne || (a.isNaN && b.isNaN), "\(numbers)")
    }
  }

  @Test("ctc and rnnt are the limit of large logits")
  func lattices() throws {
    var generator = SeededGenerator(seed: 16)
    for _ in 0..<200 {
      let labels = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
        Int.random(in: 1...2, using: &generator)
      }
      let time = Int.random(in: 1...5, using: &generator)
      for blank in [0, -3] {
        let ctc = CTCLoss(blank: blank)
        try Self.check(ctc, shape: [time, 3], labels: labels, &generator, in: Double.self)
        try Self.check(ctc, shape: [time, 3], labels: labels, &generator, in: Float.self)
      }
      let shape = [time, labels.count + 1, 3]
      try Self.check(RNNTLoss(), shape: shape, labels: labels, &generator, in: Double.self)
      try Self.check(RNNTLoss(), shape: shape, labels: labels, &generator, in: Float.self)
    }
  }

  @Test("a row of -∞ alone has no softmax")
  func empty() throws {
    let logits = try Tensor<Double>(rows: [[-.infinity, -.infinity], [0, .infinity]])
    let (value, gradient) = try CTCLoss().valueAndGradient(logits, Tensor([1]))
    #expect(value.isNaN)
    #expect(gradient.scalars.allSatisfy { $0.isNaN })
  }
}
