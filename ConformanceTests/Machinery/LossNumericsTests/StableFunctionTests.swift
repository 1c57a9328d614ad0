import LossNumerics
import Testing

@Suite("sigmoid, softplus and related functions at the limits")
struct StableFunctionTests {
  @Test("float") func float() { check(Float.self) }

  @Test("double") func double() { check(Double.self) }

  func check<S: LossScalar>(_ type: S.Type) {
    let infinity = S.infinity
    let ln2 = S(0.693147180559945309)

    #expect(S.sigmoid(0) == 0.5)
    #expect(S.sigmoid(-0.0) == 0.5)
    #expect(S.sigmoid(infinity) == 1)
    #expect(S.sigmoid(-infinity) == 0)
    #expect(S.sigmoid(1e4) == 1)
    #expect(S.sigmoid(-1e4) == 0)

    #expect(S.log1pExp(0) == ln2)
    #expect(S.logSigmoid(0) == -ln2)
    #expect(S.log1pExp(infinity) == infinity)
    #expect(S.log1pExp(-infinity) == 0)
    #expect(S.log1pExp(1e4) == 1e4)
    #expect(S.log1pExp(-1e4) == 0)
    #expect(S.logSigmoid(infinity) == 0)
    #expect(S.logSigmoid(-infinity) == -infinity)
    #expect(S.logSigmoid(-1e4) == -1e4)

    #expect(S.log1mExp(0) == -infinity)
    #expect(S.log1mExp(-infinity) == 0)
    #expect(S.log1mExp(1).isNaN)
    #expect(S.log1mExp(-1e4) == 0)

    for y in [S.nan, 0, -1, infinity, -infinity] {
      #expect(S.xlogy(0, y) == 0)
      #expect(S.xlogy(-0.0, y) == 0)
    }
    #expect(S.xlogy(1, 0) == -infinity)
    #expect(S.xlogy(2, 1) == 0)
    #expect(S.xlogy(.nan, 1).isNaN)
    #expect(S.xlogy(1, .nan).isNaN)
    #expect(S.xlogy(1, -1).isNaN)

    #expect(S.expRest(0) == 0)
    #expect(S.expRest(-0.0) == 0)
    #expect(S.expRest(infinity) == infinity)
    #expect(S.expRest(-infinity) == infinity)
    #expect(S.expRest(-1e4) == 9999)
    #expect(S.expRest(1e4) == infinity)
    #expect(S.relativeEntropy(0, 0.25) == 0.25)
    #expect(S.relativeEntropy(0, 0) == 0)
    #expect(S.relativeEntropy(2, 2) == 0)
    #expect(S.relativeEntropy(1, 0) == infinity)
    #expect(S.relativeEntropy(.nan, 1).isNaN)
    #expect(S.relativeEntropy(1, .nan).isNaN)

    for function in [S.sigmoid, S.log1pExp, S.log1mExp, S.logSigmoid, S.expRest] as [(S) -> S] {
      #expect(function(.nan).isNaN)
    }
  }

  @Test("e^x - 1 - x keeps its digits", arguments: expRests)
  func expRest(_ x: Double, _ truth: Double) {
    #expect(ulps(Double.expRest(x), from: truth) <= 4)
    #expect(ulps(Float.expRest(Float(x)), from: truth) <= 4)
  }

  /// Numbers that `Float` represents exactly, with the result of mpmath in 50 digits.
  static let expRests: [(Double, Double)] = [
    (9.094947017729282e-13, 4.135903062766392e-25),
    (-9.5367431640625e-07, 4.547472063262089e-13),
    (0.0009765625, 4.769924165352428e-07),
    (-0.125, 0.007496902584595403),
    (0.25, 0.034025416687741485),
    (-0.5, 0.10653065971263342),
    (0.625, 0.2432459574322224),
    (-0.7421875, 0.21825886953123722),
    (0.7421875, 0.3583378917803293),
    (0.7578125, 0.3757913535290199),
    (-0.7578125, 0.2265030670637882),
    (1.5, 1.9816890703380647),
    (-3.0, 2.049787068367864),
    (10.0, 22015.465794806718),
  ]

  @Test("the relative entropy of adjacent numbers is half the square of their distance")
  func neighbours() {
    let next = 1 + Double.machineEpsilon
    let expected = Double.machineEpsilon * Double.machineEpsilon / 2
    #expect(ulps(Double.relativeEntropy(1, next), from: expected) <= 4)
    #expect(ulps(Double.relativeEntropy(next, 1), from: expected) <= 4)
  }

  @Test("the cross entropy of a confident prediction keeps its small loss")
  func tail() {
    #expect(ulps(Float.log1pExp(-20), from: 2.0611536181902037e-9) <= 2)
    #expect(ulps(Float.sigmoid(-80), from: 1.8048513878454153e-35) <= 2)
  }
}
