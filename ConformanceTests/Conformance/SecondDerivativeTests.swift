import LossConformance
import LossFunctions
import Testing

/// Every second derivative of every linked loss against central differences of its gradient.
@Suite struct SecondDerivativeTests {
  static let names = LossRegistry.linked.names.filter { name in
    let loss = try? LossRegistry.linked.entry(named: name)?.make([:], .linked)
    return !(loss?.rolesWithSecondDerivative.isEmpty ?? true)
  }

  @Test("second derivative is the derivative of the gradient", arguments: names)
  func isTheDerivative(_ name: String) throws {
    let entry = try #require(LossRegistry.linked.entry(named: name))
    let variants = entry.optionVariants(classCount: 5, in: .linked).map { [$0.option: $0.value] }
    for options in [[:]] + variants {
      let loss = try entry.make(options, .linked)
      for role in loss.rolesWithSecondDerivative {
        for dense in [false, true] {
          for seed in UInt64(1)...4 {
            var sampler = InputSampler(seed: seed)
            let inputs = sampler.inputs(for: loss.signature, dense: dense)
            let worst = try worstDifference(loss, inputs, role)
            #expect(worst <= 1e-6, "\(name)(\(options)) by \(role), seed \(seed)")
          }
        }
      }
    }
  }

  /// The largest difference between the second derivative and difference quotients of the gradient,
  /// relative to the largest derivative. Places at a kink, where the steps disagree, are left out.
  private func worstDifference(
    _ loss: any LossProtocol, _ inputs: LossInputs, _ role: Role
  ) throws -> Double {
    guard case .float64(let tensor)? = inputs[role] else { return .infinity }
    var mean = Reduction.mean
    mean.whenEmpty = .zero
    let result = try loss.evaluate(
      inputs, secondDerivativesOf: [role], reduction: mean, upstream: .float64(Tensor(1.5)))
    let second = try #require(result.secondDerivatives[role]?.doubles)
    let largest = second.map(\.magnitude).max() ?? 0
    var worst = 0.0
    for index in 0..<tensor.count {
      func slope(_ step: Double) throws -> Double {
        var scalars = tensor.scalars
        scalars[index] += step
        var moved = inputs
        moved[role] = .float64(Tensor(trusted: tensor.shape, scalars))
        let result = try loss.evaluate(
          moved, gradientsOf: [role], reduction: mean, upstream: .float64(Tensor(1.5)))
        return try #require(result.gradients[role]?.doubles)[index]
      }
      let h = 1e-3
      let wide = try (slope(h) - slope(-h)) / (2 * h)
      let narrow = try (slope(h / 2) - slope(-h / 2)) / h
      guard (wide - narrow).magnitude <= 1e-3 * max(largest, narrow.magnitude) else { continue }
      let scale = max(narrow.magnitude, largest / 1000, 1e-9)
      worst = max(worst, (second[index] - (4 * narrow - wide) / 3).magnitude / scale)
    }
    return worst
  }

  @Test("a loss without one says so")
  func isRefused() throws {
    let error = #expect(throws: LossError.self) {
      try DiceLoss().secondDerivative(
        Tensor([0.5, 0.25] as [Double]), Tensor([1, 0] as [Double]))
    }
    #expect(
      error?.description
        == "dice: prediction has no second derivative; expected only values and gradients.")
  }

  @Test("cross entropy keeps the small second derivative of a sure class")
  func keepsDigits() throws {
    let logits = try Tensor(shape: [1, 2], scalars: [40.0, 0])
    let target = try Tensor(shape: [1], scalars: [0])
    let second = try CrossEntropyLoss().secondDerivative(logits, target)
    // p (1 - p) of both classes is e / (1 + e)² with e = exp(-40).
    let expected = 4.248354255291589e-18
    #expect(second.scalars.allSatisfy { abs($0 - expected) <= 1e-15 * expected })
  }

  @Test("weights and masks act as on the gradient")
  func weighs() throws {
    let prediction = Tensor([1.0, 2, 3])
    let target = Tensor([0.0, 0, 0])
    let second = try MeanSquaredErrorLoss().secondDerivative(
      prediction, target, weight: Tensor([2.0, 1, 0.5]), mask: Tensor([true, false, true]),
      reduction: .sum)
    #expect(second.scalars == [4, 0, 1])
  }
}
