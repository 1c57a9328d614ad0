import LossNumerics
import Testing

@Suite("comparisons that propagate NaN")
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

    #expect(S.maximumPropagatingNaN(1, 2) == 2)
    #expect(S.maximumPropagatingNaN(2, 1) == 2)
    #expect(S.maximumPropagatingNaN(-.infinity, 1) == 1)
    #expect(S.minimumPropagatingNaN(1, 2) == 1)
    #expect(S.minimumPropagatingNaN(2, 1) == 1)
    #expect(S.minimumPropagatingNaN(.infinity, 1) == 1)
    #expect(S.maximumPropagatingNaN(.nan, 1).isNaN)
    #expect(S.maximumPropagatingNaN(1, .nan).isNaN)
    #expect(S.minimumPropagatingNaN(.nan, 1).isNaN)
    #expect(S.minimumPropagatingNaN(1, .nan).isNaN)

    #expect(S.relu(2) == 2)
    #expect(S.relu(-2) == 0)
    #expect(S.relu(.nan).isNaN)
    #expect(S.relu(-0.0).sign == .plus)
    #expect(S.relu(.infinity) == .infinity)
  }
}
