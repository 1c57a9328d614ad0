import LossCore

extension Law {
  /// Compares the derivatives of elementwise losses with automatic differentiation.
  static let derivativesAreAutomatic = Law(
    "derivatives-are-automatic",
    "The derivatives of an elementwise loss are those of its value in dual numbers, up to rounding.",
    distributions: [.ordinary, .extreme, .ties], shapes: [.batch]
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
    // What a rounding of the inputs changes is no defect of either, nor is the other side of a kink:
    // each input moves both ways, with the first and against it.
    var generator = trial.generator
    let signs = trial.numbers(roles[0]).map { _ in
      Bool.random(using: &generator) ? 0x1p-52 : -0x1p-52
    }
    var moved: [LossResult] = []
    for directions in [(1.0, 1.0), (-1, -1), (1, -1), (-1, 1)] {
      var inputs = trial.inputs
      for (index, role) in roles.enumerated() {
        let isFree = trial.subject.signature.input(role)?.domain == .any
        let direction = index == 0 ? directions.0 : directions.1
        let numbers = zip(trial.numbers(role), signs).map { number, sign in
          number == 0 && isFree ? direction * sign : number * (1 + direction * sign)
        }
        inputs = trial.with(inputs).replacing(role, with: numbers)
      }
      moved.append(try results(inputs, automatic: true))
    }
    let terms = found.value.doubles
    func isJump(_ role: Role, _ index: Int) -> Bool {
      let slopes = moved.compactMap { $0.gradients[role]?.doubles[index] }
      let (low, high) = (slopes.min() ?? 0, slopes.max() ?? 0)
      return high - low > 1e-6 * max(low.magnitude, high.magnitude)
    }
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
          // At a jump of the gradient there is no second derivative.
          if path == \.secondDerivatives, isJump(role, index) { continue }
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
