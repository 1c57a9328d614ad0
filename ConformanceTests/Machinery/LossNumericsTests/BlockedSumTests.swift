import LossConformance
import LossNumerics
import Testing

@Suite("blocked sum")
struct BlockedSumTests {
  @Test(
    "float, lengths around multiples of the lane count",
    arguments: [0, 1, 7, 8, 9, 15, 16, 17, 24, 31, 512, 1001])
  func float(count: Int) { check(Float.self, count: count, digits: 20) }

  @Test(
    "double, lengths around multiples of the lane count",
    arguments: [0, 1, 7, 8, 9, 15, 16, 17, 24, 31, 512, 1001])
  func double(count: Int) { check(Double.self, count: count, digits: 45) }

  /// Integers with enough bits that a sum in the scalar type would round.
  func check<S: LossScalar>(_ type: S.Type, count: Int, digits: Int) {
    var generator = SeededGenerator(seed: 4)
    let limit = 1 << digits
    let terms = (0..<count).map { _ in Int.random(in: -limit...limit, using: &generator) }
    let weights = (0..<count).map { _ in Int.random(in: 0...3, using: &generator) }
    let sum = BlockedSum.sum(terms.map { S($0) }, count: count)
    #expect(sum.value == Double(terms.reduce(0, +)))

    var removed = terms.map { S($0) }
    for i in 0..<count where weights[i] == 0 { removed[i] = i.isMultiple(of: 2) ? .nan : .infinity }
    let weighted = BlockedSum.sum(removed, weights: weights.map { S($0) }, count: count)
    #expect(weighted.value == Double(zip(terms, weights).map { $0 * $1 }.reduce(0, +)))
  }

  @Test("infinities and NaN propagate")
  func limits() {
    var terms = [Double](repeating: 1, count: 20)
    terms[3] = .infinity
    #expect(BlockedSum.sum(terms, count: 20).value == .infinity)
    terms[11] = .infinity
    #expect(BlockedSum.sum(terms, count: 20).value == .infinity)
    terms[18] = -.infinity
    #expect(BlockedSum.sum(terms, count: 20).value.isNaN)
    #expect(BlockedSum.sum(terms.map { Float($0) }, count: 12).value == .infinity)
    let weights = terms.map { $0 == 1 ? 0.0 : 1.0 }
    #expect(BlockedSum.sum(terms, weights: weights, count: 18).value == .infinity)
    #expect(BlockedSum.sum([Float.nan, 1], count: 2).value.isNaN)
  }

  @Test("products of float are exact")
  func products() {
    let tiny: [Float] = [1 + 0x1p-23, -1]
    #expect(BlockedSum.sum(tiny, weights: [1 + 0x1p-23, 1], count: 2).value == 0x1p-22 + 0x1p-46)
  }
}
