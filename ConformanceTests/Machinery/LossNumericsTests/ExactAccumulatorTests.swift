import LossConformance
import LossNumerics
import Testing

/// Exact sums, against expansions of nonoverlapping numbers and known values.
@Suite struct ExactAccumulatorTests {
  private func sum(_ numbers: [Double]) -> ExactAccumulator {
    var sum = ExactAccumulator()
    for number in numbers { sum.add(number) }
    return sum
  }

  private func blockSum(_ numbers: [Double]) -> ExactAccumulator {
    var sum = ExactAccumulator()
    numbers.withUnsafeBufferPointer {
      if let start = $0.baseAddress { sum.add(start, count: $0.count) }
    }
    return sum
  }

  /// The exact sum as nonoverlapping numbers of increasing size (J. R. Shewchuk, *Adaptive Precision
  /// Floating-Point Arithmetic*, 1997), compared with a candidate: the sum of both is exactly zero
  /// or rounds to zero against the candidate's neighbours.
  private func isNearest(_ candidate: Double, of numbers: [Double]) -> Bool {
    var expansion: [Double] = []
    func add(_ number: Double) {
      var number = number
      var next: [Double] = []
      for part in expansion {
        let sum = number + part
        let added = sum - number
        let error = (number - (sum - added)) + (part - added)
        if error != 0 { next.append(error) }
        number = sum
      }
      expansion = next + (number == 0 ? [] : [number])
    }
    for number in numbers { add(number) }
    add(-candidate)
    // What is left is at most half an ulp on either side.
    let rest = expansion.last ?? 0
    return rest.magnitude <= candidate.ulp / 2
  }

  @Test("a sum is the nearest number to the true sum, in any order, by numbers and by blocks")
  func isCorrectlyRounded() {
    for seed in 1...60 as ClosedRange<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let spread = [4, 40, 200][Int(seed % 3)]
      var numbers = (0..<Int.random(in: 1...700, using: &generator)).map { _ in
        Double(
          sign: Bool.random(using: &generator) ? .plus : .minus,
          exponent: Int.random(in: -spread...spread, using: &generator),
          significand: Double.random(in: 1..<2, using: &generator))
      }
      if seed % 4 == 0 { numbers += numbers.map { -$0 * (1 + 0x1p-40) } }
      let all = sum(numbers)
      #expect(isNearest(all.value, of: numbers), "seed \(seed)")
      #expect(blockSum(numbers) == all, "seed \(seed)")
      numbers.shuffle(using: &generator)
      #expect(sum(numbers) == all, "seed \(seed)")
      let cut = Int.random(in: 0...numbers.count, using: &generator)
      var merged = sum(Array(numbers[..<cut]))
      merged.add(blockSum(Array(numbers[cut...])))
      #expect(merged == all, "seed \(seed)")
      #expect(merged.description == all.description)
    }
  }

  /// The values are those of `math.fsum` in Python 3.
  @Test(
    "known sums",
    arguments: [
      ([1e308, 1e308, -1e308, -1e308], 0), ([1e16, 1, 1e-16, -1e16], 1),
      ([.greatestFiniteMagnitude, 1e291, -.greatestFiniteMagnitude], 1e291),
      ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], 5.5),
      ([1e100, 1, -1e100, 0x1p-1074], 1), ([0x1p-1074, 0x1p-1074, -0x1p-1073], 0),
      ([0x1p-1074, 0x1p-1074], 0x1p-1073),
      ([0x1p53, 1, 0x1p-1074], 0x1.0000000000001p53), ([0x1p53, 1], 0x1p53),
      ([-0x1p53, -1, -0x1p-1074], -0x1.0000000000001p53), ([-0.0, -0.0], 0), ([], 0),
      ([.leastNormalMagnitude, -0x1p-1074], Double.leastNormalMagnitude.nextDown),
    ] as [([Double], Double)])
  func knowsSums(_ numbers: [Double], _ expected: Double) {
    #expect(sum(numbers).value.bitPattern == expected.bitPattern)
    #expect(blockSum(numbers).value.bitPattern == expected.bitPattern)
  }

  @Test("infinities and NaN are kept, and a sum that is too large is infinite")
  func keepsSpecialNumbers() {
    #expect(sum([.infinity, -1e308]).value == .infinity)
    #expect(blockSum([1, -.infinity]).value == -.infinity)
    #expect(blockSum([.infinity, -.infinity, 1]).value.isNaN)
    #expect(sum([1, .nan, .infinity]).value.isNaN)
    #expect(sum([.greatestFiniteMagnitude, .greatestFiniteMagnitude]).value == .infinity)
    #expect(blockSum([-.greatestFiniteMagnitude, -.greatestFiniteMagnitude]).value == -.infinity)
    #expect(blockSum([0x1.fffffffffffffp1023, 0x1p969]).value == .greatestFiniteMagnitude)
    #expect(blockSum([0x1.fffffffffffffp1023, 0x1p970]).value == .infinity)
  }

  @Test("a sum is rounded to Float once")
  func roundsOnce() {
    // Halfway between two Floats and a little more, which a Double does not hold.
    let numbers = [1, 0x1p-24, 0x1p-80]
    #expect(sum(numbers).rounded(to: Float.self) == 1 + Float.ulpOfOne)
    #expect(Float(sum(numbers).value) == 1)
    #expect(sum([1, 0x1p-24]).rounded(to: Float.self) == 1)
    #expect(sum([0x1p-149]).rounded(to: Float.self) == .leastNonzeroMagnitude)
    #expect(sum([0x1p-150]).rounded(to: Float.self) == 0)
    #expect(sum([0x1p-150, 0x1p-1000]).rounded(to: Float.self) == .leastNonzeroMagnitude)
    #expect(sum([0x1p-151, 0x1p-1000]).rounded(to: Float.self) == 0)
    #expect(sum([0x1p128]).rounded(to: Float.self) == .infinity)
    #expect(sum([0x1.ffffffp127]).rounded(to: Float.self) == .infinity)
    #expect(sum([0x1.fffffefffp127]).rounded(to: Float.self) == .greatestFiniteMagnitude)
  }

  @Test("weights of zero remove terms, products are those of Double")
  func weights() {
    let terms: [Float] = [1, .nan, 3, .infinity, 0x1p-100]
    let weights: [Float] = [0.5, 0, 2, -0.0, 3]
    var sum = ExactAccumulator()
    sum.add(terms, weights: weights, count: 5)
    #expect(sum == self.sum([0.5, 6, 0x3p-100]))
  }

  @Test("the sum of 2^63 of the largest number is exact", arguments: [1.0, -1])
  func isWide(_ sign: Double) {
    var sum = self.sum([sign * .greatestFiniteMagnitude, sign * 0x1.fffffffffffffp-1022])
    for _ in 0..<63 { sum.add(sum) }
    #expect(sum.value == sign * .infinity)
    var expected = self.sum([sign * 0x1.fffffffffffffp-959])
    #expect(ExactAccumulator(sum.description) == sum)
    var back = self.sum([-sign * .greatestFiniteMagnitude])
    for _ in 0..<63 { back.add(back) }
    sum.add(back)
    #expect(sum == expected)
    expected.add(-expected.value)
    #expect(expected == ExactAccumulator())
  }

  @Test("text is read back, and nothing else is read")
  func text() {
    for numbers in [[0], [1, 0x1p-1074], [-3e200, 7e-200], [.nan], [.infinity], [-.infinity]] {
      let sum = sum(numbers)
      #expect(ExactAccumulator(sum.description) == sum)
    }
    #expect(sum([-31]).description == "-0x7c0000p-18")
    for text in ["", "1", "0x", "0xp0", "0x1", "0x1p-1073", "-0x0p-1074", "0x+1p-50", "0x1p99999"] {
      #expect(ExactAccumulator(text) == nil, "\(text)")
    }
  }
}
