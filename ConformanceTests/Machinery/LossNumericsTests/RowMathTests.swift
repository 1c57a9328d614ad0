import LossConformance
import LossNumerics
import Testing

@Suite("row reductions")
struct RowMathTests {
  @Test("float", arguments: [1, 5, 8, 10, 100, 300, 1000])
  func float(count: Int) { check(Float.self, count: count) }

  @Test("double", arguments: [1, 5, 8, 10, 100, 300, 1000])
  func double(count: Int) { check(Double.self, count: count) }

  func check<S: LossScalar>(_ type: S.Type, count: Int) {
    var numbers = SeededGenerator(seed: 5)
    // So few different numbers that the maximum is there more than once.
    let row = (0..<count).map { _ in S(Int.random(in: -9...9, using: &numbers)) }
    let (value, index) = RowMath.maximum(row, count: count)
    #expect(value == row.max())
    #expect(index == row.firstIndex(of: value))

    let scale = S.scale(below: value)
    let exponentials = row.map { S.exp($0, scale) }
    var truth: Wide = 0
    for j in 0..<count where j != index { truth += Wide(exponentials[j]) }
    let sum = RowMath.sumExp(row, count: count, largest: (value, index))
    #expect(sum.largest == exponentials[index].asDouble)
    #expect(ulps(S(sum.rest), from: truth) <= 0.51)

    var out = [S](repeating: .nan, count: count)
    let again = RowMath.exponentials(row, count: count, largest: (value, index), into: &out)
    #expect(again.rest == sum.rest)
    #expect(again.largest == sum.largest)
    #expect(out == exponentials)
  }

  @Test("one walk, float", arguments: [1, 5, 65, 300, 1000])
  func oneWalkFloat(count: Int) { checkOneWalk(Float.self, count: count) }

  @Test("one walk, double", arguments: [1, 5, 65, 300, 1000])
  func oneWalkDouble(count: Int) { checkOneWalk(Double.self, count: count) }

  /// Rows whose first numbers say what the largest is, and rows that go on far above or below them.
  func checkOneWalk<S: LossScalar>(_ type: S.Type, count: Int) {
    var numbers = SeededGenerator(seed: 6)
    for negativeLogLikelihood in [0.0, 3, 20, 31, 33, 200, 1e4, -1e4] {
      for place in [0, count / 2, count - 1] {
        var row = (0..<count).map { _ in S(Double.random(in: -3...3, using: &numbers)) }
        row[place] += S(negativeLogLikelihood)
        checkOneWalk(row)
        row[count - 1 - place] = -.infinity
        checkOneWalk(row)
      }
    }
  }

  func checkOneWalk<S: LossScalar>(_ row: [S]) {
    let count = row.count
    let (top, index) = RowMath.maximum(row, count: count)
    let expected = RowMath.sumExp(row, count: count, largest: (top, index))
    var out = [S](repeating: .nan, count: count)
    // What is summed is divided by another power of two, as a rule.
    let truth = Wide(expected.rest) / Wide(expected.largest)
    for (found, hasPlace) in [
      (RowMath.exponentials(row, count: count, into: nil), false),
      (RowMath.exponentials(row, count: count, into: &out), true),
    ] {
      #expect(found.top == top)
      let rest = S(found.sum.rest / found.sum.largest)
      #expect(truth.isNaN ? rest.isNaN : ulps(rest, from: truth) <= 1.5)
      guard hasPlace, top > -.infinity else { continue }
      #expect(out[index].asDouble == found.sum.largest)
      let scale = S.scale(below: top)
      for j in 0..<count {
        let share = S.exp(row[j], scale).asDouble / expected.largest
        #expect(ulps(S(out[j].asDouble / found.sum.largest), from: Wide(share)) <= 3)
      }
    }
  }

  @Test("one walk, limits")
  func oneWalkLimits() {
    for special: [Float] in [[.nan], [-.nan], [.infinity], [.infinity, .infinity]] {
      var row = [Float](repeating: 1, count: 300)
      for (place, number) in special.enumerated() { row[290 + place] = number }
      let found = RowMath.exponentials(row, count: 300, into: nil)
      let top = RowMath.maximum(row, count: 300)
      let sum = RowMath.sumExp(row, count: 300, largest: top)
      #expect(found.top.isNaN ? top.value.isNaN : found.top == top.value)
      #expect(found.sum.rest.isNaN ? sum.rest.isNaN : found.sum.rest == sum.rest)
    }
    let nothing = [Double](repeating: -.infinity, count: 10)
    #expect(RowMath.exponentials(nothing, count: 10, into: nil).top == -.infinity)
  }

  @Test("two sums at once", arguments: [0, 1, 100, 1000])
  func sums(count: Int) {
    let both = RowMath.sums(count: count) { start, count, first, second in
      for j in 0..<count { (first[j], second[j]) = (Double(start + j), -2 * Double(start + j)) }
    }
    let expected = Double(count * (count - 1) / 2)
    #expect(both.0.value == expected)
    #expect(both.1.value == -2 * expected)
  }

  @Test("limits, float") func floatLimits() { checkLimits(Float.self) }

  @Test("limits, double") func doubleLimits() { checkLimits(Double.self) }

  func checkLimits<S: LossScalar>(_ type: S.Type) {
    var row = [S](repeating: -.infinity, count: 300)
    #expect(RowMath.maximum(row, count: 300) == (-.infinity, 0))
    #expect(RowMath.maximum(row, count: 0) == (-.infinity, 0))
    row[7] = -5
    row[290] = 3
    #expect(RowMath.maximum(row, count: 300) == (3, 290))
    #expect(RowMath.maximum(row, count: 290) == (-5, 7))
    let sum = RowMath.sumExp(row, count: 300, largest: (3, 290))
    #expect(ulps(S(sum.rest / sum.largest), from: Wide(S.exp(-8))) <= 3)

    row[200] = .nan
    row[280] = .nan
    let first = RowMath.maximum(row, count: 300)
    #expect(first.value.isNaN)
    #expect(first.index == 200)
    #expect(RowMath.sumExp(row, count: 300, largest: (3, 290)).rest.isNaN)

    row = [.infinity, 1, .infinity]
    #expect(RowMath.maximum(row, count: 3) == (.infinity, 0))
    #expect(RowMath.sumExp(row, count: 2, largest: (.infinity, 0)).rest == 0)
    #expect(RowMath.sumExp(row, count: 3, largest: (.infinity, 0)).rest.isNaN)
  }
}
