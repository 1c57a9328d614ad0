import LossFunctions
import Testing

/// Second derivatives; a law compares them with central differences of the gradient.
@Suite struct SecondDerivativeTests {
  @Test("A loss without second derivatives throws")
  func unsupported() throws {
    let error = #expect(throws: LossError.self) {
      try DiceLoss().secondDerivative(
        Tensor([0.5, 0.25] as [Double]), Tensor([1, 0] as [Double]))
    }
    #expect(
      error?.description
        == "dice: prediction has no second derivative; expected only values and gradients.")
  }

  @Test("Cross entropy computes the tiny second derivative of a confident prediction accurately")
  func isAccurate() throws {
    let logits = try Tensor(shape: [1, 2], scalars: [40.0, 0])
    let target = try Tensor(shape: [1], scalars: [0])
    let second = try CrossEntropyLoss().secondDerivative(logits, target)
    // p (1 - p) of both classes is e / (1 + e)² with e = exp(-40).
    let expected = 4.248354255291589e-18
    #expect(second.scalars.allSatisfy { abs($0 - expected) <= 1e-15 * expected })
  }

  @Test("Weights and masks apply to second derivatives")
  func appliesWeights() throws {
    let prediction = Tensor([1.0, 2, 3])
    let target = Tensor([0.0, 0, 0])
    let second = try MeanSquaredErrorLoss().secondDerivative(
      prediction, target, weight: Tensor([2.0, 1, 0.5]), mask: Tensor([true, false, true]),
      reduction: .sum)
    #expect(second.scalars == [4, 0, 1])
  }
}
