import LossDifferentiation
import LossFunctions
import Testing
import _Differentiation

@Suite struct DifferentiationErrorTests {
  private let prediction = Tensor([1.0, 2, 3])

  /// The error of an objective.
  private func error(
    at tensor: Tensor<Double>, of objective: @differentiable(reverse) (Tensor<Double>) -> Double
  ) -> LossError? {
    do throws(LossError) {
      _ = try valueAndGradient(at: tensor, of: objective)
      return nil
    } catch {
      return error
    }
  }

  @Test("a call that fails throws the error of the loss") func calls() {
    let target = Tensor([1.0, 2])
    let loss = DifferentiableLoss(HuberLoss())
    let found = error(at: prediction) { loss($0, target) }
    #expect(found?.code == .shapeMismatch)
    let expected = #expect(throws: LossError.self) {
      try HuberLoss()(prediction, target) as Double
    }
    #expect(found == expected)
    #expect(throws: LossError.self) { try throwingLossErrors { loss(prediction, target) } }
  }

  @Test("the first of two errors is thrown") func first() {
    let loss = DifferentiableLoss(HuberLoss())
    let binary = DifferentiableLoss(BinaryCrossEntropyLoss())
    let found = error(at: prediction) { loss($0, Tensor([1.0])) + binary($0, Tensor([1.0, 0, 2])) }
    #expect(found?.code == .shapeMismatch)
    #expect(found?.loss == "huber")
  }

  @Test("numbers outside of a domain, options out of range") func domains() {
    let binary = DifferentiableLoss(BinaryCrossEntropyLoss())
    #expect(error(at: prediction) { binary($0, Tensor([1.0, 0, 2])) }?.code == .invalidValue)
    let huber = DifferentiableLoss(HuberLoss(delta: -1))
    #expect(error(at: prediction) { huber($0, Tensor([1.0, 0, 1])) }?.code == .invalidOption)
    let several = DifferentiableLoss(HuberLoss(), reduction: .unreduced)
    #expect(error(at: prediction) { several($0, Tensor([1.0, 0, 1])) }?.code == .invalidOption)
  }

  @Test("without the function that throws, value and gradient are NaN") func undefined() {
    let loss = DifferentiableLoss(HuberLoss())
    let (value, gradient) = valueWithGradient(at: prediction) { loss($0, Tensor([1.0])) }
    #expect(value.isNaN)
    #expect(gradient.tensor?.shape == prediction.shape)
    #expect(gradient.tensor?.scalars.allSatisfy { $0.isNaN } == true)
    let terms = loss.terms(of: prediction, with: ["target": [1.0]])
    #expect(terms.scalars.allSatisfy { $0.isNaN })
  }

  @Test("a target without a gradient, a tensor too many, one given twice") func inputs() {
    let loss = DifferentiableLoss(HingeLoss())
    #expect(error(at: Tensor([1.0, -1])) { loss($0, $0) }?.code == .unknownInput)
    let penalty = DifferentiableLoss(L2Penalty())
    #expect(error(at: prediction) { penalty($0, $0) }?.code == .unknownInput)
    #expect(error(at: prediction) { penalty($0, $0, $0) }?.code == .unknownInput)
    let others: LossInputs = ["parameters": [1.0]]
    #expect(error(at: prediction) { penalty($0, with: others) }?.code == .unknownInput)
    #expect(error(at: prediction) { loss($0) }?.code == .missingInput)
  }

  @Test("shapes that do not fit in an operation") func operations() {
    let penalty = DifferentiableLoss(L2Penalty())
    let other = Tensor([1.0, 2])
    #expect(error(at: prediction) { penalty($0 + other) }?.code == .shapeMismatch)
    #expect(error(at: prediction) { penalty($0 - other) }?.code == .shapeMismatch)
    #expect(error(at: prediction) { penalty($0 * other) }?.code == .shapeMismatch)
    #expect(error(at: prediction) { penalty($0.withShape([2, 2])) }?.code == .shapeMismatch)
    #expect(error(at: prediction) { penalty($0.withShape([-1])) }?.code == .shapeMismatch)
    #expect(error(at: prediction) { penalty(matrixProduct($0, other)) }?.code == .invalidRank)
    #expect(
      error(at: prediction) {
        penalty(matrixProduct($0.withShape([1, 3]), $0.withShape([1, 3])))
      }?
      .code == .shapeMismatch)
  }

  @Test("an upstream tangent of another shape") func upstream() throws {
    let matrix = try Tensor<Double>(shape: [3, 2], scalars: [1, 2, 3, 4, 5, 6])
    let wrong = TensorTangent(Tensor([1.0, 2, 3, 4, 5]))
    func isRefused(
      _ operation: @differentiable(reverse) (Tensor<Double>) -> Tensor<Double>
    ) -> Bool {
      let (_, pullback) = valueWithPullback(at: matrix, of: operation)
      let error = #expect(throws: LossError.self) {
        try throwingLossErrors { _ = pullback(wrong) }
      }
      return error?.code == .shapeMismatch || error?.code == .invalidRank
    }
    let bias = Tensor([1.0, 2])
    let softmax = DifferentiableLoss(Softmax())
    #expect(isRefused { bias + $0.withShape([6]) })
    #expect(isRefused { $0.withShape([2, 3]) })
    #expect(isRefused { $0 * matrix })
    #expect(isRefused { $0.differentiableMap { x in x * x } })
    #expect(isRefused { matrixProduct($0, matrix.withShape([2, 3])) })
    #expect(isRefused { softmax.terms(of: $0) })
    let (_, pullback) = valueWithPullback(at: bias) { matrix + $0 }
    #expect(pullback(wrong).tensor?.scalars.allSatisfy { $0.isNaN } == true)
  }

  @Test("a step of another shape") func steps() {
    var moved = prediction
    moved.move(by: .zero)
    #expect(moved == prediction)
    #expect(throws: LossError.self) {
      try throwingLossErrors { moved.move(by: TensorTangent(Tensor([1.0]))) }
    }
    #expect(moved.scalars.allSatisfy { $0.isNaN })
  }

  @Test("errors of one call do not reach another") func isolation() async throws {
    let loss = DifferentiableLoss(HuberLoss())
    let tensor = prediction
    await withTaskGroup(of: Bool.self) { group in
      for index in 0..<20 {
        group.addTask {
          let target = Tensor(Array(repeating: 0.0, count: index % 2 == 0 ? 3 : 2))
          let result = try? valueAndGradient(at: tensor) { loss($0, target) }
          return (result != nil) == (index % 2 == 0)
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}
