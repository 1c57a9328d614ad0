import LossConformance
import LossFunctions
import Testing

/// User-defined losses have the same features as the built-in ones.
@Suite struct UserLossTests {
  static let entries = [
    LossEntry(ImportanceLoss.self), LossEntry(MarginLoss.self), LossEntry(SpreadLoss.self),
    LossEntry(BalanceLoss.self), LossEntry(PairsLoss.self), LossEntry(CappedLoss.self),
    LossEntry(TrueScoreLoss.self),
  ]

  private func registry() throws -> LossRegistry {
    try LossRegistry([composedLosses, regressionLosses, LossPlugin("user", Self.entries)])
  }

  /// The laws that depend on the form; accuracy depends on the formula of the user.
  static let laws = [
    "gradient-is-derivative", "upstream-is-linear", "reductions-agree", "mask-is-removal",
    "weight-is-repetition",
  ].compactMap(Law.named)

  @Test(
    "the form satisfies its laws",
    arguments: Laws.cases(of: LossPlugin("user", entries), laws: laws))
  func holds(_ one: LawCase) {
    let counterexamples = one.check()
    #expect(
      counterexamples.isEmpty, "\n\(counterexamples.map(\.description).joined(separator: "\n"))")
  }

  @Test("values are those of the formula")
  func values() throws {
    let registry = try registry()
    let p: [Double] = [1, 2, 4]
    let t: [Double] = [0, 1, 1]
    let inputs: LossInputs = [
      .prediction: AnyTensor(Tensor(p)), .target: AnyTensor(Tensor(t)),
      "importance": AnyTensor(Tensor([1.0, 0.5, 2])),
    ]
    let importance = try registry.loss(named: "weighed_squares").evaluate(inputs)
    let weightedSum: Double = 1 * 1 + 0.5 * 1 + 2 * 9
    #expect(importance.value.doubles == [weightedSum / 3])
    var pairInputs = inputs
    pairInputs["importance"] = nil
    let residuals: [Double] = zip(p, t).map { $0 - $1 }
    let pairs = residuals.map { a in residuals.map { b in (a - b) * (a - b) }.reduce(0, +) }
    let result = try registry.loss(named: "pairs", reduction: Reduction.unreduced).evaluate(
      pairInputs)
    #expect(result.value.doubles == pairs)
    let spread = try registry.loss(named: "spread", reduction: Reduction.unreduced, classAxis: 0)
      .evaluate([
        .prediction: tensor([2, 3], [1.0, 2, 3, 4, 5, 6]), .target: AnyTensor(Tensor([1.0, 1, 1])),
      ])
    #expect(spread.value.doubles == [9, 17, 29])
  }

  @Test("a masked term of a batch has a value of zero")
  func batchMask() throws {
    let inputs: LossInputs = [
      .prediction: AnyTensor(Tensor([1.0, 2, 4])), .target: AnyTensor(Tensor([0.0, 1, 1])),
      .mask: AnyTensor(Tensor([true, false, true])),
    ]
    let result = try PairsLoss().evaluate(inputs, reduction: Reduction.unreduced)
    #expect(result.value.doubles == [4, 0, 8])
  }

  @Test("missing inputs and wrong shapes throw with the name of the loss")
  func refused() throws {
    let loss = try registry().loss(named: "weighed_squares")
    let error = refusal { () throws(LossError) in
      try loss.evaluate([.prediction: AnyTensor(Tensor([1.0])), .target: AnyTensor(Tensor([1.0]))])
    }
    #expect(
      error?.description
        == "weighed_squares: importance is missing; expected the inputs prediction, target, importance."
    )
    let other = refusal { () throws(LossError) in
      try loss.evaluate([
        .prediction: AnyTensor(Tensor([1.0])), .target: AnyTensor(Tensor([1.0])),
        "importance": AnyTensor(Tensor([1.0, 2])),
      ])
    }
    #expect(
      other?.description
        == "weighed_squares: importance has shape [2]; expected [1], the shape of prediction.")
  }

  @Test("class indices out of range throw if there are fewer terms than class indices")
  func fewTerms() async {
    await #expect(processExitsWith: .success) {
      for weight in [nil, 1.0, 0] {
        var inputs: LossInputs = [
          .prediction: try tensor([3, 2], [1.0, 2, 3, 4, 5, 6]),
          .target: AnyTensor(Tensor([0, 1, 1])),
        ]
        inputs[.weight] = weight.map { AnyTensor(Tensor($0)) }
        let value = try TrueScoreLoss().evaluate(inputs, reduction: .sum).value
        #expect(value.doubles == [-(1 + 4 + 6) * (weight ?? 1)])
        inputs[.target] = AnyTensor(Tensor([0, 1, 2]))
        if weight == 0 { continue }
        let error = refusal { () throws(LossError) in try TrueScoreLoss().evaluate(inputs) }
        #expect(error?.code == .invalidClass)
      }
    }
  }

  @Test("an input of a loss cannot be named weight or mask")
  func reservedRoles() throws {
    // Parameters are often called weight; a penalty must not weight them by themselves.
    for name in ["l1_penalty", "l2_penalty"] {
      guard let loss = try? LossRegistry.linked.loss(named: name, options: ["of": "weight"]),
        let result = try? loss.evaluate(["weight": AnyTensor(Tensor([1.0, 2, 3]))])
      else { continue }
      #expect(result.value.doubles == [name == "l1_penalty" ? 6 : 7])
    }
  }
}
