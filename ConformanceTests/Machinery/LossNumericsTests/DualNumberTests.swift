import Foundation
import LossNumerics
import Testing

/// A function of dual numbers with its first and second derivative in closed form.
private struct Rule: Sendable, CustomStringConvertible {
  typealias Number = DualNumber<DualNumber<Double>>

  let description: String
  let function: @Sendable (Number) -> Number
  let derivative: @Sendable (Double) -> Double
  let second: @Sendable (Double) -> Double
  var places = [-2.5, -0.75, -1e-3, 0.25, 1, 3]

  static let positive = [1e-3, 0.25, 1, 3, 40]

  static let all: [Rule] = [
    Rule(description: "exp", function: { .exp($0) }, derivative: exp, second: exp),
    Rule(description: "expMinusOne", function: { .expMinusOne($0) }, derivative: exp, second: exp),
    Rule(description: "expRest", function: { .expRest($0) }, derivative: expm1, second: exp),
    Rule(
      description: "log", function: { .log($0) }, derivative: { 1 / $0 },
      second: { -1 / ($0 * $0) }, places: positive),
    Rule(
      description: "log(onePlus:)", function: { .log(onePlus: $0) }, derivative: { 1 / (1 + $0) },
      second: { -1 / ((1 + $0) * (1 + $0)) }, places: [-0.75] + positive),
    Rule(
      description: "log(onePlusFraction:)", function: { .log(onePlusFraction: $0) },
      derivative: { 1 / (1 + $0) }, second: { -1 / ((1 + $0) * (1 + $0)) }, places: [0.25, 0.75]),
    Rule(
      description: "log1pExp", function: { .log1pExp($0) }, derivative: { 1 / (1 + exp(-$0)) },
      second: { 1 / (2 + exp($0) + exp(-$0)) }),
    Rule(
      description: "log1mExp", function: { .log1mExp($0) },
      derivative: { -1 / expm1(-$0) }, second: { -exp(-$0) / (expm1(-$0) * expm1(-$0)) },
      places: [-30, -2.5, -0.25]),
    Rule(
      description: "sigmoid", function: { .sigmoid($0) },
      derivative: { 1 / (2 + exp($0) + exp(-$0)) },
      second: { -tanh($0 / 2) / (2 + exp($0) + exp(-$0)) }, places: [-30, -2.5, 0.75, 30]),
    Rule(
      description: "tanh", function: { .tanh($0) }, derivative: { 1 / (cosh($0) * cosh($0)) },
      second: { -2 * tanh($0) / (cosh($0) * cosh($0)) }, places: [-15, -2.5, 0.75, 3]),
    Rule(
      description: "logCosh", function: { .logCosh($0) }, derivative: tanh,
      second: { 1 / (cosh($0) * cosh($0)) }),
    Rule(
      description: "atan", function: { .atan($0) }, derivative: { 1 / (1 + $0 * $0) },
      second: { -2 * $0 / ((1 + $0 * $0) * (1 + $0 * $0)) }),
    Rule(
      description: "sinPi", function: { .sinPi($0) }, derivative: { .pi * cos(.pi * $0) },
      second: { -.pi * .pi * sin(.pi * $0) }, places: [-0.2, 0.1, 0.3]),
    Rule(
      description: "cosPi", function: { .cosPi($0) }, derivative: { -.pi * sin(.pi * $0) },
      second: { -.pi * .pi * cos(.pi * $0) }, places: [-0.2, 0.1, 0.3]),
    Rule(
      description: "pow(x, 2.5)", function: { .pow($0, 2.5) },
      derivative: { 2.5 * pow($0, 1.5) }, second: { 3.75 * pow($0, 0.5) }, places: positive),
    Rule(
      description: "pow(2, x)", function: { .pow(2, $0) }, derivative: { log(2) * pow(2, $0) },
      second: { log(2) * log(2) * pow(2, $0) }),
    Rule(
      description: "squareRoot", function: { $0.squareRoot() },
      derivative: { 0.5 / $0.squareRoot() },
      second: { -0.25 / ($0 * $0.squareRoot()) }, places: positive),
    Rule(
      description: "magnitude", function: \.magnitude, derivative: { $0 < 0 ? -1 : 1 },
      second: { _ in 0 }),
    Rule(
      description: "x³ as products", function: { $0 * $0 * $0 }, derivative: { 3 * $0 * $0 },
      second: { 6 * $0 }),
    Rule(
      description: "a quotient", function: { ($0 + 1) / ($0 * $0 + 2) },
      derivative: { (2 - 2 * $0 - $0 * $0) / (($0 * $0 + 2) * ($0 * $0 + 2)) },
      second: { x in
        let d = x * x + 2
        return (-2 - 2 * x) / (d * d) - 4 * x * (2 - 2 * x - x * x) / (d * d * d)
      }, places: [-0.5, 0.25, 3]),
    Rule(
      description: "xlogy(x, 3)", function: { .xlogy($0, 3) }, derivative: { _ in log(3) },
      second: { _ in 0 }),
    Rule(
      description: "xlogy(3, x)", function: { .xlogy(3, $0) }, derivative: { 3 / $0 },
      second: { -3 / ($0 * $0) }, places: positive),
    Rule(
      description: "logRatio(x, 2)", function: { .logRatio($0, 2) }, derivative: { 1 / $0 },
      second: { -1 / ($0 * $0) }, places: positive),
    Rule(
      description: "logRatio(2, x, offset: 1)", function: { .logRatio(2, $0, offset: 1) },
      derivative: { -1 / ($0 + 1) }, second: { 1 / (($0 + 1) * ($0 + 1)) }, places: positive),
    Rule(
      description: "relativeEntropy(2, x)", function: { .relativeEntropy(2, $0) },
      derivative: { 1 - 2 / $0 }, second: { 2 / ($0 * $0) }, places: [0.5, 1, 1.75, 4]),
    Rule(
      description: "turns", function: { Number.turns(from: 1, to: $0, period: 4).rest },
      derivative: { _ in 0.25 }, second: { _ in 0 }),
  ]
}

@Suite struct DualNumberTests {
  @Test("the derivatives of a function are those of its closed form", arguments: Rule.all)
  private func rule(_ rule: Rule) {
    for x in rule.places {
      let number = DualNumber(DualNumber(x, derivative: 1), derivative: 1)
      let result = rule.function(number)
      let (first, second) = (rule.derivative(x), rule.second(x))
      #expect(result.value.derivative == result.derivative.value, "at \(x)")
      #expect(
        (result.derivative.value - first).magnitude <= 8 * first.ulp + 1e-15, "first, at \(x)")
      #expect(
        (result.derivative.derivative - second).magnitude <= 32 * second.ulp + 2e-15,
        "second, at \(x)")
    }
  }

  @Test("the value is that of the function in plain numbers, bit for bit")
  func value() {
    for x in [-3.7, -0.2, 0, 0.4, 2.9] {
      #expect(DualNumber.log1pExp(DualNumber(x, derivative: 1)).value == Double.log1pExp(x))
      #expect(DualNumber.relu(DualNumber(x, derivative: 1)).value == Double.relu(x))
      #expect(DualNumber.pow(DualNumber(x, derivative: 1), 2).value == Double.pow(x, 2))
    }
  }

  @Test("a constant times an infinite slope is 0")
  func constant() {
    let zero = DualNumber(0.0, derivative: 0)
    #expect(DualNumber.log(zero).derivative == 0)
    #expect(zero.squareRoot().derivative == 0)
    #expect((DualNumber<Double>.infinity * DualNumber(2, derivative: 0)).derivative == 0)
    #expect((DualNumber(1, derivative: 0) / zero).derivative == 0)
  }

  @Test("the logarithm of what has overflowed has the derivative 0")
  func overflow() {
    let residual = DualNumber(1e300, derivative: 1)
    #expect(DualNumber.log(onePlus: residual * residual).derivative == 0)
    #expect(DualNumber.log(residual * residual).derivative == 0)
  }

  @Test("at a kink the derivative is that of the side that is chosen")
  func kinks() {
    let zero = DualNumber(0.0, derivative: 1)
    #expect(zero.magnitude.derivative == 0)
    #expect(DualNumber.relu(zero).derivative == 0)
    #expect(DualNumber.maximumPropagatingNaN(2 * zero, zero).derivative == 1)
    #expect(DualNumber.clamped(zero, 0, 1).derivative == 1)
  }

  @Test("a second derivative at a kink is that of its right side")
  func secondDerivativesAtKinks() {
    let zero = DualNumber(DualNumber(0.0, derivative: 1), derivative: 1)
    let square = zero.magnitude * zero.magnitude
    #expect(square.derivative.derivative == 2)
    let half = DualNumber.relu(zero) * DualNumber.relu(zero)
    #expect(half.derivative.derivative == 2)
    #expect(zero.magnitude.derivative.derivative == 0)
    #expect(!(zero <= 0))
    #expect(zero >= 0)
  }

  @Test("the derivative with respect to a weight of 0 is what it weighs")
  func weight() {
    let weight = DualNumber(0.0, derivative: 1)
    #expect(DualNumber.product(weight: weight, 3).derivative == 3)
    #expect(DualNumber.product(weight: 0, .infinity).value == 0)
    #expect(DualNumber.xlogy(weight, 2).derivative == log(2))
    #expect(DualNumber.xlogy(1, DualNumber(2.0, derivative: 1)).derivative == 0.5)
  }

  @Test("NaN has a derivative of NaN")
  func nan() {
    let nan = DualNumber(Double.nan, derivative: 1)
    #expect(nan.magnitude.derivative.isNaN)
    #expect(DualNumber.log(DualNumber(-1.0, derivative: 1)).derivative.isNaN)
    #expect(DualNumber.exp(nan).derivative.isNaN)
  }
}
