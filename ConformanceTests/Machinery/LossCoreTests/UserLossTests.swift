import LossFunctions
import Testing

/// What a user's own losses can do: all that ours can.
@Suite struct UserLossTests {
  static let entries = [
    LossEntry(ImportanceLoss.self), LossEntry(MarginLoss.self), LossEntry(SpreadLoss.self),
    LossEntry(BalanceLoss.self), LossEntry(PairsLoss.self), LossEntry(CappedLoss.self),
    LossEntry(TrueScoreLoss.self),
  ]
  static let names = entries.map(\.card.name)

  private func registry() throws -> LossRegistry {
    try LossRegistry([composedLosses, regressionLosses, LossPlugin("user", Self.entries)])
  }

  @Test("every gradient is the derivative", arguments: names)
  func gradients(_ name: String) throws {
    let loss = try registry().loss(named: name)
    for seed in UInt64(1)...5 {
      var sampler = Sampler(seed: seed)
      sampler.dense = name == "balance"
      sampler.rest = [3]
      sampler.extents["sample"] = 3
      var inputs = try sampler.inputs(for: loss.loss.signature)
      let terms = try loss.loss.evaluate(inputs, reduction: Reduction.none).value.shape
      for reduction in [Reduction.mean, .sum, .weightedMean, .none] {
        if seed > 2 {
          inputs[.weight] = try Tensor(
            shape: terms, scalars: (0..<terms.count).map { [0.5, 0, 2][$0 % 3] }
          ).erased
        }
        let result = try loss.loss.evaluate(inputs, reduction: reduction).value
        let upstream = sampler.generator.numbers(-2...2, result.shape.count)
        let roles = loss.loss.signature.inputs.filter {
          $0.isDifferentiable && inputs[$0.role]?.element == .float64
        }.map(\.role)
        #expect(!roles.isEmpty)
        let gradients = try loss.loss.evaluate(
          inputs, gradientsOf: roles, reduction: reduction,
          upstream: Tensor(shape: result.shape, scalars: upstream).erased
        ).gradients
        for role in roles {
          let given = try #require(inputs[role])
          let quotients = try centralDifferences(at: given.doubles) { numbers in
            var moved = inputs
            moved[role] = try Tensor(shape: given.shape, scalars: numbers).erased
            let value = try loss.loss.evaluate(moved, reduction: reduction).value
            return zip(value.doubles, upstream).map(*).reduce(0, +)
          }
          let gradient = gradients[role]?.doubles ?? []
          #expect(
            isDerivative(gradient, quotients),
            "seed \(seed), \(reduction.kind), \(role): \(gradient) for \(quotients)")
        }
      }
    }
  }

  @Test("values are those of the formula")
  func values() throws {
    let registry = try registry()
    let p: [Double] = [1, 2, 4]
    let t: [Double] = [0, 1, 1]
    let three: LossInputs = [
      .prediction: Tensor(p).erased, .target: Tensor(t).erased,
      "importance": Tensor([1.0, 0.5, 2]).erased,
    ]
    let importance = try registry.loss(named: "weighed_squares").evaluate(three)
    let weighed: Double = 1 * 1 + 0.5 * 1 + 2 * 9
    #expect(importance.value.doubles == [weighed / 3])
    var two = three
    two["importance"] = nil
    let gaps: [Double] = zip(p, t).map { $0 - $1 }
    let pairs = gaps.map { a in gaps.map { b in (a - b) * (a - b) }.reduce(0, +) }
    let result = try registry.loss(named: "pairs", reduction: Reduction.none).evaluate(two)
    #expect(result.value.doubles == pairs)
    let spread = try registry.loss(named: "spread", reduction: Reduction.none, classAxis: 0)
      .evaluate([
        .prediction: tensor([2, 3], [1.0, 2, 3, 4, 5, 6]), .target: Tensor([1.0, 1, 1]).erased,
      ])
    #expect(spread.value.doubles == [9, 17, 29])
  }

  @Test("a term that a mask takes out of a batch has no gradient and no value")
  func batchMask() throws {
    let inputs: LossInputs = [
      .prediction: Tensor([1.0, 2, 4]).erased, .target: Tensor([0.0, 1, 1]).erased,
      .mask: Tensor([true, false, true]).erased,
    ]
    let result = try PairsLoss().evaluate(inputs, reduction: Reduction.none)
    #expect(result.value.doubles == [4, 0, 8])
  }

  @Test("what a user's loss is not given, or given in another shape, is refused in its name")
  func refused() throws {
    let loss = try registry().loss(named: "weighed_squares")
    let error = refusal { () throws(LossError) in
      try loss.evaluate([.prediction: Tensor([1.0]).erased, .target: Tensor([1.0]).erased])
    }
    #expect(
      error?.description
        == "weighed_squares: importance is missing; expected the inputs prediction, target, importance."
    )
    let other = refusal { () throws(LossError) in
      try loss.evaluate([
        .prediction: Tensor([1.0]).erased, .target: Tensor([1.0]).erased,
        "importance": Tensor([1.0, 2]).erased,
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
          .prediction: try tensor([3, 2], [1.0, 2, 3, 4, 5, 6]), .target: Tensor([0, 1, 1]).erased,
        ]
        inputs[.weight] = weight.map { Tensor($0).erased }
        let value = try TrueScoreLoss().evaluate(inputs, reduction: .sum).value
        #expect(value.doubles == [-(1 + 4 + 6) * (weight ?? 1)])
        inputs[.target] = Tensor([0, 1, 2]).erased
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
        let result = try? loss.evaluate(["weight": Tensor([1.0, 2, 3]).erased])
      else { continue }
      #expect(result.value.doubles == [name == "l1_penalty" ? 6 : 7])
    }
  }
}
