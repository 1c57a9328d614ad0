import LossFunctions
import Testing

/// One rule for logits and probabilities in losses of regions and their compounds.
@Suite struct LogitDefaultTests {
  private static let registry = LossRegistry.linked
  private static let logits = tensor([0.5, -1.5, 2, 0.25, -0.75, 1])
  private static let chances = tensor([0.5, 0.125, 0.75, 0.25, 0.0625, 1])

  private static func tensor(_ numbers: [Double]) -> AnyTensor {
    (try? AnyTensor(Tensor(shape: [1, 3, 2], scalars: numbers))) ?? AnyTensor(Tensor(0.0))
  }

  private static func inputs(_ prediction: AnyTensor) throws -> LossInputs {
    [.prediction: prediction, .target: AnyTensor(try Tensor(shape: [1, 3], scalars: [0, 1, 1]))]
  }

  private static func result(
    _ loss: some LossProtocol, _ prediction: AnyTensor
  ) throws -> [Double] {
    let result = try loss.evaluate(inputs(prediction), gradientsOf: [.prediction])
    return try result.value.doubles + #require(result.gradients[.prediction]).doubles
  }

  private static func agree(
    _ a: some LossProtocol, _ b: some LossProtocol, _ prediction: AnyTensor
  ) throws {
    for (x, y) in zip(try result(a, prediction), try result(b, prediction)) {
      #expect(abs(x - y) < 1e-15)
    }
  }

  @Test(
    "losses of regions refuse logits by default, and take them with from_logits",
    arguments: registry.names.filter {
      registry.entry(named: $0)?.options.contains { $0.name == "activation" } ?? false
    })
  func regions(_ name: String) throws {
    let isCompound = name.contains("dice_ce") || name.contains("focal") && name.contains("dice")
    let loss = try Self.registry.loss(named: name)
    let fromLogits = try Self.registry.loss(
      named: name, options: ["from_logits": .flag(!isCompound)])
    let (refusing, taking) = isCompound ? (fromLogits, loss) : (loss, fromLogits)
    _ = try taking.evaluate(Self.inputs(Self.logits))
    _ = try refusing.evaluate(Self.inputs(Self.chances))
    do {
      _ = try refusing.evaluate(Self.inputs(Self.logits))
      Issue.record("\(name) takes logits as probabilities")
    } catch let error as LossError {
      #expect(error.code == .invalidValue)
      #expect(error.hint.contains("activation") || error.hint.contains("from_logits"))
    }
    if !isCompound {
      let softmax = try Self.registry.loss(named: name, options: ["activation": "softmax"])
      #expect(
        try softmax.evaluate(Self.inputs(Self.logits)).value.doubles
          == taking.evaluate(Self.inputs(Self.logits)).value.doubles)
    }
  }

  @Test("a compound is the sum of its parts with their defaults")
  func compounds() throws {
    try Self.agree(
      DiceCrossEntropyLoss(), DiceLoss(fromLogits: true) + CrossEntropyLoss(), Self.logits)
    try Self.agree(
      DiceCrossEntropyLoss(fromLogits: false), DiceLoss() + CrossEntropyLoss(fromLogits: false),
      Self.chances)
    let target = AnyTensor(try Tensor(shape: [1, 3, 2], scalars: [1.0, 0, 0, 1, 0, 1]))
    let inputs: LossInputs = [.prediction: Self.logits, .target: target]
    let sum = DiceLoss(fromLogits: true) + BinaryFocalLoss()
    let compound = try DiceFocalLoss().evaluate(inputs).value.doubles[0]
    #expect(try abs(sum.evaluate(inputs).value.doubles[0] - compound) < 1e-15)
    let generalized = GeneralizedDiceLoss(fromLogits: true) + BinaryFocalLoss()
    let other = try GeneralizedDiceFocalLoss().evaluate(inputs).value.doubles[0]
    #expect(try abs(generalized.evaluate(inputs).value.doubles[0] - other) < 1e-15)
  }

  @Test("a compound without an activation refuses logits, which its overlap would read")
  func withoutActivation() throws {
    #expect(throws: LossError.self) {
      try DiceCrossEntropyLoss(activation: .identity).evaluate(Self.inputs(Self.logits))
    }
    // MONAI computes it.
    let monai = try Self.registry.loss(named: "monai.DiceCELoss", classAxis: -1)
    _ = try monai.evaluate(Self.inputs(Self.logits))
  }

  @Test("a sum whose parts read logits and probabilities is refused with a hint")
  func mixed() throws {
    for part: any LossProtocol in [DiceLoss(), JaccardLoss(), BoundaryLoss(), MatthewsLoss()] {
      func check(_ part: some LossProtocol) throws {
        do {
          _ = try (0.7 * CrossEntropyLoss() + 0.3 * part).evaluate(Self.inputs(Self.chances))
          Issue.record("the sum with \(part.name) is taken")
        } catch let error as LossError {
          #expect(error.subject == "parts")
          #expect(error.hint.contains("activation of \(part.name)"))
        }
      }
      try check(part)
    }
    #expect(throws: LossError.self) {
      try (DiceCrossEntropyLoss() + DiceLoss()).evaluate(Self.inputs(Self.chances))
    }
    #expect(throws: LossError.self) {
      try (DiceLoss(fromLogits: true) + JaccardLoss()).evaluate(Self.inputs(Self.chances))
    }
  }
}
