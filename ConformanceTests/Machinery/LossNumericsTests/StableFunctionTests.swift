import LossNumerics
import Testing

@Suite("sigmoid, softplus and their like at the limits")
struct StableFunctionTests {
  @Test("float") func float() { check(Float.self) }

  @Test("double") func double() { check(Double.self) }

  func check<S: LossScalar>(_ type: S.Type) {
    let infinity = S.infinity
    let ln2 = S(0.693147180559945309)

    #expect(S.sigmoid(0) == 0.5 && S.sigmoid(-0.0) == 0.5)
    #expect(S.sigmoid(infinity) == 1 && S.sigmoid(-infinity) == 0)
    #expect(S.sigmoid(1e4) == 1 && S.sigmoid(-1e4) == 0)

    #expect(S.log1pExp(0) == ln2 && S.logSigmoid(0) == -ln2)
    #expect(S.log1pExp(infinity) == infinity && S.log1pExp(-infinity) == 0)
    #expect(S.log1pExp(1e4) == 1e4 && S.log1pExp(-1e4) == 0)
    #expect(S.logSigmoid(infinity) == 0 && S.logSigmoid(-infinity) == -infinity)
    #expect(S.logSigmoid(-1e4) == -1e4)

    #expect(S.log1mExp(0) == -infinity && S.log1mExp(-infinity) == 0)
    #expect(S.log1mExp(1).isNaN && S.log1mExp(-1e4) == 0)

    for y in [S.nan, 0, -1, infinity, -infinity] {
      #expect(S.xlogy(0, y) == 0 && S.xlogy(-0.0, y) == 0)
    }
    #expect(S.xlogy(1, 0) == -infinity && S.xlogy(2, 1) == 0)
    #expect(S.xlogy(.nan, 1).isNaN && S.xlogy(1, .nan).isNaN && S.xlogy(1, -1).isNaN)

    for function in [S.sigmoid, S.log1pExp, S.log1mExp, S.logSigmoid] as [(S) -> S] {
      #expect(function(.nan).isNaN)
    }
  }

  @Test("cross entropy of a sure prediction keeps its small loss")
  func tail() {
    #expect(ulps(Float.log1pExp(-20), from: 2.0611536181902037e-9) <= 2)
    #expect(ulps(Float.sigmoid(-80), from: 1.8048513878454153e-35) <= 2)
  }
}
