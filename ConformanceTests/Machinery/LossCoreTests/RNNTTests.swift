import LossConformance
import LossFunctions
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The transducer loss against brute force over all paths.
@Suite struct RNNTTests {
  struct Problem: CustomStringConvertible, Sendable {
    var time: Int
    var classes: Int
    var labels: [Int]
    var blank: Int
    var description: String { "T \(time), C \(classes), labels \(labels), blank \(blank)" }
    var count: Int { time * (labels.count + 1) * classes }
    var shape: [Int] { [time, labels.count + 1, classes] }
  }

  /// The negative logarithm of the sum over all paths of blanks and labels that end with a blank.
  static func brute(_ numbers: [Double], _ problem: Problem, fromLogits: Bool) -> Double {
    let classes = problem.classes
    let rows = problem.labels.count + 1
    func logProbability(_ step: Int, _ emitted: Int, _ symbol: Int) -> Double {
      let start = (step * rows + emitted) * classes
      guard fromLogits else { return numbers[start + symbol] }
      let row = numbers[start..<start + classes]
      return numbers[start + symbol] - log(row.map { exp($0) }.reduce(0, +))
    }
    func total(_ step: Int, _ emitted: Int, _ sum: Double) -> Double {
      guard step < problem.time else { return emitted == problem.labels.count ? exp(sum) : 0 }
      var all = total(step + 1, emitted, sum + logProbability(step, emitted, problem.blank))
      if emitted < problem.labels.count {
        all += total(
          step, emitted + 1, sum + logProbability(step, emitted, problem.labels[emitted]))
      }
      return all
    }
    return -log(total(0, 0, 0))
  }

  static let problems: [Problem] = {
    var problems: [Problem] = []
    for time in 1...4 {
      for classes in 1...3 {
        for blank in 0..<classes {
          for labels in labelings(classes: classes, blank: blank) {
            problems.append(Problem(time: time, classes: classes, labels: labels, blank: blank))
          }
        }
      }
    }
    return problems
  }()

  @Test("value and gradient match the sum over all paths", arguments: [true, false])
  func paths(_ fromLogits: Bool) throws {
    for (number, problem) in Self.problems.enumerated() {
      var generator = SeededGenerator(seed: UInt64(number))
      let numbers = generator.numbers(-2...2, problem.count)
      var options = RNNTLoss.Options()
      // Every other problem counts the blank from the last class.
      options.blank = number % 2 == 0 ? problem.blank : problem.blank - problem.classes
      options.fromLogits = fromLogits
      let result = try RNNTLoss(options: options).evaluate(
        [
          .prediction: try tensor(problem.shape, numbers),
          .target: AnyTensor(Tensor(problem.labels)),
        ], gradientsOf: [.prediction], domainChecks: DomainChecks.none)
      let note: Comment = "seed \(number): \(problem)"
      func expected(_ numbers: [Double]) -> Double {
        Self.brute(numbers, problem, fromLogits: fromLogits)
      }
      #expect(agree(result.value.doubles, [expected(numbers)], scale: 1), note)
      let gradient = result.gradients[.prediction]?.doubles ?? []
      #expect(isDerivative(gradient, centralDifferences(at: numbers, expected)), note)
    }
  }

  /// Growing, constant and shrinking diagonals of the lattice.
  @Test(
    "the gradient of a long sequence is the derivative",
    arguments: [(60, 9), (9, 60), (40, 40), (1, 70), (70, 1)])
  func longSequence(_ time: Int, _ count: Int) throws {
    var generator = SeededGenerator(seed: 5)
    let labels = (0..<count).map { _ in Int.random(in: 1..<7, using: &generator) }
    let size = time * (count + 1) * 7
    let logits = generator.numbers(-3...3, size)
    let direction = generator.numbers(-1...1, size)
    let target = Tensor(labels)
    let shape = try Shape([time, count + 1, 7])
    func moved(_ by: Double, _ part: Range<Int>) throws -> Tensor<Double> {
      var numbers = logits
      for index in part { numbers[index] += by * direction[index] }
      return try Tensor(shape: shape, scalars: numbers)
    }
    let loss = RNNTLoss()
    let gradient = try loss.valueAndGradient(moved(0, 0..<0), target).gradient.scalars
    // Each part separately, since errors of several parts could cancel.
    for start in stride(from: 0, to: size, by: size / 7) {
      let part = start..<min(size, start + size / 7)
      let derivative = part.map { gradient[$0] * direction[$0] }.reduce(0, +)
      let quotient = try (loss(moved(1e-4, part), target) - loss(moved(-1e-4, part), target)) / 2e-4
      #expect(abs(derivative - quotient) < 1e-5, "from element \(start)")
    }
    // A softmax sums to 1, so that the gradient of each row of logits sums to 0.
    for row in 0..<size / 7 {
      #expect(abs(gradient[row * 7..<row * 7 + 7].reduce(0, +)) < 1e-12)
    }
  }

  @Test("large logits give finite values", arguments: [1e4, 1e30, 1e290])
  func extremes(_ size: Double) throws {
    for seed in UInt64(1)...40 {
      var generator = SeededGenerator(seed: seed)
      let logits = (0..<4 * 3 * 3).map { _ in generator.pick([-size, size, 0]) }
      let result = try RNNTLoss().evaluate(
        [.prediction: try tensor([4, 3, 3], logits), .target: AnyTensor(Tensor([1, 2]))],
        gradientsOf: [.prediction])
      #expect(result.value.doubles[0].isFinite, "seed \(seed)")
      #expect(result.value.doubles[0] >= 0, "seed \(seed)")
      let gradient = result.gradients[.prediction]?.doubles ?? []
      #expect(gradient.allSatisfy { abs($0) <= 1 }, "seed \(seed)")
    }
  }

  /// Three sequences of 4 steps and 2 labels, with garbage as padding, and each sequence alone.
  private func batch(_ seed: UInt64) throws -> (LossInputs, [LossInputs]) {
    let garbage: [Double] = [.nan, .infinity, -.infinity, 1e300]
    var generator = SeededGenerator(seed: seed)
    var prediction: [Double] = []
    var target: [Int] = []
    var alone: [LossInputs] = []
    for (time, count) in [(4, 1), (2, 2), (3, 0)] {
      let labels = (0..<count).map { _ in generator.pick([1, 2]) }
      var predictions: [Double] = []
      for step in 0..<4 {
        for emitted in 0...2 {
          let isInside = step < time && emitted <= count
          let row =
            isInside ? generator.numbers(-2...2, 3) : (0..<3).map { _ in generator.pick(garbage) }
          if isInside { predictions += row }
          prediction += row
        }
      }
      target += labels + (0..<2 - count).map { _ in generator.pick([-1, 0, 99, Int.min]) }
      alone.append([
        .prediction: try tensor([time, count + 1, 3], predictions),
        .target: AnyTensor(Tensor(labels)),
      ])
    }
    return (
      [
        .prediction: try tensor([3, 4, 3, 3], prediction), .target: try tensor([3, 2], target),
        .predictionLengths: AnyTensor(Tensor([4, 2, 3])),
        .targetLengths: AnyTensor(Tensor([1, 2, 0])),
      ], alone
    )
  }

  @Test("a batch equals its sequences alone; padding is not read and has a gradient of zero")
  func lengths() throws {
    for seed in UInt64(1)...5 {
      let (inputs, alone) = try batch(seed)
      let result = try RNNTLoss().evaluate(
        inputs, gradientsOf: [.prediction], reduction: Reduction.unreduced)
      let gradient = try #require(result.gradients[.prediction]).doubles
      for (index, predictions) in alone.enumerated() {
        let one = try RNNTLoss().evaluate(predictions, gradientsOf: [.prediction])
        #expect(result.value.doubles[index] == one.value.doubles[0], "seed \(seed)")
        let expected = try #require(one.gradients[.prediction])
        let extents = expected.shape.extents
        for step in 0..<4 {
          for emitted in 0...2 {
            let start = ((index * 4 + step) * 3 + emitted) * 3
            let row = Array(gradient[start..<start + 3])
            let isInside = step < extents[0] && emitted < extents[1]
            let from = (step * extents[1] + emitted) * 3
            #expect(row == (isInside ? Array(expected.doubles[from..<from + 3]) : [0, 0, 0]))
          }
        }
      }
    }
  }

  @Test("every class axis and thread count gives the same bits", arguments: 0...3)
  func classAxis(_ axis: Int) throws {
    let (inputs, _) = try batch(7)
    let expected = try RNNTLoss().evaluate(inputs, gradientsOf: [.prediction])
    var order = [0, 1, 2]
    order.insert(3, at: axis)
    let inverse = (0..<4).map { index in order.firstIndex(of: index) ?? 0 }
    var moved = inputs
    moved[.prediction] = try inputs[.prediction]?.permuted(order)
    for threads in [1, 2, 3] {
      let result = try RNNTLoss().evaluate(
        moved, gradientsOf: [.prediction], classAxis: axis, threads: threads)
      #expect(bits(result.value) == bits(expected.value))
      let gradient = try #require(result.gradients[.prediction]).permuted(inverse)
      #expect(bits(gradient) == bits(try #require(expected.gradients[.prediction])))
    }
  }

  @Test("predictions that do not match the labels, and lengths out of range, throw")
  func refused() throws {
    let prediction = try tensor([2, 2, 3], Array(repeating: 0.0, count: 12))
    for labels in [[], [1, 2], [1, 2, 1]] {
      let error = refusal { () throws(LossError) in
        try RNNTLoss().evaluate([.prediction: prediction, .target: AnyTensor(Tensor(labels))])
      }
      #expect(error?.code == .shapeMismatch)
      #expect(
        error?.expected
          == "class indices (i64) of shape [1], to match prediction")
    }
    let none = refusal { () throws(LossError) in
      try RNNTLoss().evaluate([
        .prediction: AnyTensor.float64(Tensor(repeating: 0, shape: Shape(trusted: [2, 0, 3]))),
        .target: AnyTensor(Tensor([1])),
      ])
    }
    #expect(
      none?.description
        == "rnnt: prediction has shape [2, 0, 3]; expected [..., time, label+1, class].")
    for (role, length) in [(Role.predictionLengths, 3), (.targetLengths, 2), (.targetLengths, -1)] {
      let error = refusal { () throws(LossError) in
        try RNNTLoss().evaluate([
          .prediction: prediction, .target: AnyTensor(Tensor([1])), role: AnyTensor(Tensor(length)),
        ])
      }
      #expect(error?.code == .invalidValue)
      #expect(error?.subject == role.name)
    }
    for label in [0, -1, 3, Int.min, Int.max] {
      let error = refusal { () throws(LossError) in
        try RNNTLoss().evaluate([.prediction: prediction, .target: AnyTensor(Tensor([label]))])
      }
      #expect(error?.code == .invalidClass)
    }
    for blank in [3, -4, Int.min, Int.max] {
      var options = RNNTLoss.Options()
      options.blank = blank
      let error = refusal { () throws(LossError) in
        try RNNTLoss(options: options).evaluate([
          .prediction: prediction, .target: AnyTensor(Tensor([1])),
        ])
      }
      #expect(error?.code == .invalidOption)
      #expect(error?.subject == "blank")
    }
  }
}
