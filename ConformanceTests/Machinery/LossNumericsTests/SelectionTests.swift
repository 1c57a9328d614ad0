import LossNumerics
import Testing

@Suite("comparisons that keep NaN")
struct SelectionTests {
  @Test("float") func float() { check(Float.self) }

  @Test("double") func double() { check(Double.self) }

  func check<S: LossScalar>(_ type: S.Type) {
    #expect(S.clamped(0.5, -1, 1) == 0.5)
    #expect(S.clamped(-3, -1, 1) == -1)
    #expect(S.clamped(3, -1, 1) == 1)
    #expect(S.clamped(-.infinity, -1, 1) == -1)
    #expect(S.clamped(.infinity, -1, 1) == 1)
    #expect(S.clamped(.nan, -1, 1).isNaN)

    #expect(S.larger(1, 2) == 2)
    #expect(S.larger(2, 1) == 2)
    #expect(S.larger(-.infinity, 1) == 1)
    #expect(S.smaller(1, 2) == 1)
    #expect(S.smaller(2, 1) == 1)
    #expect(S.smaller(.infinity, 1) == 1)
    #expect(S.larger(.nan, 1).isNaN)
    #expect(S.larger(1, .nan).isNaN)
    #expect(S.smaller(.nan, 1).isNaN)
    #expect(S.smaller(1, .nan).isNaN)

    #expect(S.positivePart(2) == 2)
    #expect(S.positivePart(-2) == 0)
    #expect(S.positivePart(.nan).isNaN)
    #expect(S.positivePart(-0.0).sign == .plus)
    #expect(S.positivePart(.infinity) == .infinity)
  }
}
