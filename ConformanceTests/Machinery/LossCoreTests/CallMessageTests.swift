import LossFunctions
import Testing

/// The exact messages of wrong calls in Swift.
@Suite struct CallMessageTests {
  typealias Call = @Sendable () throws(LossError) -> LossResult

  private static func tensor(_ extents: [Int]) -> AnyTensor {
    .float64(Tensor(repeating: 0.5, shape: Shape(trusted: extents)))
  }

  private static func classes(_ extents: [Int]) -> AnyTensor {
    .int64(Tensor(repeating: 0, shape: Shape(trusted: extents)))
  }

  private static func call(
    _ name: String, _ inputs: LossInputs, gradientsOf roles: [Role] = [],
    reduction: Reduction? = nil, classAxis: Int? = nil, options: [String: OptionValue] = [:]
  ) -> Call {
    { () throws(LossError) in
      try LossRegistry.linked.loss(named: name, options: options)
        .evaluate(inputs, gradientsOf: roles, reduction: reduction, classAxis: classAxis)
    }
  }

  static let wrong: [(call: Call, message: String)] = [
    (
      call("torch.cosine_similarity", ["x1": tensor([3]), "x2": tensor([3])]),
      "torch.cosine_similarity: prediction has shape [3]; expected a batch axis before the class axis. "
        + "Add an axis of extent 1: [1, 3]."
    ),
    (
      call("torch.cross_entropy", ["input": tensor([3]), "target": classes([])], classAxis: 1),
      "torch.cross_entropy: option \"class_axis\" is 1; expected an axis of prediction (shape [3]), "
        + "from -1 to 0."
    ),
    (
      call("cross_entropy", ["prediction": tensor([2, 3, 4]), "target": classes([2, 4])]),
      "cross_entropy: target has shape [2, 4]; expected class indices (i64) of shape [2, 3], or "
        + "[2, 3, 4], to match prediction. With class_axis 1 it would fit."
    ),
    (
      call("cross_entropy", ["prediction": tensor([2, 3]), "target": classes([2, 1])]),
      "cross_entropy: target has shape [2, 1]; expected class indices (i64) of shape [2], or "
        + "[2, 3], to match prediction. Remove the axis of extent 1: [2]."
    ),
    (
      call(
        "cross_entropy", ["prediction": tensor([2, 3]), "target": classes([2])],
        gradientsOf: ["target"]),
      "cross_entropy: target holds class indices, which have no gradient; expected prediction."
    ),
    (
      call(
        "cross_entropy", ["prediction": tensor([2, 3]), "target": classes([2])],
        gradientsOf: ["targets"]),
      "cross_entropy: targets is not an input of this loss; expected prediction. Did you mean "
        + "\"target\"?"
    ),
    (
      call(
        "cross_entropy",
        ["prediction": tensor([2, 3]), "target": classes([2]), "weight": tensor([3])]),
      "cross_entropy: weight has shape [3]; expected [2], the shape of the terms, or extent 1 on "
        + "axes to broadcast. Class weights are the option class_weights."
    ),
    (
      call("huber", ["prediction": tensor([]), "target": tensor([2])]),
      "huber: target has shape [2]; expected [], the shape of prediction."
    ),
    (
      call("huber", ["prediction": tensor([2, 8, 3]), "target": tensor([2, 3, 8])]),
      "huber: target has shape [2, 3, 8]; expected [2, 8, 3], the shape of prediction. Its axes are "
        + "in another order."
    ),
    (
      call(
        "huber",
        ["prediction": tensor([2]), "target": tensor([2]), "mask": AnyTensor(Tensor([2, 0]))]),
      "huber: mask has type i64 and is 2 at [0]; expected type bool, or 0 and 1: true keeps a term, "
        + "false removes it. Compare with the value to keep."
    ),
    (
      call(
        "dice",
        [
          "prediction": tensor([2, 8, 8, 1]), "target": tensor([2, 8, 8, 1]),
          "mask": AnyTensor.bool(Tensor(repeating: true, shape: Shape(trusted: [2, 8, 8]))),
        ]),
      "dice: mask has shape [2, 8, 8]; expected [2, 8, 8, 1], the shape of the prediction, or extent "
        + "1 on axes to broadcast. Add an axis of extent 1: [2, 8, 8, 1]."
    ),
    (
      call("rnnt", ["prediction": tensor([1, 4, 3, 5]), "target": classes([1, 3])]),
      "rnnt: target has shape [1, 3]; expected class indices (i64) of shape [1, 2], to match "
        + "prediction. prediction needs 4 positions on its label axis, 1 more than target: the first "
        + "is before any label."
    ),
    (
      call(
        "rnnt", ["prediction": tensor([0, 0, Int.max, 0]), "target": classes([0, Int.max])]),
      ""
    ),
    (
      call(
        "cross_entropy", ["prediction": tensor([1, 2]), "target": classes([1])],
        options: ["ignore_index": 0]),
      "cross_entropy: target leaves no terms for reduction mean; expected at least one term. The "
        + "loss ignores each term or weights it by 0. Reduction sum gives 0; or set when_empty to "
        + "zero or nan."
    ),
    (
      call(
        "huber",
        ["prediction": tensor([1]), "target": tensor([1]), "weight": AnyTensor(Tensor([0.0]))],
        reduction: .weightedMean),
      "huber: weight leaves no terms for reduction weighted_mean; expected at least one term. "
        + "Reduction sum gives 0; or set when_empty to zero or nan."
    ),
  ]

  @Test("A wrong call has its message", arguments: wrong.indices)
  func messages(index: Int) {
    let error = refusal { () throws(LossError) in try Self.wrong[index].call() }
    let message = Self.wrong[index].message
    if !message.isEmpty { #expect(error?.description == message) }
  }

  @Test("A typed call under a framework's name misses its batch axis")
  func typedCall() throws {
    let loss = try LossRegistry.linked.loss(named: "torch.cosine_similarity")
    let error = refusal { () throws(LossError) in try loss([1.0, 2, 3], [1.0, 2, 3]) as Double }
    #expect(
      error?.description == """
        torch.cosine_similarity: prediction has shape [3]; expected a batch axis before the class axis. \
        Add an axis of extent 1: [1, 3].
        """)
  }

  @Test("A typed call takes a row without a batch axis where its framework does")
  func unbatchedCall() throws {
    let loss = try LossRegistry.linked.loss(named: "torch.cross_entropy")
    let target = try Tensor(shape: [], scalars: [1])
    let value: Double = try loss(Tensor([1.0, 2, 3]), target)
    #expect(value == 1.4076059644443804)
  }

  @Test("A stream checks the domains of its loss's name")
  func streams() throws {
    let shape = Shape(trusted: [2])
    func add(_ name: String, _ checks: DomainChecks?) throws(LossError) {
      let loss = try LossRegistry.linked.loss(named: name, options: ["from_logits": false])
      var stream = LossStream(
        loss, shapes: [.prediction: shape, .target: shape], in: .float64, domainChecks: checks)
      _ = try stream?.add([.prediction: [1.5, 0.5], .target: [1.0, 0.0]])
    }
    #expect(throws: LossError.self) { try add("binary_cross_entropy", nil) }
    #expect(throws: LossError.self) { try add("binary_cross_entropy", .all) }
    #expect(throws: Never.self) { try add("binary_cross_entropy", .data) }
    #expect(throws: Never.self) { try add("binary_cross_entropy", DomainChecks.none) }
  }

  @Test("A mask removes the right numbers where the class axis is the first of a square input")
  func maskedClassAxis() throws {
    let loss = try LossRegistry.linked.loss(named: "kl_divergence")
    let prediction = try Tensor<Double>(rows: [[0.5, 1.5], [0.5, 0.5]])
    let target = try Tensor<Double>(rows: [[0.5, 0.5], [0.5, 0.5]])
    func value(keeping mask: [Bool]) throws(LossError) -> Double {
      try loss(prediction, target, mask: Tensor(mask), classAxis: 0)
    }
    #expect(try value(keeping: [true, false]) == 0)
    #expect(throws: LossError.self) { try value(keeping: [false, true]) }
  }

  @Test("An input without a share for each term is refused for a batch of no samples")
  func emptyBatch() throws {
    let loss = ScaledSpreadLoss()
    let inputs: LossInputs = [
      .prediction: try Tensor<Double>(shape: [0, 8192], scalars: []),
      "scale": Array(repeating: 1.0, count: 8192),
    ]
    #expect(throws: LossError.self) {
      try loss.evaluate(inputs, reduction: .unreduced, in: .float64)
    }
  }
}

/// A loss with an input that a row by row pass cannot divide among its terms.
private struct ScaledSpreadLoss: RowwiseLoss {
  static let metadata = LossMetadata("scaled_spread", "Squares of a row.", formula: "Σ s p²")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(
      .real(.prediction, "... class"), .real("scale", "class", .nonNegative), terms: "...",
      classAxis: "class")
  }
  func term<S: LossScalar>(_ row: Row<S>) -> S { 0 }
}
