import LossBoosting
import LossFunctions
import Testing

/// Values of the frameworks are those that Fixtures/reference/boosting.py reads from trees of one row of
/// XGBoost 3.2.0, in `Float`, and from scikit-learn 1.9.1; docs/measured/BoostingObjectives.md has more.
@Suite struct BoostingObjectiveTests {
  /// The gradients and curvatures of XGBoost for the score 0.3 and a target.
  @Test(
    "Gradient and curvature are those of XGBoost",
    arguments: [
      ("mean_squared_error", [:], "exact", 0.5, 2, -1.7, 1),
      ("mean_absolute_error", [:], "constant=1", 1, 2, -1, 1),
      ("quantile", ["level": 0.9], "constant=1", 1, 2, -0.9, 1),
      ("binary_cross_entropy", [:], "floored=1e-16", 1, 1, -0.425557517043256, 0.24445832),
      ("poisson_nll", [:], "exact,scaled=2.0137527074704766", 1, 2, -0.650141111, 2.7182817),
      ("gamma_deviance", [:], "exact", 0.5, 2, -0.48163643352984, 1.4816364),
      ("tweedie_deviance", ["power": 1.5], "exact", 0.5, 2, -0.559581746633538, 1.4416251),
    ] as [(String, [String: OptionValue], String, Double, Double, Double, Double)])
  func agreesWithXGBoost(
    name: String, options: [String: OptionValue], policy: String, scale: Double, target: Double,
    gradient: Double, curvature: Double
  ) throws {
    let objective = try BoostingObjective(
      named: name, options: options, curvature: CurvaturePolicy(policy), scale: scale)
    let found = try objective.derivatives([0.3], [target])
    #expect(abs(found.gradient[0] - gradient) < 2e-7)
    #expect(abs(found.curvature[0] - curvature) < 4e-7)
    let single = try objective.derivatives([0.3 as Float], [Float(target)])
    #expect(abs(Double(single.gradient[0]) - gradient) < 1e-6)
    #expect(abs(Double(single.curvature[0]) - curvature) < 1e-6)
  }

  @Test("The softmax has the gradient and curvature of XGBoost's multi:softprob")
  func agreesForClasses() throws {
    let objective = try BoostingObjective(
      CrossEntropyLoss(), curvature: .exact.scaled(by: 2).floored(at: 1e-16))
    #expect(objective.link == .softmax)
    let scores = try Tensor(shape: [1, 3], scalars: [0.3, -1, 2])
    let found = try objective.derivatives(scores, Tensor([1]))
    let gradient = [0.148225451301434, -0.9596038116262, 0.8113783987495651]
    let curvature = [0.25250933, 0.0775286, 0.30608705]
    for k in 0..<3 {
      #expect(abs(found.gradient.scalars[k] - gradient[k]) < 2e-7)
      #expect(abs(found.curvature.scalars[k] - curvature[k]) < 2e-7)
    }
  }

  @Test("A closure makes the pseudo-Huber objective of XGBoost, with huber_slope 0.7")
  func takesClosures() throws {
    let loss = ClosureLoss("pseudo_huber") { prediction, target in
      let residual = (prediction - target) / 0.7
      let root = (1 + residual * residual).squareRoot()
      return 0.7 * 0.7 * (root - 1)
    }
    let found = try BoostingObjective(loss).derivatives([0.3], [2.0])
    #expect(abs(found.gradient[0] + 0.6472746637434) < 1e-7)
    #expect(abs(found.curvature[0] - 0.05519745) < 1e-8)
    // The gradient divided by the residual.
    let majorizer = try BoostingObjective(loss, curvature: .majorizer).derivatives([0.3], [2.0])
    #expect(abs(majorizer.curvature[0] - found.gradient[0] / -1.7) < 1e-12)
  }

  @Test("LambdaRank has twice its curvature in XGBoost, once in LightGBM")
  func ranksLists() throws {
    let objective = try BoostingObjective(LambdaLoss())
    let scores = try Tensor(shape: [1, 2], scalars: [0.5, 0.0])
    let relevance = try Tensor(shape: [1, 2], scalars: [0.0, 1.0])
    let (gradient, curvature) = try objective.derivatives(scores, relevance)
    // w = 1 - 1 / log2(3), p = σ(0.5).
    let weight = 1 - 1 / 1.584962500721156
    let p = 0.6224593312018546
    #expect(abs(gradient.scalars[1] + weight * p) < 1e-15)
    #expect(abs(curvature.scalars[0] - weight * p * (1 - p)) < 1e-15)
    #expect(try objective.initialScore(relevance) == [0])
  }

  @Test("A floor and a constant are multiplied by the weight of the row")
  func weighsPolicies() throws {
    let floored = try BoostingObjective(
      BinaryCrossEntropyLoss(), curvature: .floored(at: 0.2))
    let found = try floored.derivatives([0.0, 5.0], [1.0, 1.0], weight: [2, 3])
    #expect(found.gradient[0] == -1)
    #expect(found.curvature[0] == 0.5)
    #expect(abs(found.curvature[1] - 0.6) < 1e-15)
    let constant = try BoostingObjective(CrossEntropyLoss(), curvature: .constant(0.5))
    let rows = try Tensor(shape: [2, 2], scalars: [0.0, 0, 1, 0])
    let curvature = try constant.derivatives(rows, Tensor([0, 1]), weight: Tensor([2, 3])).curvature
    #expect(curvature.scalars == [1, 1, 1.5, 1.5])
  }

  @Test("Weights are broadcast as everywhere")
  func broadcastsWeights() throws {
    let objective = try BoostingObjective(MeanSquaredErrorLoss(), curvature: .constant(1))
    let scores = try Tensor(shape: [2, 2], scalars: [1.0, 2, 3, 4])
    let targets = try Tensor(shape: [2, 2], scalars: [0.0, 0, 0, 0])
    let byRow = try Tensor(shape: [2, 1], scalars: [1.0, 5])
    let byColumn = try Tensor(shape: [1, 2], scalars: [1.0, 5])
    var found = try objective.derivatives(scores, targets, weight: byRow)
    #expect(found.curvature.scalars == [1, 1, 5, 5])
    found = try objective.derivatives(scores, targets, weight: byColumn)
    #expect(found.curvature.scalars == [1, 5, 1, 5])
    #expect(try objective.initialScore(scores, weight: byRow) == [16.0 / 6, 22.0 / 6])
  }

  @Test("The weight of a row of classes follows the class axis")
  func weighsClassAxis() throws {
    let loss = ConfiguredLoss(CrossEntropyLoss(), classAxis: 0)
    let objective = try BoostingObjective(loss, curvature: .constant(1))
    let scores = try Tensor(shape: [2, 3], scalars: [0.0, 0, 0, 0, 0, 0])
    let found = try objective.derivatives(scores, Tensor([0, 1, 0]), weight: Tensor([1, 2, 3]))
    #expect(found.curvature.scalars == [1, 2, 3, 1, 2, 3])
    #expect(objective.predictions(of: scores).scalars == [0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    #expect(found.gradient.scalars == [-0.5, 1, -1.5, 0.5, -1, 1.5])
  }

  @Test("A link outside the loss gives the derivatives of the loss that has it inside")
  func chains() throws {
    let scores = [-1.5, 0.25, 2]
    let targets = [0.5, 2, 1]
    let inside = try BoostingObjective(PoissonNLLLoss())
    #expect(inside.link == .log)
    // A loss without the option, of the same formula.
    let outside = try BoostingObjective(
      ClosureLoss("rate") { rate, count in rate - count * .log(rate) }, link: .log)
    let (a, b) = (
      try inside.derivatives(scores, targets), try outside.derivatives(scores, targets)
    )
    for i in 0..<3 {
      #expect(abs(a.gradient[i] - b.gradient[i]) < 1e-14)
      #expect(abs(a.curvature[i] - b.curvature[i]) < 1e-14)
    }
    // The Brier score of σ(0) = 1/2 and the target 1: 2 (p - y) p', 2 p'² + 2 (p - y) p''.
    let brier = try BoostingObjective(MeanSquaredErrorLoss(), link: .logistic)
    let found = try brier.derivatives([0.0], [1.0])
    #expect(found.gradient == [-0.25])
    #expect(found.curvature == [0.125])
  }

  @Test("The softmax of an elementwise loss has the derivatives of its finite differences")
  func chainsSoftmax() throws {
    let objective = try BoostingObjective(MeanSquaredErrorLoss(), link: .softmax)
    let scores = [0.3, -1, 0.8]
    let target = try Tensor(shape: [1, 3], scalars: [0.2, 0.1, 0.7])
    func gradient(_ scores: [Double]) throws -> [Double] {
      try objective.derivatives(Tensor(shape: [1, 3], scalars: scores), target).gradient.scalars
    }
    func value(_ scores: [Double]) throws -> Double {
      let predictions = try objective.predictions(of: Tensor(shape: [1, 3], scalars: scores))
      return try MeanSquaredErrorLoss()(predictions, target, reduction: .sum)
    }
    let found = try objective.derivatives(Tensor(shape: [1, 3], scalars: scores), target)
    for k in 0..<3 {
      var (above, below) = (scores, scores)
      above[k] += 1e-5
      below[k] -= 1e-5
      let first = try (value(above) - value(below)) / 2e-5
      let second = try (gradient(above)[k] - gradient(below)[k]) / 2e-5
      #expect(abs(found.gradient.scalars[k] - first) < 1e-9)
      #expect(abs(found.curvature.scalars[k] - second) < 1e-9)
    }
  }

  @Test("Predictions of scores are those of the link")
  func predicts() throws {
    let scores = Tensor([0.0, 1])
    #expect(
      try BoostingObjective(MeanSquaredErrorLoss()).predictions(of: scores).scalars == [0, 1])
    #expect(
      try BoostingObjective(BinaryCrossEntropyLoss()).predictions(of: scores).scalars
        == [0.5, 0.7310585786300049])
    #expect(try BoostingObjective(GammaDevianceLoss()).predictions(of: scores).scalars[0] == 1)
    let rows = try Tensor(shape: [1, 2], scalars: [0.0, 0])
    #expect(try BoostingObjective(CrossEntropyLoss()).predictions(of: rows).scalars == [0.5, 0.5])
  }
}
