import Foundation
import LossConformance
import LossNumerics
import Testing

@Suite("power")
struct PowerTests {
  @Test("limits, float") func float() { check(Float.self) }

  @Test("limits, double") func double() { check(Double.self) }

  func check<S: LossScalar>(_ type: S.Type) {
    let infinity = S.infinity
    for base in [0, 0.3, 1, 7, infinity, .nan, -2] as [S] {
      #expect(S.pow(base, 0) == 1)
    }
    for base in [0, 0.3, 1, 7, -2] as [S] {
      #expect(S.pow(base, 1) == base)
      #expect(S.pow(base, 2) == base * base)
      #expect(S.pow(base, 3) == base * base * base)
    }
    #expect(S.pow(0, 0.5) == 0)
    #expect(S.pow(0, -0.5) == infinity)
    #expect(S.pow(infinity, 0.5) == infinity)
    #expect(S.pow(infinity, -0.5) == 0)
    #expect(S.pow(1, 0.7) == 1)
    #expect(S.pow(4, 0.5) == 2)
    #expect(S.pow(-1, 0.5).isNaN)
    #expect(S.pow(.nan, 0.5).isNaN)
    #expect(S.pow(2, .nan).isNaN)
    #expect(S.pow(2, 5000) == infinity)
    #expect(S.pow(2, -5000) == 0)
    #expect(S.pow(2, S(S.leastNonzeroMagnitude.exponent)) == S.leastNonzeroMagnitude)
  }

  #if arch(x86_64) && !os(Windows)
    @Test("error bound", arguments: [-1, 0.25, 0.5, 1.5, 2.2, 2.5, 4, 5])
    func bound(exponent: Double) {
      var generator = SeededGenerator(seed: 2)
      for x in generator.points(Float.self, in: 0...1e30) where x > 0 {
        let truth = Foundation.pow(Float80(x), Float80(Float(exponent)))
        #expect(ulps(Float.pow(x, Float(exponent)), from: truth) <= 0.85)
      }
      for x in generator.points(Double.self, in: 0...1e30) where x > 0 {
        let truth = Foundation.pow(Float80(x), Float80(exponent))
        #expect(ulps(Double.pow(x, exponent), from: truth) <= 0.8)
      }
    }
  #endif
}
