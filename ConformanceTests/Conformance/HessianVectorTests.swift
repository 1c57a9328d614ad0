import LossFunctions
import Testing

/// Products of the Hessian with a vector; laws compare them with differences of gradients, fixtures
/// with 120 digits.
@Suite struct HessianVectorTests {
  @Test("A loss without second derivatives throws, and says what to do instead")
  func unsupported() throws {
    let loss = try LossRegistry.linked.loss(named: "giou")
    let boxes = try Tensor(shape: [1, 4], scalars: [0.0, 0, 1, 1])
    let error = #expect(throws: LossError.self) {
      try loss.hessianVectorProduct(boxes, boxes, boxes)
    }
    #expect(
      error?.description == """
        giou: prediction has no product of the Hessian with a vector; expected only values and \
        gradients. The difference of the gradients at two points along the vector, divided by their \
        distance, approximates the product.
        """)
  }

  @Test("A vector is refused if it is missing, of another shape, or of an input without numbers")
  func refusals() throws {
    let loss = CrossEntropyLoss()
    let logits = try Tensor(rows: [[1.0, 2]])
    let inputs: LossInputs = ["prediction": logits, "target": [1]]
    func error(_ vectors: LossInputs, of roles: [Role]) -> LossError? {
      #expect(throws: LossError.self) {
        try loss.hessianVectorProducts(inputs, vectors, of: roles)
      }
    }
    #expect(error([:], of: [.prediction])?.code == .missingInput)
    let shape = error(["prediction": [1.0, 2]], of: [.prediction])
    #expect(shape?.code == .shapeMismatch && shape?.subject == "prediction")
    let target = error(["target": [1.0]], of: [.prediction])
    #expect(target?.code == .unknownInput && target?.subject == "target")
    let weight = error(["weight": [1.0]], of: [.prediction])
    #expect(weight?.code == .unknownInput && weight?.subject == "weight")
  }

  @Test("Weights, masks and reductions apply, and a vector of another element is converted")
  func appliesWeights() throws {
    let product = try MeanSquaredErrorLoss().hessianVectorProducts(
      [
        "prediction": [1.0, 2, 3] as [Float], "target": [0.0, 0, 0] as [Float],
        "weight": [2.0, 1, 0.5] as [Float], "mask": [true, false, true],
      ],
      ["prediction": [1.0, .nan, 3]], of: [.prediction, .target], reduction: .sum)
    #expect(try product.hessianVectorProduct(of: .prediction, as: Float.self).scalars == [4, 0, 3])
    #expect(try product.hessianVectorProduct(of: .target, as: Float.self).scalars == [-4, 0, -3])
    #expect(throws: LossError.self) {
      try product.hessianVectorProduct(of: .weight, as: Float.self)
    }
  }

  @Test("A class axis moves with its vector")
  func movesClassAxis() throws {
    let (rows, vector) = ([[1.0, 2, 0.5], [0, -1, 3]], [[1.0, -1, 2], [0.5, 0.25, 1]])
    func transposed(_ rows: [[Double]]) -> [[Double]] {
      (0..<3).map { j in rows.map { $0[j] } }
    }
    for loss in [CrossEntropyLoss(), CrossEntropyLoss(labelSmoothing: 0.1)] {
      let last = try loss.hessianVectorProduct(
        Tensor(rows: rows), Tensor([0, 2]), Tensor(rows: vector))
      let first = try loss.hessianVectorProduct(
        Tensor(rows: transposed(rows)), Tensor([0, 2]), Tensor(rows: transposed(vector)),
        classAxis: 0)
      let expected = (0..<3).flatMap { j in [last.scalars[j], last.scalars[3 + j]] }
      #expect(first.scalars == expected)
    }
  }

  @Test("A closure has products, also between its inputs")
  func closure() throws {
    let product = ClosureLoss("product") { p, t in p * p * t }
    let result = try product.hessianVectorProducts(
      ["prediction": [3.0], "target": [5.0]], ["prediction": [1.0], "target": [2.0]],
      reduction: .sum)
    // The Hessian of p² t is [[2 t, 2 p], [2 p, 0]].
    #expect(try result.hessianVectorProduct(of: .prediction, as: Double.self).scalars == [22])
    #expect(try result.hessianVectorProduct(of: .target, as: Double.self).scalars == [6])
  }

  @Test("A framework's name takes the vector in its own layout")
  func dialect() throws {
    let loss = try LossRegistry.linked.loss(named: "optax.softmax_cross_entropy")
    let named = try loss.hessianVectorProducts(
      ["logits": Tensor(rows: [[1.0, 2, 0.5]]), "labels": Tensor(rows: [[0.0, 1, 0]])],
      ["logits": Tensor(rows: [[1.0, 0, 0]])], reduction: .sum)
    let ours = try CrossEntropyLoss().hessianVectorProduct(
      Tensor(rows: [[1.0, 2, 0.5]]), Tensor(rows: [[0.0, 1, 0]]), Tensor(rows: [[1.0, 0, 0]]),
      reduction: .sum)
    #expect(try named.hessianVectorProduct(of: "logits", as: Double.self) == ours)
    // The framework removes classes by logits of minus infinity, whose change is 0.
    let masked = try loss.hessianVectorProducts(
      [
        "logits": Tensor(rows: [[1.0, 2, 0.5]]), "labels": Tensor(rows: [[0.0, 1, 0]]),
        "where": Tensor(shape: [1, 3], scalars: [true, true, false]),
      ], ["logits": Tensor(rows: [[1.0, 0, 7]])], reduction: .sum)
    let two = try CrossEntropyLoss().hessianVectorProduct(
      Tensor(rows: [[1.0, 2]]), Tensor(rows: [[0.0, 1]]), Tensor(rows: [[1.0, 0]]),
      reduction: .sum)
    let product = try masked.hessianVectorProduct(of: "logits", as: Double.self).scalars
    #expect(product == two.scalars + [0])
  }

  @Test("A sum adds the products of its parts; a part without a vector adds nothing")
  func sums() throws {
    let inputs: LossInputs = [
      "prediction": try Tensor(rows: [[0.2, 0.7]]), "target": try Tensor(rows: [[0.0, 1]]),
      "parameters": [1.0, 2],
    ]
    let vectors: LossInputs = ["prediction": try Tensor(rows: [[1.0, -1]])]
    let dice = try DiceLoss().hessianVectorProduct(
      Tensor(rows: [[0.2, 0.7]]), Tensor(rows: [[0.0, 1]]), Tensor(rows: [[1.0, -1]]))
    let sum = 0.5 * DiceLoss() + 2.0 * MeanSquaredErrorLoss() + 1.0 * L2Penalty()
    let found = try sum.hessianVectorProducts(inputs, vectors, of: [.prediction])
      .hessianVectorProduct(of: .prediction, as: Double.self)
    #expect(found.scalars == [0.5 * dice.scalars[0] + 2, 0.5 * dice.scalars[1] - 2])
  }
}
