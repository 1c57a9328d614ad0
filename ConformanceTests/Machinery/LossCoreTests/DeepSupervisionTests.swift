import Foundation
import LossFunctions
import Testing

/// Deep supervision: one loss at several resolutions.
@Suite struct DeepSupervisionTests {
  /// The predictions of three levels, with 4 × 6, 2 × 3 and 1 × 2 positions of two classes.
  static let levels: [Tensor<Double>] = zip(
    [[1, 2, 4, 6], [1, 2, 2, 3], [1, 2, 1, 2]], [5, 7, 3]
  )
  .map { extents, factor in
    let count = extents.reduce(1, *)
    let numbers = (0..<count).map { Double(($0 * factor * factor + 3 * $0 + 2) % 17 - 8) / 8 }
    return Tensor(trusted: Shape(trusted: extents), numbers)
  }
  /// A binary target for each of two classes.
  static let target = Tensor(
    trusted: Shape(trusted: [1, 2, 4, 6]), (0..<48).map { $0 * 7 % 5 < 2 ? 1.0 : 0 })
  static let inputs: LossInputs = [
    .prediction: AnyTensor(levels[0]), "prediction_2": AnyTensor(levels[1]),
    "prediction_3": AnyTensor(levels[2]), .target: AnyTensor(target),
  ]
  static let roles: [Role] = [.prediction, "prediction_2", "prediction_3"]

  private func deep(
    _ loss: OptionValue, _ weights: OptionValue = "halving"
  ) throws -> any LossProtocol {
    try LossRegistry.linked.loss(
      named: "deep_supervision", options: ["of": loss, "weights": weights]
    ).base
  }

  /// The results of MONAI 1.6.1 for `DeepSupervisionLoss(DiceLoss(sigmoid=True), …)`: `get_loss`
  /// and `get_weights` in 64 bits, since `forward` rounds to 32 bits; the gradient of the coarsest
  /// level.
  @Test(
    "values and gradients match MONAI",
    arguments: [
      (
        "halving", 1.0210624937794417,
        [
          -0.02286762892668667, 0.0043691091098498995, 0.0064513630189058525,
          -0.024691533234725258,
        ]
      ),
      (
        "same", 1.7779358923103947,
        [
          -0.09147051570674668, 0.017476436439399598, 0.02580545207562341,
          -0.09876613293890103,
        ]
      ),
      (
        "half", 1.1815103323638738,
        [
          -0.04573525785337334, 0.008738218219699799, 0.012902726037811705,
          -0.049383066469450516,
        ]
      ),
      (
        [0.7, 0.2, 0.1], 0.5839504292369825,
        [
          -0.009147051570674669, 0.0017476436439399596, 0.002580545207562341,
          -0.009876613293890106,
        ]
      ),
    ] as [(OptionValue, Double, [Double])])
  func monai(_ weights: OptionValue, _ value: Double, _ coarsest: [Double]) throws {
    let loss = try deep(["loss": "monai.DiceLoss", "options": ["sigmoid": true]], weights)
    let result = try loss.evaluate(Self.inputs, gradientsOf: Self.roles)
    #expect(agree(result.value.doubles, [value]))
    #expect(agree(result.gradients["prediction_3"]?.doubles ?? [], coarsest))
    #expect(result.gradients[.prediction]?.shape == Self.levels[0].shape)
  }

  /// The results of MONAI for `DeepSupervisionLoss(DiceCELoss(softmax=True, to_onehot_y=True))`.
  @Test("class indices are resampled as indices")
  func indices() throws {
    let loss = try deep(["loss": "monai.DiceCELoss", "options": ["softmax": true]])
    var inputs = Self.inputs
    inputs[.target] = try tensor([1, 4, 6], (0..<24).map { $0 * 7 % 5 < 2 ? 1 : 0 })
    let result = try loss.evaluate(inputs, gradientsOf: Self.roles)
    #expect(agree(result.value.doubles, [2.2366065950706577]))
    let edge = 0.07155939266991079
    let inner = 0.04897371187305425
    let first = [-edge, -edge, -edge, -edge, -edge, inner]
    #expect(agree(result.gradients["prediction_2"]?.doubles ?? [], first + first.map { -$0 }))
    let (left, right) = (0.06324752833180404, 0.049102241323216916)
    #expect(
      agree(result.gradients["prediction_3"]?.doubles ?? [], [left, -right, -left, right]))
  }

  /// The indices of PyTorch's `interpolate` in the mode "nearest-exact".
  @Test(
    "resampling takes the nearest element",
    arguments: [
      (7, [1, 3, 5]), (5, [0, 1, 3, 4]), (3, [0, 0, 1, 1, 1, 2, 2]), (8, [2, 6]),
      (6, [0, 1, 2, 3, 4, 5]), (4, [0, 0, 1, 1, 2, 2, 2, 3, 3]), (1, [0, 0, 0]),
    ] as [(Int, [Int])])
  func nearest(_ count: Int, _ indices: [Int]) throws {
    let inputs: LossInputs = [
      .prediction: try tensor([1, indices.count], Array(repeating: 0.0, count: indices.count)),
      .target: try tensor([1, count], (0..<count).map(Double.init)),
    ]
    let loss = DeepSupervisionLoss(of: MeanAbsoluteErrorLoss())
    let result = try loss.evaluate(inputs, gradientsOf: [.target], reduction: Reduction.unreduced)
    #expect(result.value.doubles == indices.map(Double.init))
    // The derivative of an element that is sampled n times is n; element 0 is at the kink.
    let derivatives = (0..<count).map { index in
      index == 0 ? 0 : Double(indices.filter { $0 == index }.count)
    }
    #expect(result.gradients[.target]?.doubles == derivatives)
  }

  @Test("each level is the loss on the resampled inputs")
  func byHand() throws {
    let fine = Tensor(trusted: Shape(trusted: [2, 4]), [1.0, 2, 3, 4, 5, 6, 7, 8])
    let coarse = Tensor(trusted: Shape(trusted: [2, 2]), [0.5, 1, 1.5, 2])
    let target = Tensor(trusted: Shape(trusted: [2, 4]), [0.0, 1, 0, 2, 1, 0, 2, 1])
    let mask = Tensor(
      trusted: Shape(trusted: [2, 4]), [true, true, false, false, true, false, true, true])
    let weight = Tensor(trusted: Shape(trusted: [2, 1]), [2.0, 1])
    let loss = DeepSupervisionLoss(of: MeanSquaredErrorLoss(), weights: .list([0.5, 3, 9]))
    let (value, gradients) = try loss.valueAndGradients(
      [fine, coarse], target, weight: weight, mask: mask, reduction: .sum)
    // The mask keeps elements 0, 1, 4, 6 and 7; at the coarse level, those sampled from 1 and 7.
    let first = 2 * (1.0 + 1) + (16 + 25 + 49)
    let second = 2 * (0.5 - 1) * (0.5 - 1) + (2.0 - 1) * (2 - 1)
    #expect(value == 0.5 * first + 3 * second)
    #expect(gradients[0].scalars == [2, 2, 0, 0, 4, 0, 5, 7])
    #expect(gradients[1].scalars == [-6, 0, 0, 6])
    #expect(
      try loss([fine, coarse], target, weight: weight, mask: mask, reduction: .sum) == value)
  }

  @Test("gradients match central differences, with an upstream gradient")
  func derivatives() throws {
    let loss = try deep(
      [
        "loss": "sum",
        "options": [
          "parts": [
            ["loss": "cross_entropy"], ["loss": "dice", "options": ["activation": "softmax"]],
          ]
        ],
      ])
    for role in Self.roles + [.target] {
      let result = try loss.evaluate(
        Self.inputs, gradientsOf: [role], classAxis: 1, upstream: AnyTensor(Tensor(-1.5)),
        domainChecks: DomainChecks.none)
      let elements = Self.inputs[role]?.doubles ?? []
      let shape = Self.inputs[role]?.shape.extents ?? []
      let quotients = try centralDifferences(at: elements) { moved in
        var inputs = Self.inputs
        inputs[role] = try tensor(shape, moved)
        return try -1.5
          * loss.evaluate(
            inputs, classAxis: 1, domainChecks: DomainChecks.none
          ).value.doubles[0]
      }
      #expect(isDerivative(result.gradients[role]?.doubles ?? [], quotients), "\(role)")
    }
  }

  @Test("the bits do not depend on the order of the inputs or on threads")
  func bits() throws {
    let loss = try deep(["loss": "monai.DiceCELoss", "options": ["softmax": true]], "same")
    let one = try loss.evaluate(Self.inputs, gradientsOf: Self.roles + [.target])
    var reversed = LossInputs()
    for (role, tensor) in Self.inputs.tensors.reversed() { reversed[role] = tensor }
    #expect(try loss.evaluate(reversed, gradientsOf: Self.roles + [.target], threads: 4) == one)
  }

  @Test("it round-trips through JSON")
  func json() throws {
    let loss = DeepSupervisionLoss(
      of: DiceLoss(), weights: .list([1, 0.25]), reduction: .sum, classAxis: 1)
    let data = try JSONEncoder().encode(ConfiguredLoss(loss).configuration)
    let again = try LossRegistry.linked.loss(
      JSONDecoder().decode(LossConfiguration.self, from: data))
    #expect((again.base as? DeepSupervisionLoss)?.options == loss.options)
    for weights in [LevelWeights.half, .halving, .same] {
      #expect(LevelWeights(optionValue: weights.optionValue) == weights)
    }
  }

  @Test("second derivatives are those of the loss at each level")
  func secondDerivative() throws {
    let loss = DeepSupervisionLoss(of: MeanSquaredErrorLoss(), weights: .half)
    let result = try loss.evaluate(
      Self.inputs, secondDerivativesOf: [.prediction, "prediction_2"], reduction: .sum)
    #expect(result.secondDerivatives[.prediction]?.doubles.allSatisfy { $0 == 2 } == true)
    #expect(result.secondDerivatives["prediction_2"]?.doubles.allSatisfy { $0 == 1 } == true)
  }

  @Test("invalid options and inputs throw")
  func invalidCalls() throws {
    func refused(_ loss: some LossProtocol, _ inputs: LossInputs) -> LossError? {
      refusal { () throws(LossError) in
        try loss.evaluate(
          inputs, gradientsOf: [.prediction], classAxis: 1, domainChecks: DomainChecks.none)
      }
    }
    let dice = DeepSupervisionLoss(of: DiceLoss())
    #expect(refused(DeepSupervisionLoss(), Self.inputs)?.subject == "of")
    let short = DeepSupervisionLoss(of: DiceLoss(), weights: .list([1, 2]))
    #expect(refused(short, Self.inputs)?.subject == "weights")
    let endless = DeepSupervisionLoss(of: DiceLoss(), weights: .list([1, 2, .nan]))
    #expect(refused(endless, Self.inputs)?.subject == "weights")
    var inputs = Self.inputs
    inputs["prediction_9"] = AnyTensor(Self.levels[0])
    #expect(refused(dice, inputs)?.code == .unknownInput)
    inputs = Self.inputs
    inputs[.prediction] = nil
    #expect(refused(dice, inputs)?.code == .missingInput)
    inputs = Self.inputs
    inputs[.target] = nil
    #expect(refused(dice, inputs)?.subject == "target")
    // The batch axis and the class axis are not spatial axes.
    inputs = Self.inputs
    inputs[.target] = try tensor([2, 2, 4, 6], Array(repeating: 1.0, count: 96))
    #expect(refused(dice, inputs)?.code == .shapeMismatch)
    inputs = Self.inputs
    inputs["prediction_2"] = try tensor([1, 3, 2, 3], Array(repeating: 1.0, count: 18))
    #expect(refused(dice, inputs)?.code == .shapeMismatch)
    inputs = Self.inputs
    inputs[.target] = try tensor([1, 2, 0, 6], [Double]())
    #expect(refused(dice, inputs)?.code == .shapeMismatch)
    inputs = Self.inputs
    inputs["prediction_2"] = try tensor([1, 1], [1])
    #expect(refused(dice, inputs)?.code == .shapeMismatch)
    let absent = refusal { () throws(LossError) in
      try dice.evaluate(Self.inputs, gradientsOf: ["prediction_4"], classAxis: 1)
    }
    #expect(absent?.code == .missingInput)
    let results = refusal { () throws(LossError) in
      try DeepSupervisionLoss(of: MeanSquaredErrorLoss()).evaluate(
        Self.inputs, reduction: Reduction.unreduced)
    }
    #expect(results?.subject == "prediction_2")
    let many = refusal { () throws(LossError) in
      try DeepSupervisionLoss(of: MeanSquaredErrorLoss())(
        Array(repeating: Self.levels[0], count: 9), Self.target)
    }
    #expect(many?.subject == "predictions")
  }

  @Test("the class axis of a call is that of the parts of a sum")
  func classAxisOfSum() throws {
    let (fine, coarse) = (Self.levels[0], Self.levels[1])
    let labels = Tensor(trusted: Shape(trusted: [1, 4, 6]), (0..<24).map { $0 % 2 })
    let (entropy, dice) = (CrossEntropyLoss(), DiceLoss(activation: .softmax))
    func value(_ loss: any LossProtocol) throws -> Double {
      try DeepSupervisionLoss(of: loss, weights: .halving)
        .valueAndGradients([fine, coarse], labels, classAxis: 1).value
    }
    let sum = try value(0.5 * entropy + dice)
    #expect(try agree([sum], [0.5 * value(entropy) + value(dice)]))
  }
}
