import LossComposition
import LossCore

extension Law {
  /// `Float` against `Double`.
  static let floatIsDouble = Law(
    "float-is-double",
    "Float agrees with Double as far as the rounding of the inputs lets it, and 8 ulp.",
    distributions: [.ordinary, .ties], settings: [.batch, .plane]
  ) { (trial) throws(LossError) in
    // An epsilon that is the element's own differs between the two.
    guard !trial.subject.dependsOnElement else { return .notApplicable }
    if let failureMessage = try FloatCheck(trial).failureMessage(.unreduced) {
      return .failed(failureMessage)
    }
    guard trial.distribution == .ordinary, trial.setting == .batch, trial.subject.given.isEmpty,
      let axis = trial.batchAxis, let extent = trial.extent(axis)
    else { return .holds }
    // A sum of many numbers shows what it is accumulated in.
    let perSample = max(1, (trial.leading?.count ?? 1) / max(1, extent))
    let count = 2048 / perSample
    let many = trial.picking((0..<count).map { $0 % extent }, along: axis)
    return try LawVerdict(FloatCheck(trial.with(many)).failureMessage(.sum, byValue: true))
  }
}

/// Compares one trial in both elements.
///
/// How far a result may be off is measured, not assumed: the inputs are moved by half an ulp of
/// `Float` in random directions, and what that does to the result in `Double` is what no
/// computation in `Float` can avoid.
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
    let wanted = byValue ? [] : roles
    let exact = try trial.evaluate(kind, gradientsOf: wanted, in: .float64)
    let found = try trial.evaluate(kind, gradientsOf: wanted, in: .float32)
    // Where parts pull in opposite directions, the rounding of both is left.
    var spread = Spread(
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
      spread.include(try trial.evaluate(kind, inputs, gradientsOf: wanted, in: .float64))
    }
    return spread.failureMessage(found)
  }
}

/// A result in `Double`, and how far it moves when its inputs do.
private struct Spread {
  let exact: LossResult
  /// Whether everything is a sum of parts.
  let isSum: Bool
  /// The inputs whose gradients are such sums.
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

  mutating func include(_ moved: LossResult) {
    func wider(_ spread: [Double], _ a: [Double], _ b: [Double]) -> [Double] {
      zip(spread, zip(a, b)).map { spread, pair in
        let distance = (pair.0 - pair.1).magnitude
        return distance.isFinite ? max(spread, distance) : .infinity
      }
    }
    value = wider(value, exact.value.doubles, moved.value.doubles)
    let (before, after) = (exact.derivatives, moved.derivatives)
    for (role, spread) in derivatives {
      derivatives[role] = wider(spread, before[role] ?? [], after[role] ?? [])
    }
  }

  func failureMessage(_ found: LossResult) -> String? {
    let (expected, got) = (exact.derivatives, found.derivatives)
    return failureMessage(
      "the value", found.value.doubles, exact.value.doubles, value, isSum: isSum)
      ?? derivatives.sorted { $0.key.name < $1.key.name }.lazy.compactMap { role, spread in
        failureMessage(
          "the gradient of \(role)", got[role] ?? [], expected[role] ?? [], spread,
          isSum: isSum || sums.contains(role))
      }.first
  }

  /// What a difference of numbers near 1 leaves behind, in either element.
  private static let residue = 0x1p-50

  private func failureMessage(
    _ what: String, _ found: [Double], _ expected: [Double], _ spread: [Double], isSum: Bool
  ) -> String? {
    let largest = isSum ? expected.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0 : 0
    for index in expected.indices where found.indices.contains(index) {
      let (a, b) = (found[index], expected[index])
      let ulp = Double(Float(b).ulp)
      let parts = isSum ? 8 * Double(Float(largest).ulp) : 0
      let room = 8 * spread[index] + 8 * ulp + parts + Self.residue
      if a == b || (a.isNaN && b.isNaN) || (a - b).magnitude <= room { continue }
      // What is finite in Double only overflows; that is no disagreement.
      if !ulp.isFinite || !room.isFinite { continue }
      return "\(what) is \(a) in Float at \(index) and \(b) in Double:"
        + " \(((a - b).magnitude / ulp).rounded()) ulp, where \((room / ulp).rounded()) are owed"
        + " to the inputs"
    }
    return nil
  }
}
