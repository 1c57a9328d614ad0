import Foundation
import LossConformance
import LossNumerics
import Testing

#if arch(x86_64) && !os(Windows)

  /// A function, its reference with a 64-bit significand, and the bound on their difference in
  /// ulps.
  struct MeasuredFunction: Sendable, CustomTestStringConvertible {
    var name: String
    var domain: ClosedRange<Double>
    var bound: (float: Double, double: Double)
    var float: @Sendable (Float) -> Float
    var double: @Sendable (Double) -> Double
    var truth: @Sendable (Float80) -> Float80

    var testDescription: String { name }
  }

  /// Bounds close to the documented errors, on a seeded sample. The documented errors come from
  /// every `Float`, or every third to sixtieth, and from millions of `Double`s.
  @Suite("error bounds")
  struct ElementaryTests {
    @Test("float", arguments: MeasuredFunction.all)
    func float(_ function: MeasuredFunction) {
      let worst = worst(function.float, function.truth, in: function.domain)
      #expect(worst.ulps <= function.bound.float, "at \(worst.x)")
    }

    @Test("double", arguments: MeasuredFunction.all)
    func double(_ function: MeasuredFunction) {
      let worst = worst(function.double, function.truth, in: function.domain)
      #expect(worst.ulps <= function.bound.double, "at \(worst.x)")
    }

    func worst<S: LossScalar>(
      _ function: (S) -> S,
      _ truth: (Float80) -> Float80,
      in domain: ClosedRange<Double>
    ) -> (ulps: Double, x: S) {
      var generator = SeededGenerator(seed: 1)
      var worst: (ulps: Double, x: S) = (0, 0)
      for x in generator.points(S.self, in: domain) {
        let error = ulps(function(x), from: truth(Float80(x)))
        if !(error <= worst.ulps) { worst = (error, x) }
      }
      return worst
    }
  }

  extension MeasuredFunction {
    static let everywhere = -1e4...1e4

    static let all = [
      MeasuredFunction(
        name: "exp",
        domain: everywhere,
        bound: (0.9, 0.9),
        float: { .exp($0) },
        double: { .exp($0) },
        truth: { Foundation.exp($0) }
      ),
      MeasuredFunction(
        name: "expMinusOne",
        domain: everywhere,
        bound: (1.1, 1.2),
        float: { .expMinusOne($0) },
        double: { .expMinusOne($0) },
        truth: { Foundation.expm1($0) }
      ),
      MeasuredFunction(
        name: "log",
        domain: 0...1e308,
        bound: (1.0, 1.0),
        float: { .log($0) },
        double: { .log($0) },
        truth: { Foundation.log($0) }
      ),
      MeasuredFunction(
        name: "log(onePlus:)",
        domain: -1...1e308,
        bound: (1.0, 1.0),
        float: { .log(onePlus: $0) },
        double: { .log(onePlus: $0) },
        truth: { Foundation.log1p($0) }
      ),
      MeasuredFunction(
        name: "log(onePlusFraction:)",
        domain: 0...1,
        bound: (1.0, 1.0),
        float: { .log(onePlusFraction: $0) },
        double: { .log(onePlusFraction: $0) },
        truth: { Foundation.log1p($0) }
      ),
      MeasuredFunction(
        name: "tanh",
        domain: everywhere,
        bound: (2.0, 2.0),
        float: { .tanh($0) },
        double: { .tanh($0) },
        truth: { Foundation.tanh($0) }
      ),
      MeasuredFunction(
        name: "logCosh",
        domain: -1e30...1e30,
        bound: (2.6, 2.8),
        float: { .logCosh($0) },
        double: { .logCosh($0) },
        truth: logCoshAsDouble
      ),
      MeasuredFunction(
        name: "atan",
        domain: -1e30...1e30,
        bound: (1.2, 1.2),
        float: { .atan($0) },
        double: { .atan($0) },
        truth: { Foundation.atan($0) }
      ),
      MeasuredFunction(
        name: "sinPi",
        domain: -1e4...1e4,
        bound: (1.7, 1.7),
        float: { .sinPi($0) },
        double: { .sinPi($0) },
        truth: { sinPi($0, plusQuarterTurns: 0) }
      ),
      MeasuredFunction(
        name: "cosPi",
        domain: -1e4...1e4,
        bound: (1.7, 1.7),
        float: { .cosPi($0) },
        double: { .cosPi($0) },
        truth: { sinPi($0, plusQuarterTurns: 1) }
      ),
      MeasuredFunction(
        name: "sigmoid",
        domain: everywhere,
        bound: (2.0, 2.0),
        float: { .sigmoid($0) },
        double: { .sigmoid($0) },
        truth: { Foundation.exp(min($0, 0)) / (1 + Foundation.exp(-abs($0))) }
      ),
      MeasuredFunction(
        name: "log1pExp",
        domain: everywhere,
        bound: (1.7, 1.7),
        float: { .log1pExp($0) },
        double: { .log1pExp($0) },
        truth: { max($0, 0) + Foundation.log1p(Foundation.exp(-abs($0))) }
      ),
      MeasuredFunction(
        name: "log1mExp",
        domain: -1e4...0,
        bound: (2.0, 1.9),
        float: { .log1mExp($0) },
        double: { .log1mExp($0) },
        truth: {
          $0 > -0.7 ? Foundation.log(-Foundation.expm1($0)) : Foundation.log1p(-Foundation.exp($0))
        }
      ),
    ]
  }

  /// sin(π (x + quarterTurns / 2)), with the argument reduced exactly to the nearest quarter turn.
  @Sendable
  private func sinPi(_ x: Float80, plusQuarterTurns quarterTurns: Int) -> Float80 {
    let nearest = (2 * x).rounded()
    let angle = Float80.pi * (x - nearest / 2)
    let quadrant = (Int(nearest) + quarterTurns) & 3
    let magnitude = quadrant & 1 == 0 ? Foundation.sin(angle) : Foundation.cos(angle)
    return quadrant & 2 == 0 ? magnitude : -magnitude
  }

  @Sendable
  private func logCoshAsDouble(_ x: Float80) -> Float80 {
    let magnitude = abs(x)
    guard magnitude < 40 else { return magnitude - Foundation.log(2 as Float80) }
    let em = Foundation.expm1(magnitude)
    return Foundation.log1p(em * em / (2 * (1 + em)))
  }

#endif
