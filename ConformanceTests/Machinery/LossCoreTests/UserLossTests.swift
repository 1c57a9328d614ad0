import LossConformance
import LossFunctions
import Testing

/// What a user's own losses can do: all that ours can.
@Suite struct UserLossTests {
  static let entries = [
    LossEntry(ImportanceLoss.self), LossEntry(MarginLoss.self), LossEntry(SpreadLoss.self),
    LossEntry(BalanceLoss.self), LossEntry(PairsLoss.self), LossEntry(CappedLoss.self),
    LossEntry(TrueScoreLoss.self),
  ]

  private func registry() throws -> LossRegistry {
    try LossRegistry([composedLosses, regressionLosses, LossPlugin("user", Self.entries)])
  }

  /// The laws of what the form does for a loss; how exact a formula is, is the user's affair.
  static let laws = [
    "gradient-is-derivative", "upstream-is-linear", "reductions-agree", "mask-is-removal",
    "weight-is-repetition",
  ].compactMap(Law.named)

  @Test(
    "the form keeps its laws", arguments: Laws.cases(of: LossPlugin("user", entries), laws: laws))
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
    let three: LossInputs = [
      .prediction: Tensor(p), .target: Tensor(t),
      "importance": Tensor([1.0, 0.5, 2]),
    ]
    let importance = try registry.loss(named: "weighed_squares").evaluate(three)
    let weighed: Double = 1 * 1 + 0.5 * 1 + 2 * 9
    #expect(importance.value.doubles == [weighed / 3])
    var two = three
    two["importance"] = nil
    let gaps: [Double] = zip(p, t).map { $0 - $1 }
    let pairs = gaps.map { a in gaps.map { b in (a - b) * (a - b) }.reduce(0, +) }
    let result = try registry.loss(named: "pairs", reduction: Reduction.unreduced).evaluate(two)
    #expect(result.value.doubles == pairs)
    let spread = try registry.loss(named: "spread", reduction: Reduction.unreduced, classAxis: 0)
      .evaluate([
        .prediction: tensor([2, 3], [1.0, 2, 3, 4, 5, 6]), .target: Tensor([1.0, 1, 1]),
      ])
    #expect(spread.value.doubles == [9, 17, 29])
  }

  @Test("a term that a mask takes out of a batch has no gradient and no value")
  func batchMask() throws {
    let inputs: LossInputs = [
      .prediction: Tensor([1.0, 2, 4]), .target: Tensor([0.0, 1, 1]),
      .mask: Tensor([true, false, true]),
    ]
    let result = try PairsLoss().evaluate(inputs, reduction: Reduction.unreduced)
    #expect(result.value.doubles == [4, 0, 8])
  }

  @Test("what a user's loss is not given, or given in another shape, is refused in its name")
  func refused() throws {
    let loss = try registry().loss(named: "weighed_squares")
    let error = refusal { () throws(LossError) in
      try loss.evaluate([.prediction: Tensor([1.0]), .target: Tensor([1.0])])
    }
    #expect(
      error?.description
        == "weighed_squares: importance is missing; expected the inputs prediction, target, importance."
    )
    let other = refusal { () throws(LossError) in
      try loss.evaluate([
        .prediction: Tensor([1.0]), .target: Tensor([1.0]),
        "importance": Tensor([1.0, 2]),
      ])
    }
    #expect(
      other?.description
        == "weighed_squares: importance has shape [2]; expected [1], the shape of prediction.")
  }

  @Test("classes beyond the classes are refused where the terms are fewer than the classes")
  func fewTerms() async {
    await #expect(processExitsWith: .success) {
      for weight in [nil, 1.0, 0] {
        var inputs: LossInputs = [
          .prediction: try tensor([3, 2], [1.0, 2, 3, 4, 5, 6]), .target: Tensor([0, 1, 1]),
        ]
        inputs[.weight] = weight.map { Tensor($0).anyTensor }
        let value = try TrueScoreLoss().evaluate(inputs, reduction: .sum).value
        #expect(value.doubles == [-(1 + 4 + 6) * (weight ?? 1)])
        inputs[.target] = Tensor([0, 1, 2]).anyTensor
        if weight == 0 { continue }
        let error = refusal { () throws(LossError) in try TrueScoreLoss().evaluate(inputs) }
        #expect(error?.code == .invalidClass)
      }
    }
  }

  @Test("a role that every loss has cannot be a loss's own: it would count twice")
  func takenRoles() throws {
    // Parameters are often called weight; a penalty on them must not weigh them by themselves.
    for name in ["l1_penalty", "l2_penalty"] {
      guard let loss = try? LossRegistry.linked.loss(named: name, options: ["of": "weight"]),
        let result = try? loss.evaluate(["weight": Tensor([1.0, 2, 3])])
      else { continue }
      #expect(result.value.doubles == [name == "l1_penalty" ? 6 : 7])
    }
  }
}
