import LossBoosting
import LossFunctions
import Testing

@Suite struct SuitabilityTests {
  @Test(
    "A loss that does not suit is refused with a reason",
    arguments: [
      ("ntxent", "is not evaluated row by row"), ("dice", "is not evaluated row by row"),
      ("supcon", "is not evaluated row by row"), ("ctc", "is not evaluated row by row"),
      ("softmax", "has no target beside it alone"), ("zero_one", "has no gradient"),
      ("list_mle", "has no second derivative"), ("focal", "has no second derivative"),
    ])
  func refuses(name: String, found: String) throws {
    let error = #expect(throws: LossError.self) { try BoostingObjective(named: name) }
    #expect(error?.loss == name)
    #expect(error?.found == found)
    #expect(error?.code == .unknownInput)
  }

  @Test("A constant curvature needs no second derivative")
  func takesGradientsAlone() throws {
    let objective = try BoostingObjective(named: "list_mle", curvature: .constant(1))
    let scores = try Tensor(shape: [1, 2], scalars: [0.0, 0])
    let (gradient, _) = try objective.derivatives(
      scores, Tensor(shape: [1, 2], scalars: [1.0, 0]))
    #expect(gradient.scalars == [-0.5, 0.5])
  }

  @Test("Every linked loss makes an objective or throws")
  func neverTraps() throws {
    let policies: [CurvaturePolicy] = [.exact, .majorizer, .constant(1)]
    for name in LossRegistry.linked.names {
      for link in [nil] + BoostingLink.allCases.map(Optional.some) {
        for policy in link == nil ? policies : [.exact] {
          guard
            let objective = try? BoostingObjective(
              named: name, link: link, curvature: policy)
          else { continue }
          _ = try? objective.initialScore([1.0, 0, 2])
          _ = try? objective.initialScore([1, 0])
          _ = try? objective.checkLabels([1.0, .nan])
          _ = try? objective.derivatives([1.0, 0], [1.0])
          _ = try? objective.initialScore(Tensor(1.0))
          _ = try? objective.initialScore(Tensor(1))
          _ = try? objective.checkLabels(Tensor(1))
          _ = try? objective.derivatives(Tensor(1.0), Tensor(1.0), weight: Tensor(1.0))
          _ = try? objective.derivatives([Double](), [Double]())
          _ = try? objective.derivatives([1.0, 2], [1.0, 0.5], weight: [1])
        }
      }
    }
  }

  @Test("A softmax outside a loss of rows is refused")
  func refusesSoftmaxOfRows() throws {
    let error = #expect(throws: LossError.self) {
      try BoostingObjective(named: "list_mle", link: .softmax, curvature: .constant(1))
    }
    #expect(error?.found == "has mixed second derivatives within a row")
  }

  @Test("Labels outside the domain are refused with their place")
  func checksLabels() throws {
    let gamma = try BoostingObjective(GammaDevianceLoss())
    try gamma.checkLabels([1.0, 2])
    var error = #expect(throws: LossError.self) { try gamma.checkLabels([1.0, 0]) }
    #expect(
      error?.description
        == "gamma_deviance: target is 0.0 at [1]; expected a label of finite loss.")
    error = #expect(throws: LossError.self) { try gamma.checkLabels([1.0, -1]) }
    #expect(error?.code == .invalidValue)
    error = #expect(throws: LossError.self) { try gamma.checkLabels([1.0, .infinity]) }
    #expect(error?.found == "is inf at [1]")
    let logistic = try BoostingObjective(BinaryCrossEntropyLoss())
    #expect(throws: LossError.self) { try logistic.checkLabels([0, 2]) }
    let classes = try BoostingObjective(CrossEntropyLoss())
    try classes.checkLabels([0, 3])
    #expect(throws: LossError.self) { try classes.checkLabels([0, 3], classCount: 3) }
    #expect(throws: LossError.self) { try classes.checkLabels([0, -4]) }
  }

  @Test("A policy is read as it is printed")
  func readsPolicies() throws {
    for text in ["exact", "majorizer", "constant=0.5", "exact,scaled=2.0,floored=1e-16"] {
      #expect(try CurvaturePolicy(text).description == text)
    }
    #expect(try CurvaturePolicy("floored=1e-6") == .floored(at: 1e-6))
    #expect(CurvaturePolicy.exact.scaled(by: 2).scale == 2)
    for text in ["", "exac", "constant", "exact=1", "exact,", "floored=-1", "scaled=nan"] {
      let error = #expect(throws: LossError.self) { try CurvaturePolicy(text) }
      #expect(error?.code == .invalidValue)
    }
    #expect(throws: LossError.self) {
      try BoostingObjective(HuberLoss(), scale: 0)
    }
    #expect(throws: LossError.self) {
      try BoostingObjective(HuberLoss(), curvature: .constant(-1))
    }
  }
}
