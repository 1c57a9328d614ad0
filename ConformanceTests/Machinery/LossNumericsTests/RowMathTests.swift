import LossConformance
import LossNumerics
import LossVectors
import Testing

@Suite("row reductions")
struct RowMathTests {
  @Test("float", arguments: [1, 5, 8, 10, 100, 300, 1000])
  func float(count: Int) { check(Float.self, count: count) }

  @Test("double", arguments: [1, 5, 8, 10, 100, 300, 1000])
  func double(count: Int) { check(Double.self, count: count) }

  func check<S: LossScalar>(_ type: S.Type, count: Int) {
    var generator = SeededGenerator(seed: 5)
    // Few distinct numbers, so that the maximum occurs more than once.
    let row = (0..<count).map { _ in S(Int.random(in: -9...9, using: &generator)) }
    let (value, index) = RowMath.maximum(row, count: count)
    #expect(value == row.max())
    #expect(index == row.firstIndex(of: value))

    let scale = S.scale(below: value)
    let exponentials = row.map { S.exp($0, scale) }
    var truth: Wide = 0
    for j in 0..<count where j != index { truth += Wide(exponentials[j]) }
    let sum = RowMath.sumExp(row, count: count, largest: (value, index))
    #expect(sum.maxExponential == exponentials[index].asDouble)
    #expect(ulps(S(sum.sumExcludingMax), from: truth) <= 0.51)

    var out = [S](repeating: .nan, count: count)
    let again = RowMath.exponentials(row, count: count, largest: (value, index), into: &out)
    #expect(again.sumExcludingMax == sum.sumExcludingMax)
    #expect(again.maxExponential == sum.maxExponential)
    #expect(out == exponentials)
  }

  @Test("single pass, float", arguments: [1, 5, 65, 300, 1000])
  func singlePassFloat(count: Int) { checkSinglePass(Float.self, count: count) }

  @Test("single pass, double", arguments: [1, 5, 65, 300, 1000])
  func singlePassDouble(count: Int) { checkSinglePass(Double.self, count: count) }

  /// Rows whose maximum is among the first elements, and rows with elements far above or below it.
  func checkSinglePass<S: LossScalar>(_ type: S.Type, count: Int) {
    var generator = SeededGenerator(seed: 6)
    for offset in [0.0, 3, 20, 31, 33, 200, 1e4, -1e4] {
      for index in [0, count / 2, count - 1] {
        var row = (0..<count).map { _ in S(Double.random(in: -3...3, using: &generator)) }
        row[index] += S(offset)
        checkSinglePass(row)
        row[count - 1 - index] = -.infinity
        checkSinglePass(row)
      }
    }
  }

  func checkSinglePass<S: LossScalar>(_ row: [S]) {
    let count = row.count
    let (top, index) = RowMath.maximum(row, count: count)
    let expected = RowMath.sumExp(row, count: count, largest: (top, index))
    var out = [S](repeating: .nan, count: count)
    // The sums are usually divided by different powers of two, so that only quotients are compared.
    let truth = Wide(expected.sumExcludingMax) / Wide(expected.maxExponential)
    for (found, hasOutput) in [
      (RowMath.exponentials(row, count: count, into: nil), false),
      (RowMath.exponentials(row, count: count, into: &out), true),
    ] {
      #expect(found.top == top)
      let others = S(found.sum.sumExcludingMax / found.sum.maxExponential)
      #expect(truth.isNaN ? others.isNaN : ulps(others, from: truth) <= 1.5)
      guard hasOutput, top > -.infinity else { continue }
      #expect(out[index].asDouble == found.sum.maxExponential)
      let scale = S.scale(below: top)
      for j in 0..<count {
        let share = S.exp(row[j], scale).asDouble / expected.maxExponential
        #expect(ulps(S(out[j].asDouble / found.sum.maxExponential), from: Wide(share)) <= 3)
      }
    }
  }

  static let shortCounts = [1, 2, 7, 8, 9, 10, 16, 17, 24, 33, 50, 64, 100, 128]

  @Test("sixteen short rows, float", arguments: shortCounts)
  func shortFloat(count: Int) { checkShort(Float.self, count: count) }

  @Test("sixteen short rows, double", arguments: shortCounts)
  func shortDouble(count: Int) { checkShort(Double.self, count: count) }

  /// Sixteen rows together have the bits of each row alone, also where one class dominates.
  func checkShort<S: LossScalar>(_ type: S.Type, count: Int) {
    var generator = SeededGenerator(seed: 7)
    for offset in [0.0, 3, 16, 31, 200, 1e4, -1e4] {
      var rows = (0..<16 * count).map { _ in S(Int.random(in: -24...24, using: &generator)) / 8 }
      for row in 0..<16 {
        rows[row * count + Int.random(in: 0..<count, using: &generator)] += S(offset)
        if row % 4 == 1, count > 1 { rows[row * count] = -.infinity }
        // The largest are zeros of both signs.
        if row % 4 == 2 {
          for j in 0..<count { rows[row * count + j] = [-0.0, 0, -100][(j + row) % 3] }
        }
      }
      var (columns, out) = (rows, rows)
      RowMath.copyToColumns(rows, count: count, &columns)
      var back = [S](repeating: .nan, count: rows.count)
      RowMath.copyToRows(columns, count: count, &back)
      #expect(back == rows)
      withSums(S.self) { sums in
        let isFinite = RowMath.exponentials(
          ofColumns: columns, step: 16, count: count, into: &out, sums)
        #expect(isFinite)
        for row in 0..<16 {
          var own = [S](repeating: .nan, count: count)
          let numbers = Array(rows[row * count..<(row + 1) * count])
          let alone = RowMath.exponentials(numbers, count: count, into: &own)
          #expect(sums.maxima[row] == alone.top)
          #expect(sums[row].maxExponential == alone.sum.maxExponential)
          #expect(sums[row].sumExcludingMax == alone.sum.sumExcludingMax)
          #expect((0..<count).map { out[$0 * 16 + row] } == own)
        }
      }
      for special: S in [.nan, .infinity] {
        columns[columns.count - 3] = special
        withSums(S.self) { sums in
          #expect(
            !RowMath.exponentials(ofColumns: columns, step: 16, count: count, into: &out, sums))
        }
      }
    }
  }

  private func withSums<S: LossScalar>(_ type: S.Type, _ body: (ExponentialSums<S>) -> Void) {
    withUnsafeTemporaryAllocation(of: S.self, capacity: 16) { maxima in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 32) { sums in
        guard let maxima = maxima.baseAddress, let sums = sums.baseAddress else { return }
        body(ExponentialSums(maxima: maxima, sums: sums))
      }
    }
  }

  @Test("single pass, limits")
  func singlePassLimits() {
    for special: [Float] in [[.nan], [-.nan], [.infinity], [.infinity, .infinity]] {
      var row = [Float](repeating: 1, count: 300)
      for (index, number) in special.enumerated() { row[290 + index] = number }
      let found = RowMath.exponentials(row, count: 300, into: nil)
      let top = RowMath.maximum(row, count: 300)
      let sum = RowMath.sumExp(row, count: 300, largest: top)
      #expect(found.top.isNaN ? top.value.isNaN : found.top == top.value)
      #expect(
        found.sum.sumExcludingMax.isNaN
          ? sum.sumExcludingMax.isNaN : found.sum.sumExcludingMax == sum.sumExcludingMax)
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
    #expect(ulps(S(sum.sumExcludingMax / sum.maxExponential), from: Wide(S.exp(-8))) <= 3)

    row[200] = .nan
    row[280] = .nan
    let first = RowMath.maximum(row, count: 300)
    #expect(first.value.isNaN)
    #expect(first.index == 200)
    #expect(RowMath.sumExp(row, count: 300, largest: (3, 290)).sumExcludingMax.isNaN)

    row = [.infinity, 1, .infinity]
    #expect(RowMath.maximum(row, count: 3) == (.infinity, 0))
    #expect(RowMath.sumExp(row, count: 2, largest: (.infinity, 0)).sumExcludingMax == 0)
    // Infinite elements are equal and exceed all others.
    #expect(RowMath.sumExp(row, count: 3, largest: (.infinity, 0)).sumExcludingMax == 1)
  }

  @Test("A zero vector below a bound of lengths has the products of that bound")
  func cosineProductsOfZero() {
    // For x = [3, 4], y = 0 and |y| replaced by ½: the Hessian of x·y / (½ |x|).
    let (x, zero): ([Double], [Double]) = ([3, 4], [0, 0])
    let vectors: ([Double], [Double]) = ([0, 1], [1, 0])
    let expected: ([Double], [Double]) = ([0.256, -0.192], [-0.192, 0.144])
    for isFirst in [true, false] {
      var (ofX, ofZero) = ([Double](repeating: 9, count: 2), [Double](repeating: 9, count: 2))
      let bound = RowMath.CosineBound.each(0.5)
      ofX.withUnsafeMutableBufferPointer { ofX in
        ofZero.withUnsafeMutableBufferPointer { ofZero in
          let (x, zero) = (x, zero)
          x.withUnsafeBufferPointer { x in
            zero.withUnsafeBufferPointer { zero in
              vectors.0.withUnsafeBufferPointer { v in
                vectors.1.withUnsafeBufferPointer { w in
                  guard let x = x.baseAddress, let zero = zero.baseAddress else { return }
                  if isFirst {
                    RowMath.cosineProducts(
                      x, zero, (v.baseAddress, w.baseAddress), count: 2, bound: bound, scale: 1,
                      into: (ofX.baseAddress, ofZero.baseAddress))
                  } else {
                    RowMath.cosineProducts(
                      zero, x, (w.baseAddress, v.baseAddress), count: 2, bound: bound, scale: 1,
                      into: (ofZero.baseAddress, ofX.baseAddress))
                  }
                }
              }
            }
          }
        }
      }
      for j in 0..<2 {
        #expect((ofX[j] - expected.0[j]).magnitude < 1e-15)
        #expect((ofZero[j] - expected.1[j]).magnitude < 1e-15)
      }
    }
  }
}
