import LossConformance
import LossFunctions
import Testing

/// Masks and weights beyond the laws: regions, class weights and error messages.
@Suite struct MaskTests {
  static let regions = ["dice", "tversky", "root_mean_squared_error"]
  static let garbage: [Double] = [.nan, .infinity, -.infinity, 1e308, -1e308]

  @Test("masked elements of a region do not affect the result", arguments: regions)
  func regionElements(_ name: String) throws {
    for per in ["all", "sample", "class", "sample_and_class"] {
      let loss = try LossRegistry.linked.loss(named: name, options: ["per": .text(per)])
      var generator = SeededGenerator(seed: 5)
      let prediction = generator.numbers(0.05...0.95, 24)
      let target = generator.numbers(0.05...0.95, 24)
      let mask = (0..<24).map { $0 % 5 != 2 }
      func result(_ corruption: Double) throws -> LossResult {
        let corrupted = { (numbers: [Double]) in zip(numbers, mask).map { $1 ? $0 : corruption } }
        return try loss.evaluate(
          [
            .prediction: tensor([2, 4, 3], corrupted(prediction)),
            .target: tensor([2, 4, 3], corrupted(target)), .mask: tensor([2, 4, 3], mask),
          ], gradientsOf: [.prediction, .target])
      }
      let cleanResult = try result(0.5)
      for garbage in Self.garbage {
        let corruptedResult = try result(garbage)
        #expect(corruptedResult == cleanResult, "per \(per), \(garbage)")
        for role in [Role.prediction, .target] {
          let gradient = corruptedResult.gradients[role]?.doubles ?? []
          #expect(zip(gradient, mask).allSatisfy { $1 || $0 == 0 }, "per \(per), \(garbage)")
        }
      }
    }
  }

  @Test(
    "the class index of a pixel that is masked in every class is not read",
    arguments: ["dice", "tversky"])
  func maskedPixels(_ name: String) throws {
    let loss = try LossRegistry.linked.loss(named: name)
    func result(_ corruption: Int) throws -> LossResult {
      try loss.evaluate(
        [
          .prediction: tensor([3, 2], [0.1, 0.9, 0.5, 0.5, 0.75, 0.25]),
          .target: AnyTensor(Tensor([1, corruption, 0])),
          .mask: tensor([3, 1], [true, false, true]),
        ], gradientsOf: [.prediction])
    }
    let cleanResult = try result(0)
    for garbage in [-1, 2, 255] {
      #expect(try result(garbage) == cleanResult)
    }
  }

  @Test("a region of weight 0 does not affect the result", arguments: regions)
  func regionWeights(_ name: String) throws {
    let loss = try LossRegistry.linked.loss(named: name, options: ["per": "sample"])
    for garbage in Self.garbage {
      let result = try loss.evaluate(
        [
          .prediction: tensor([2, 2], [garbage, garbage, 0.25, 0.75]),
          .target: tensor([2, 2], [garbage, 0.5, 0.0, 1]), .weight: AnyTensor(Tensor([0.0, 2])),
        ], gradientsOf: [.prediction, .target])
      let alone = try loss.evaluate(
        [.prediction: tensor([1, 2], [0.25, 0.75]), .target: tensor([1, 2], [0.0, 1])],
        gradientsOf: [.prediction, .target])
      #expect(agree(result.value.doubles, alone.value.doubles), "\(garbage)")
      for role in [Role.prediction, .target] {
        let gradient = result.gradients[role]?.doubles ?? []
        #expect(agree(gradient, [0, 0] + (alone.gradients[role]?.doubles ?? [])), "\(garbage)")
      }
    }
  }

  @Test("a dense NaN target of weight 0 does not affect the class weights")
  func denseTargets() throws {
    for name in ["cross_entropy", "focal"] {
      let loss = try LossRegistry.linked.loss(named: name, options: ["class_weights": [1, 3]])
      for reduction in [Reduction.weightedMean, Reduction(.weightedMean, over: [0])] {
        let result = try loss.base.evaluate(
          [
            .prediction: tensor([2, 2], [0.5, 0.25, 1.0, 2]),
            .target: tensor([2, 2], [Double.nan, .nan, 0, 1]),
            .weight: AnyTensor(Tensor([0.0, 1])),
          ], gradientsOf: [.prediction], reduction: reduction)
        let alone = try loss.base.evaluate(
          [.prediction: tensor([1, 2], [1.0, 2]), .target: tensor([1, 2], [0.0, 1])],
          gradientsOf: [.prediction], reduction: reduction)
        #expect(agree(result.value.doubles, alone.value.doubles), "\(name)")
        let gradient = result.gradients[.prediction]?.doubles ?? []
        #expect(agree(gradient, [0, 0] + (alone.gradients[.prediction]?.doubles ?? [])), "\(name)")
      }
    }
  }

  @Test(
    "invalid weights throw, and the error has the index",
    arguments: [
      Double.nan, .infinity, -.infinity, -1, -.leastNonzeroMagnitude,
    ])
  func badWeights(_ weight: Double) throws {
    let error = refusal { () throws(LossError) in
      try MeanSquaredErrorLoss().evaluate([
        .prediction: AnyTensor(Tensor([1.0, 2])), .target: AnyTensor(Tensor([0.0, 0])),
        .weight: AnyTensor(Tensor([1, weight])),
      ])
    }
    #expect(error?.code == .invalidValue)
    #expect(
      error?.description
        == "mean_squared_error: weight is \(weight) at [1]; expected a finite number of at least"
        + " zero.")
  }

  @Test(
    "weights and masks of another rank or extent throw",
    arguments: [
      [], [1], [3], [2], [3, 2], [2, 2], [1, 2, 3], [2, 3, 1], [0, 3],
    ])
  func shapes(_ extents: [Int]) throws {
    let count = extents.reduce(1, *)
    let inputs: LossInputs = [
      .prediction: try tensor([2, 3], Array(repeating: 1.0, count: 6)),
      .target: try tensor([2, 3], Array(repeating: 0.0, count: 6)),
    ]
    for (role, input) in [
      (Role.weight, try tensor(extents, Array(repeating: 1.0, count: count))),
      (.mask, try tensor(extents, Array(repeating: true, count: count))),
    ] {
      var inputs = inputs
      inputs[role] = input
      let error = refusal { () throws(LossError) in try MeanSquaredErrorLoss().evaluate(inputs) }
      #expect(error?.code == .shapeMismatch)
      #expect(error?.subject == role.name)
    }
  }

  @Test("a mask is boolean, or whole numbers of 0 and 1")
  func maskType() {
    for mask in [
      AnyTensor(Tensor([2, 0])), AnyTensor(Tensor([1.0, 0])), AnyTensor(Tensor([1 as Float, 0])),
    ] {
      let error = refusal { () throws(LossError) in
        try MeanSquaredErrorLoss().evaluate([
          .prediction: AnyTensor(Tensor([1.0, 2])), .target: AnyTensor(Tensor([0.0, 0])),
          .mask: mask,
        ])
      }
      #expect(error?.code == .invalidType)
      #expect(error?.subject == "mask")
    }
  }
}
