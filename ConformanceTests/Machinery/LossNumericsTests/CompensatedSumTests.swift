import LossConformance
import LossNumerics
import Testing

@Suite("compensated sum")
struct CompensatedSumTests {
  func sum(_ terms: [Double]) -> Double {
    var sum = CompensatedSum()
    for term in terms { sum.add(term) }
    return sum.value
  }

  @Test("small terms are kept next to large ones")
  func cancellation() {
    #expect(sum([1, 0x1p100, 1, -0x1p100]) == 2)
    #expect(sum([1, 0x1p60, 1, -0x1p60]) == 2)
    #expect(sum(Array(repeating: 0.1, count: 10)) == 1)
  }

  @Test("the rounding errors of a long sum are compensated")
  func long() {
    var generator = SeededGenerator(seed: 3)
    var sum = CompensatedSum()
    var exact = 0
    for _ in 0..<20_000 {
      let units = Int.random(in: -1_000_000_000_000...1_000_000_000_000, using: &generator)
      exact += units
      sum.add(Double(units) * 0x1p-40)
    }
    #expect(sum.value == Double(exact) * 0x1p-40)
  }

  @Test("infinities and NaN propagate")
  func limits() {
    #expect(sum([]) == 0)
    #expect(sum([-0.0]).sign == .plus)
    #expect(sum([1, .infinity, 2]) == .infinity)
    #expect(sum([-.infinity, 5]) == -.infinity)
    #expect(sum([.infinity, .infinity]) == .infinity)
    #expect(sum([.infinity, -.infinity]).isNaN)
    #expect(sum([1, .nan, .infinity]).isNaN)
    let largest = Double.greatestFiniteMagnitude
    #expect(sum([largest, largest]) == .infinity)
    #expect(sum([largest, 1]) == largest)
  }

  @Test("two sums can be added")
  func merging() {
    var left = CompensatedSum()
    var right = CompensatedSum()
    for term in [1, 0x1p60] { left.add(term) }
    for term in [1, -0x1p60] { right.add(term) }
    left.add(right)
    #expect(left.value == 2)
    var infinite = CompensatedSum()
    infinite.add(-.infinity)
    left.add(infinite)
    #expect(left.value == -.infinity)
  }
}
