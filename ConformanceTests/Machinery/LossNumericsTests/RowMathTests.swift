import LossNumerics
import Testing

@Suite("row reductions")
struct RowMathTests {
  @Test("float", arguments: [1, 5, 8, 10, 100, 300, 1000])
  func float(count: Int) { check(Float.self, count: count) }

  @Test("double", arguments: [1, 5, 8, 10, 100, 300, 1000])
  func double(count: Int) { check(Double.self, count: count) }

  func check<S: LossScalar>(_ type: S.Type, count: Int) {
    var numbers = SeededNumbers(seed: 5)
    // So few different numbers that the maximum is there more than once.
    let row = (0..<count).map { _ in S(Int.random(in: -9...9, using: &numbers)) }
    let (value, index) = RowMath.maximum(row, count: count)
    #expect(value == row.max() && index == row.firstIndex(of: value))

    for skipped in [-1, 0, index, count - 1, count] {
      var truth: Wide = 0
      for j in 0..<count where j != skipped { truth += Wide(S.exp(row[j] - value)) }
      let sum = RowMath.sumExp(row, count: count, shift: value, skipping: skipped)
      #expect(ulps(sum, from: truth) <= 0.51)

      var out = [S](repeating: .nan, count: count)
      let again = RowMath.exponentials(
        row,
        count: count,
        shift: value,
        skipping: skipped,
        into: &out
      )
      #expect(again == sum)
      #expect(out == row.map { S.exp($0 - value) })
    }
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
    #expect(RowMath.sumExp(row, count: 300, shift: 3, skipping: 290) == S.exp(-8))

    row[200] = .nan
    row[280] = .nan
    let first = RowMath.maximum(row, count: 300)
    #expect(first.value.isNaN && first.index == 200)
    #expect(RowMath.sumExp(row, count: 300, shift: 3, skipping: 0).isNaN)
    #expect(RowMath.sumExp(row, count: 280, shift: 3, skipping: 200) == S.exp(-8))

    row = [.infinity, 1, .infinity]
    #expect(RowMath.maximum(row, count: 3) == (.infinity, 0))
    #expect(RowMath.sumExp(row, count: 2, shift: .infinity, skipping: 0) == 0)
  }
}
