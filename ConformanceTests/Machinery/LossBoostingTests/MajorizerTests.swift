import LossBoosting
import LossFunctions
import Testing

@Suite struct MajorizerTests {
  static let losses: [(name: String, options: [String: OptionValue], targets: [Double])] = [
    ("mean_squared_error", [:], [0, 1.5]), ("huber", ["delta": 0.7], [0, 1.5]),
    ("smooth_l1", [:], [0, 1.5]), ("log_cosh", [:], [0, 1.5]),
    ("mean_absolute_error", [:], [0, 1.5]), ("quantile", ["level": 0.9], [0, 1.5]),
    ("binary_cross_entropy", [:], [0, 0.3, 1]), ("soft_margin", [:], [-1, 1]),
    ("hinge", [:], [-1, 1]),
  ]

  @Test("The parabola is nowhere below the loss", arguments: losses)
  func isAbove(name: String, options: [String: OptionValue], targets: [Double]) throws {
    let objective = try BoostingObjective(
      named: name, options: options, curvature: .majorizer)
    func value(_ score: Double, _ target: Double) throws -> Double {
      try objective.loss([score], [target], reduction: .sum)
    }
    for target in targets {
      for score in [-3, -0.4, 0.1, 0.9, 2, 7] as [Double] {
        let (gradient, curvature) = try objective.derivatives([score], [target])
        for other in stride(from: -12.0, through: 12, by: 0.25) {
          let step = other - score
          let parabola =
            try value(score, target) + gradient[0] * step + curvature[0] * step * step / 2
          #expect(try parabola >= value(other, target) - 1e-12)
        }
      }
    }
  }

  @Test("The curvature at the centre of a smooth loss is its second derivative")
  func isExactAtCenter() throws {
    let objective = try BoostingObjective(LogCoshLoss(), curvature: .majorizer)
    #expect(abs(try objective.derivatives([2.0], [2.0]).curvature[0] - 1) < 1e-9)
    let logistic = try BoostingObjective(BinaryCrossEntropyLoss(), curvature: .majorizer)
    #expect(abs(try logistic.derivatives([0.0], [1.0]).curvature[0] - 0.25) < 1e-9)
  }

  @Test(
    "A loss without a symmetric majorizer is refused",
    arguments: ["poisson_nll", "squared_hinge", "cross_entropy", "lp_distance"])
  func refuses(name: String) throws {
    let options: [String: OptionValue] = name == "lp_distance" ? ["p": 3] : [:]
    let error = #expect(throws: LossError.self) {
      try BoostingObjective(named: name, options: options, curvature: .majorizer)
    }
    #expect(error?.loss == name)
    #expect(error?.found == "has no symmetric majorizer")
  }
}
