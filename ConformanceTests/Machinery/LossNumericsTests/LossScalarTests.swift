import LossNumerics
import Testing

@Suite("limits of the elementary functions")
struct LossScalarTests {
  @Test("float") func float() { check(Float.self) }

  @Test("double") func double() { check(Double.self) }

  func check<S: LossScalar>(_ type: S.Type) {
    let infinity = S.infinity
    let largest = S.greatestFiniteMagnitude
    let smallest = S.leastNonzeroMagnitude

    #expect(S.exp(0) == 1)
    #expect(S.exp(-0.0) == 1)
    #expect(S.exp(-infinity) == 0)
    #expect(S.exp(infinity) == infinity)
    #expect(S.exp(-largest) == 0)
    #expect(S.exp(largest) == infinity)
    #expect(S.exp(-1e4) == 0)
    #expect(S.exp(1e4) == infinity)
    #expect(S.exp(smallest) == 1)

    #expect(S.expMinusOne(-infinity) == -1)
    #expect(S.expMinusOne(infinity) == infinity)
    #expect(S.expMinusOne(-1e4) == -1)
    #expect(S.expMinusOne(1e4) == infinity)
    #expect(S.expMinusOne(largest) == infinity)
    #expect(S.expMinusOne(smallest) == smallest)

    #expect(S.log(0) == -infinity)
    #expect(S.log(-0.0) == -infinity)
    #expect(S.log(1) == 0)
    #expect(S.log(infinity) == infinity)
    #expect(S.log(-1).isNaN)
    #expect(S.log(-smallest).isNaN)
    #expect(S.log(-infinity).isNaN)

    #expect(S.log(onePlus: -1) == -infinity)
    #expect(S.log(onePlus: infinity) == infinity)
    #expect(S.log(onePlus: -2).isNaN)
    #expect(S.log(onePlus: -infinity).isNaN)
    #expect(S.log(onePlus: smallest) == smallest)
    #expect(S.log(onePlus: largest) == S.log(largest))
    #expect(S.log(onePlusFraction: 0) == 0)
    #expect(S.log(onePlusFraction: smallest) == smallest)
    #expect(S.log(onePlusFraction: 1) == S(0.693147180559945309))

    #expect(S.tanh(infinity) == 1)
    #expect(S.tanh(-infinity) == -1)
    #expect(S.tanh(1e4) == 1)
    #expect(S.tanh(smallest) == smallest)
    #expect(S.tanh(-smallest) == -smallest)
    #expect(S.logCosh(0) == 0)
    #expect(S.logCosh(-0.0) == 0)
    #expect(S.logCosh(infinity) == infinity)
    #expect(S.logCosh(-infinity) == infinity)
    #expect(S.logCosh(-largest) == largest)

    #expect(
      S.atan(infinity) == S(0.5) * S(3.14159265358979324) && S.atan(largest) == S.atan(infinity))
    #expect(S.atan(-infinity) == -S.atan(infinity))
    #expect(S.atan(smallest) == smallest)
    for whole in [1, 2, 1e4, 1 / S.ulpOfOne - 1, 1 / S.ulpOfOne + 1, largest] as [S] {
      let isOdd = whole.truncatingRemainder(dividingBy: 2) == 1
      #expect(S.sinPi(whole) == 0)
      #expect(S.sinPi(-whole) == 0)
      #expect(S.cosPi(whole) == (isOdd ? -1 : 1))
      #expect(S.cosPi(-whole) == (isOdd ? -1 : 1))
    }
    let half = 0.5 / S.ulpOfOne - 0.5
    #expect(S.sinPi(0.5) == 1)
    #expect(S.sinPi(-1.5) == 1)
    #expect(S.sinPi(half) == -1)
    #expect(S.cosPi(0.5) == 0)
    #expect(S.cosPi(-1.5) == 0)
    #expect(S.cosPi(half) == 0)
    #expect(S.sinPi(infinity).isNaN)
    #expect(S.cosPi(-infinity).isNaN)

    for odd in [S.expMinusOne, S.log(onePlus:), S.tanh, S.atan, S.sinPi] as [(S) -> S] {
      #expect(odd(0).sign == .plus)
      #expect(odd(0) == 0)
      #expect(odd(-0.0).sign == .minus)
      #expect(odd(-0.0) == 0)
    }
    for function in [
      S.exp, S.expMinusOne, { S.log($0) }, S.log(onePlus:), S.log(onePlusFraction:), S.tanh,
      S.logCosh, S.atan, S.sinPi, S.cosPi,
    ] as [(S) -> S] {
      #expect(function(S.nan).isNaN)
      #expect(function(-S.nan).isNaN)
    }
  }

  @Test("constants and conversions")
  func constants() {
    #expect(Float.machineEpsilon == 0x1p-23)
    #expect(Double.machineEpsilon == 0x1p-52)
    #expect(Float(0.1).asDouble == Double(Float(0.1)))
    #expect(0.1.asDouble == 0.1)
    #expect(Float.select(true, 1, .nan) == 1)
    #expect(Double.select(false, .nan, 2) == 2)
  }
}
