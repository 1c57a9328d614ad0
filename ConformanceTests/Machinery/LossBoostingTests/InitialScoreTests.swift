import LossBoosting
import LossFunctions
import Testing

@Suite struct InitialScoreTests {
  /// The closed forms: mean, median, quantile, logarithm and logit of the mean.
  @Test(
    "One number minimises the mean loss",
    arguments: [
      ("mean_squared_error", [:], [1, 2, 4, 9], 4),
      ("mean_absolute_error", [:], [1, 2, 4, 9], 3),
      ("mean_absolute_error", [:], [1, 2, 4], 2),
      ("quantile", ["level": 0.25], [1, 2, 4, 9], 1.5),
      ("quantile", ["level": 0.9], [1, 2, 4, 9], 9),
      ("huber", ["delta": 1], [0, 0, 0, 100], 1.0 / 3),
      ("binary_cross_entropy", [:], [0, 1, 1, 1], 1.0986122886681098),
      ("poisson_nll", [:], [0, 1, 2, 5], 0.6931471805599453),
      ("gamma_deviance", [:], [1, 2, 5], 0.9808292530117262),
      ("tweedie_deviance", ["power": 1.5], [0, 3, 3], 0.6931471805599453),
      ("soft_margin", [:], [-1, 1, 1, 1], 1.0986122886681098),
      ("exponential", [:], [-1, 1, 1, 1], 0.5493061443340549),
    ] as [(String, [String: OptionValue], [Double], Double)])
  func minimises(
    name: String, options: [String: OptionValue], targets: [Double], expected: Double
  ) throws {
    let policy: CurvaturePolicy = .constant(1)
    let objective = try BoostingObjective(named: name, options: options, curvature: policy)
    let score = try objective.initialScore(targets)
    #expect(score.count == 1)
    #expect(abs(score[0] - expected) <= 4e-15 * max(1, abs(expected)))
  }

  @Test("Weights count as repetitions")
  func weighs() throws {
    let objective = try BoostingObjective(HuberLoss())
    let weighted = try objective.initialScore([0.0, 1, 5], weight: [1, 2, 3])
    let repeated = try objective.initialScore([0.0, 1, 1, 5, 5, 5])
    #expect(abs(weighted[0] - repeated[0]) < 1e-14)
  }

  @Test("Every output of a loss of elements has its own")
  func separatesOutputs() throws {
    let objective = try BoostingObjective(MeanSquaredErrorLoss())
    let targets = try Tensor(shape: [2, 2], scalars: [1.0, 10, 3, 20])
    #expect(try objective.initialScore(targets) == [2, 15])
  }

  @Test("Classes have the logarithms of their shares; smoothed ones those of the smoothed shares")
  func separatesClasses() throws {
    let objective = try BoostingObjective(CrossEntropyLoss())
    let scores = try objective.initialScore([0, 1, 1, 1])
    #expect(abs(scores[0] + 1.3862943611198906) < 1e-15)
    #expect(abs(scores[1] + 0.2876820724517809) < 1e-15)
    let weighted = try objective.initialScore([0, 1], weight: [3, 1])
    #expect(abs(weighted[0] + 0.2876820724517809) < 1e-15)
    let smoothed = try BoostingObjective(CrossEntropyLoss(labelSmoothing: 0.2))
      .initialScore([0, 1, 1, 1])
    // 0.8 · 3/4 + 0.1 = 0.7
    #expect(abs(smoothed[1] - smoothed[0] - 0.8472978603872036) < 1e-12)
  }

  @Test("Ignored labels count nowhere; indices of any size end in an error")
  func ignoresLabels() throws {
    let objective = try BoostingObjective(CrossEntropyLoss(ignoreIndex: -100))
    let scores = try objective.initialScore([0, -100, 1])
    #expect(scores[0] == scores[1])
    try objective.checkLabels([0, -100, 1], classCount: 2)
    for labels in [[0, .max], [0, .min], [0, 1 << 60], [0, 1, -1]] {
      #expect(throws: LossError.self) { try objective.initialScore(labels) }
      #expect(throws: LossError.self) { try objective.checkLabels(labels, classCount: 2) }
    }
    #expect(throws: LossError.self) { try objective.initialScore([0, 1], classCount: .max) }
  }

  @Test("Labels of several classes have the logits of their shares, and whole numbers are labels")
  func separatesLabels() throws {
    let objective = try BoostingObjective(MultilabelSoftMarginLoss())
    let labels = try Tensor(shape: [3, 2], scalars: [1, 0, 0, 1, 1, 1])
    for score in try objective.initialScore(labels) {
      #expect(abs(score - 0.6931471805599453) < 1e-12)
    }
  }

  @Test("A softmax outside the loss has the logarithms of the mean target")
  func chainsSoftmax() throws {
    let brier = try BoostingObjective(MeanSquaredErrorLoss(), link: .softmax)
    let targets = try Tensor(shape: [2, 3], scalars: [1.0, 0, 0, 0, 0.5, 0.5])
    let scores = try brier.initialScore(targets)
    #expect(abs(scores[0] - scores[1] - 0.6931471805599453) < 1e-14)
    #expect(scores[1] == scores[2])
  }

  @Test("A loss that is not convex starts below the best of its targets")
  func findsLocalMinimum() throws {
    let loss = ClosureLoss("cauchy") { prediction, target in
      .log(onePlus: (prediction - target) * (prediction - target))
    }
    let score = try BoostingObjective(loss).initialScore([0.0, 0.1, -0.1, 50, 51])
    #expect(abs(score[0]) < 0.1)
  }

  @Test("Labels of one class have no finite score")
  func refusesOneClass() throws {
    for name in ["binary_cross_entropy", "soft_margin", "hinge"] {
      let objective = try BoostingObjective(named: name)
      let error = #expect(throws: LossError.self) { try objective.initialScore([1.0, 1]) }
      #expect(error?.code == .invalidValue)
      #expect(error?.loss == name)
    }
    let zeros = try BoostingObjective(PoissonNLLLoss())
    #expect(throws: LossError.self) { try zeros.initialScore([0, 0]) }
    let classes = try BoostingObjective(CrossEntropyLoss())
    let error = #expect(throws: LossError.self) { try classes.initialScore([0, 2]) }
    #expect(error?.found == "has no row of class 1")
    #expect(throws: LossError.self) { try classes.initialScore([Int]()) }
    #expect(throws: LossError.self) { try classes.initialScore([0, 3], classCount: 2) }
    #expect(throws: LossError.self) { try classes.initialScore([0, -1]) }
  }
}
