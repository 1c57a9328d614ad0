import LossComposition
import LossCore

extension Law {
  /// Compares `Float` with `Double`.
  static let floatIsDouble = Law(
    "float-is-double",
    "Float agrees with Double up to the effect of input rounding and 8 ulp.",
    distributions: [.ordinary, .ties], shapes: [.batch, .plane]
  ) { (trial) throws(LossError) in
    // A machine epsilon differs between the element types.
    guard !trial.subject.dependsOnElement else { return .notApplicable }
    if let failureMessage = try FloatCheck(trial).failureMessage(.unreduced) {
      return .failed(failureMessage)
    }
    guard trial.distribution == .ordinary, trial.preset == .batch,
      trial.subject.explicitOptions.isEmpty,
      let axis = trial.batchAxis, let extent = trial.extent(axis)
    else { return .holds }
    // A sum of many terms shows the precision of the accumulator.
    let perSample = max(1, (trial.leading?.count ?? 1) / max(1, extent))
    let count = 2048 / perSample
    let many = trial.selecting((0..<count).map { $0 % extent }, along: axis)
    return try LawVerdict(FloatCheck(trial.with(many)).failureMessage(.sum, byValue: true))
  }
}

/// Compares one trial in `Float` and `Double`.
///
/// The tolerance is measured: the inputs are perturbed by half a `Float` ulp in random directions, and
/// the resulting change in `Double` is unavoidable for any computation in `Float`.
private struct FloatCheck {
  let trial: PropertyTrial

  init(_ trial: PropertyTrial) {
    var inputs = trial.inputs
    for (role, tensor) in trial.inputs.tensors {
      guard case .float64(let tensor) = tensor else { continue }
      inputs[role] = .float64(tensor.map { Double(Float($0)) })
    }
    self.trial = trial.with(inputs)
  }

  func failureMessage(
    _ kind: Reduction.Kind, byValue: Bool = false
  ) throws(LossError) -> String? {
    let roles = trial.differentiable
    let gradientRoles = byValue ? [] : roles
    let exact = try trial.evaluate(kind, gradientsOf: gradientRoles, in: .float64)
    let found = try trial.evaluate(kind, gradientsOf: gradientRoles, in: .float32)
    // Parts of opposite sign may cancel, which leaves the rounding of both.
    var sensitivity = InputSensitivity(
      exact, isSum: trial.subject.loss is any CompoundLoss,
      sums: trial.batchAxis.map(trial.shared) ?? [])
    var generator = trial.generator
    for _ in 0..<(byValue ? 1 : 4) {
      var inputs = trial.inputs
      for role in roles {
        let isFree = trial.subject.signature.input(role)?.domain == .any
        inputs[role] = .float64(
          Tensor(
            trusted: trial.inputs[role]?.shape ?? .scalar,
            trial.numbers(role).map { number in
              let step = Bool.random(using: &generator) ? 0x1p-24 : -0x1p-24
              return number == 0 && isFree ? step : number * (1 + step)
            }))
      }
      sensitivity.include(
        try trial.evaluate(kind, inputs, gradientsOf: gradientRoles, in: .float64))
    }
    return sensitivity.failureMessage(found)
  }
}

/// A result in `Double`, and its largest changes under perturbed inputs.
private struct InputSensitivity {
  let exact: LossResult
  /// Whether value and gradients are sums of parts.
  let isSum: Bool
  /// The inputs whose gradients are sums over samples.
  let sums: [Role]
  var value: [Double]
  var derivatives: [Role: [Double]]

  init(_ exact: LossResult, isSum: Bool, sums: [Role]) {
    self.exact = exact
    self.isSum = isSum
    self.sums = sums
    value = exact.value.doubles.map { _ in 0 }
    derivatives = exact.derivatives.mapValues { $0.map { _ in 0 } }
  }

  mutating func include(_ perturbed: LossResult) {
    func updated(_ sensitivity: [Double], _ a: [Double], _ b: [Double]) -> [Double] {
      zip(sensitivity, zip(a, b)).map { largest, pair in
        let change = (pair.0 - pair.1).magnitude
        return change.isFinite ? max(largest, change) : .infinity
      }
    }
    value = updated(value, exact.value.doubles, perturbed.value.doubles)
    let (before, after) = (exact.derivatives, perturbed.derivatives)
    for (role, sensitivity) in derivatives {
      derivatives[role] = updated(sensitivity, before[role] ?? [], after[role] ?? [])
    }
  }

  func failureMessage(_ found: LossResult) -> String? {
    let (expected, got) = (exact.derivatives, found.derivatives)
    return failureMessage(
      "the value", found.value.doubles, exact.value.doubles, value, isSum: isSum)
      ?? derivatives.sorted { $0.key.name < $1.key.name }.lazy.compactMap { role, sensitivity in
        failureMessage(
          "the gradient of \(role)", got[role] ?? [], expected[role] ?? [], sensitivity,
          isSum: isSum || sums.contains(role))
      }.first
  }

  /// The residue of a difference of numbers near 1, in either element type.
  private static let residue = 0x1p-50

  private func failureMessage(
    _ label: String, _ found: [Double], _ expected: [Double], _ sensitivity: [Double], isSum: Bool
  ) -> String? {
    let largest = isSum ? expected.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0 : 0
    for index in expected.indices where found.indices.contains(index) {
      let (a, b) = (found[index], expected[index])
      let ulp = Double(Float(b).ulp)
      let parts = isSum ? 8 * Double(Float(largest).ulp) : 0
      let tolerance = 8 * sensitivity[index] + 8 * ulp + parts + Self.residue
      if a == b || (a.isNaN && b.isNaN) || (a - b).magnitude <= tolerance { continue }
      // An overflow in Float of a number that is finite in Double is accepted.
      if !ulp.isFinite || !tolerance.isFinite { continue }
      return "\(label) is \(a) in Float at \(index) and \(b) in Double:"
        + " off by \(((a - b).magnitude / ulp).rounded()) ulp,"
        + " allowed \((tolerance / ulp).rounded())"
    }
    return nil
  }
}
