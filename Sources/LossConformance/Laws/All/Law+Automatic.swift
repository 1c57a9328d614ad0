import LossCore

extension Law {
  /// Compares the derivatives of elementwise losses with automatic differentiation.
  static let derivativesAreAutomatic = Law(
    "derivatives-are-automatic",
    "The derivatives of an elementwise loss are those of its value in dual numbers, up to rounding.",
    distributions: [.ordinary, .extreme, .ties, .zeros], shapes: [.batch]
  ) { (trial) throws(LossError) in
    guard trial.subject.loss is any ElementwiseFormLoss else { return .notApplicable }
    let roles = trial.differentiable
    let twice = trial.subject.loss.rolesWithSecondDerivative.filter { roles.contains($0) }
    guard !roles.isEmpty else { return .notApplicable }
    func results(_ inputs: LossInputs, automatic: Bool) throws(LossError) -> LossResult {
      try trial.subject.loss.evaluate(
        inputs, gradientsOf: roles, secondDerivativesOf: twice,
        reduction: .unreduced, upstream: .float64(Tensor(1.5)),
        usesAutomaticDerivatives: automatic)
    }
    let found = try results(trial.inputs, automatic: false)
    let expected = try results(trial.inputs, automatic: true)
    // What a rounding of the inputs changes is no defect of either.
    var moved: [LossResult] = []
    var generator = trial.generator
    for _ in 0..<4 {
      var inputs = trial.inputs
      for role in roles {
        inputs = trial.with(inputs).replacing(
          role,
          with: trial.numbers(role).map {
            let step = Bool.random(using: &generator) ? 0x1p-52 : -0x1p-52
            return $0 == 0 && trial.subject.signature.input(role)?.domain == .any
              ? step : $0 * (1 + step)
          })
      }
      moved.append(try results(inputs, automatic: true))
    }
    let terms = found.value.doubles
    let orders: [(String, [Role], any KeyPath<LossResult, [Role: AnyTensor]> & Sendable)] = [
      ("gradient", roles, \.gradients), ("second derivative", twice, \.secondDerivatives),
    ]
    for (label, roles, path) in orders {
      for role in roles {
        let (found, expected) = (
          found[keyPath: path][role]?.doubles ?? [], expected[keyPath: path][role]?.doubles ?? []
        )
        let moved = moved.map { $0[keyPath: path][role]?.doubles ?? [] }
        for index in expected.indices {
          let (a, b) = (found[index], expected[index])
          if a == b || a.isNaN && b.isNaN { continue }
          let change = moved.map { ($0[index] - b).magnitude }.max() ?? 0
          let tolerance = 16 * b.ulp + 8 * change + residue
          if (a - b).magnitude <= tolerance || !tolerance.isFinite { continue }
          guard terms.indices.contains(index), terms[index].isFinite else { continue }
          return .failed(
            "the \(label) of \(role) is \(a) at \(index); that of the value is \(b)")
        }
      }
    }
    return .holds
  }
}

/// The residue of a difference of numbers near 1.
private let residue = 0x1p-50
