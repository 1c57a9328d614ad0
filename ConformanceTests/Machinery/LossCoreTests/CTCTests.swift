import LossConformance
import LossFunctions
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// CTC against brute force over all alignments.
@Suite struct CTCTests {
  /// The labels of an alignment: repeats are merged, then blanks removed.
  static func collapsed(_ alignment: [Int], blank: Int) -> [Int] {
    var labels: [Int] = []
    for (time, symbol) in alignment.enumerated()
    where symbol != blank && (time == 0 || alignment[time - 1] != symbol) {
      labels.append(symbol)
    }
    return labels
  }

  /// The negative logarithm of the sum over all alignments, after a log-softmax of logits.
  static func brute(
    _ numbers: [Double], time: Int, classes: Int, labels: [Int], blank: Int, fromLogits: Bool
  ) -> Double {
    var logs = numbers
    if fromLogits {
      for step in 0..<time {
        let row = numbers[step * classes..<(step + 1) * classes]
        let sum = log(row.map { exp($0) }.reduce(0, +))
        for c in 0..<classes { logs[step * classes + c] -= sum }
      }
    }
    let total = positions(Array(repeating: classes, count: time))
      .filter { collapsed($0, blank: blank) == labels }
      .map { alignment in
        exp(alignment.enumerated().map { logs[$0.offset * classes + $0.element] }.reduce(0, +))
      }.reduce(0, +)
    return -log(total)
  }

  struct Problem: CustomStringConvertible, Sendable {
    var time: Int
    var classes: Int
    var labels: [Int]
    var blank: Int
    var description: String { "T \(time), C \(classes), labels \(labels), blank \(blank)" }
    var isFeasible: Bool {
      let repeats = zip(labels, labels.dropFirst()).filter { $0 == $1 }.count
      return labels.count + repeats <= time
    }
  }

  static let problems: [Problem] = {
    var problems: [Problem] = []
    for time in 0...4 {
      for classes in 1...3 {
        for blank in [0, 1, -1] where (0..<classes).contains(blank < 0 ? blank + classes : blank) {
          let blankClass = blank < 0 ? blank + classes : blank
          for labels in labelings(classes: classes, blank: blankClass) {
            problems.append(Problem(time: time, classes: classes, labels: labels, blank: blank))
          }
        }
      }
    }
    return problems
  }()

  @Test("value and gradient match the sum over all alignments", arguments: [true, false])
  func alignments(_ fromLogits: Bool) throws {
    for (number, problem) in Self.problems.enumerated() {
      var generator = SeededGenerator(seed: UInt64(number))
      let numbers = generator.numbers(-2...2, problem.time * problem.classes)
      let loss = try LossRegistry.linked.loss(
        named: "ctc",
        options: ["blank": .number(Double(problem.blank)), "from_logits": .flag(fromLogits)])
      let blank = problem.blank < 0 ? problem.blank + problem.classes : problem.blank
      let inputs: LossInputs = [
        .prediction: try tensor([problem.time, problem.classes], numbers),
        .target: AnyTensor(Tensor(problem.labels)),
      ]
      let result = try loss.evaluate(
        inputs, gradientsOf: [.prediction], domainChecks: DomainChecks.none)
      let gradient = result.gradients[.prediction]?.doubles ?? []
      let note: Comment = "seed \(number): \(problem)"
      if problem.isFeasible {
        func expected(_ numbers: [Double]) -> Double {
          Self.brute(
            numbers, time: problem.time, classes: problem.classes, labels: problem.labels,
            blank: blank, fromLogits: fromLogits)
        }
        #expect(agree(result.value.doubles, [expected(numbers)], scale: 1), note)
        #expect(isDerivative(gradient, centralDifferences(at: numbers, expected)), note)
      } else {
        #expect(result.value.doubles == [.infinity], note)
        #expect(gradient.allSatisfy { $0 == 0 }, note)
        let zero = try LossRegistry.linked.loss(
          named: "ctc",
          options: [
            "blank": .number(Double(problem.blank)), "from_logits": .flag(fromLogits),
            "infeasible": "zero",
          ])
        let result = try zero.evaluate(
          inputs, gradientsOf: [.prediction], domainChecks: DomainChecks.none)
        #expect(result.value.doubles == [0], note)
        #expect(result.gradients[.prediction]?.doubles.allSatisfy { $0 == 0 } == true, note)
      }
    }
  }

  /// Enough time steps and labels that the gradient stores the lattice in parts; one more step
  /// moves the block boundaries.
  @Test("the gradient of a long sequence is the derivative", arguments: [236, 237, 300])
  func longSequence(_ time: Int) throws {
    var generator = SeededGenerator(seed: 11)
    let labels = (0..<200).map { _ in Int.random(in: 1..<40, using: &generator) }
    let logits = generator.numbers(-2...2, time * 40)
    let direction = generator.numbers(-1...1, time * 40)
    let target = Tensor(labels)
    let shape = try Shape([time, 40])
    func moved(_ by: Double) throws -> Tensor<Double> {
      try Tensor(shape: shape, scalars: zip(logits, direction).map { $0 + by * $1 })
    }
    let loss = CTCLoss()
    let gradient = try loss.valueAndGradient(moved(0), target).gradient.scalars
    let derivative = zip(gradient, direction).map(*).reduce(0, +)
    let quotient = try (loss(moved(1e-4), target) - loss(moved(-1e-4), target)) / 2e-4
    #expect(abs(derivative - quotient) < 1e-6 * abs(quotient))
    // Each part separately, since errors of several parts could cancel.
    for start in stride(from: 0, to: time, by: 10) {
      let part = start * 40..<min(time, start + 10) * 40
      func moved(_ by: Double) throws -> Tensor<Double> {
        var numbers = logits
        for index in part { numbers[index] += by * direction[index] }
        return try Tensor(shape: shape, scalars: numbers)
      }
      let derivative = part.map { gradient[$0] * direction[$0] }.reduce(0, +)
      let quotient = try (loss(moved(1e-4), target) - loss(moved(-1e-4), target)) / 2e-4
      #expect(abs(derivative - quotient) < 1e-5, "from step \(start)")
    }
  }

  @Test("a blank out of range, and a label that is the blank, throw")
  func refused() throws {
    let prediction = try tensor([2, 3], [1.0, 2, 3, 4, 5, 6])
    for blank in [3, -4, Int.min, Int.max] {
      var options = CTCLoss.Options()
      options.blank = blank
      let error = refusal { () throws(LossError) in
        try CTCLoss(options: options).evaluate([
          .prediction: prediction, .target: AnyTensor(Tensor([1])),
        ])
      }
      #expect(error?.code == .invalidOption)
      #expect(error?.subject == "blank")
    }
    for label in [0, -1, 3, Int.min, Int.max] {
      let error = refusal { () throws(LossError) in
        try CTCLoss().evaluate([.prediction: prediction, .target: AnyTensor(Tensor([1, label]))])
      }
      #expect(error?.code == .invalidClass)
      #expect(error?.found == "is \(label) at [1]")
    }
  }

  @Test("labels that no alignment fits: infinity, and NaN where any time has no softmax")
  func infeasible() throws {
    func value(_ last: Double) throws -> Double {
      try CTCLoss().evaluate(
        [.prediction: Tensor(shape: [2, 2], scalars: [0, 1, last, 0]), .target: Tensor([1, 1])],
        reduction: .sum
      ).scalar()
    }
    #expect(try value(0) == .infinity)
    #expect(try value(.infinity) == .infinity)
    #expect(try value(.nan).isNaN)
    #expect(try value(-.infinity) == .infinity)
  }
}
