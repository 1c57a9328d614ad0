import LossCore

/// One loss with inputs drawn for it.
struct PropertyTrial: Sendable {
  let subject: LossUnderTest
  let setting: ShapePreset
  let distribution: InputDistribution
  let seed: UInt64
  var inputs: LossInputs

  init(
    _ subject: LossUnderTest, _ setting: ShapePreset, _ distribution: InputDistribution,
    seed: UInt64,
    isDense: Bool
  ) {
    self.subject = subject
    self.setting = setting
    self.distribution = distribution
    self.seed = seed
    var sampler = InputSampler(seed: seed, distribution)
    inputs = sampler.inputs(
      for: subject.signature, rest: setting.rest,
      extents: setting.extents(for: subject.signature), dense: isDense)
  }

  /// What a law says of this trial.
  ///
  /// Options and inputs that do not fit each other, such as a list of class weights for another
  /// number of classes, are the sampler's doing and no violation, unless `mustEvaluate`.
  func verdict(of law: Law, mustEvaluate: Bool) -> LawVerdict {
    do throws(LossError) {
      _ = try evaluate(.unreduced)
    } catch {
      return mustEvaluate ? .failed("throws for inputs in its domain: \(error)") : .notApplicable
    }
    do throws(LossError) {
      return try law.judge(self)
    } catch {
      return .failed("throws: \(error)")
    }
  }

  /// Evaluates the inputs of this trial, or others. A mean of nothing is zero.
  func evaluate(
    _ kind: Reduction.Kind, _ other: LossInputs? = nil, gradientsOf roles: [Role] = [],
    classAxis: Int? = nil, upstream: [Double]? = nil, in element: ElementType? = nil,
    threads: Int = 1
  ) throws(LossError) -> LossResult {
    let inputs = other ?? inputs
    let reduction = Reduction(kind, whenEmpty: .zero)
    var factors: AnyTensor?
    if let upstream {
      let isOne = upstream.count == 1
      let shape =
        isOne || kind != .unreduced
        ? Shape.scalar : try subject.loss.evaluate(inputs, reduction: reduction).value.shape
      factors = .float64(Tensor(trusted: shape, upstream))
    }
    return try subject.loss.evaluate(
      inputs, gradientsOf: roles, reduction: reduction, classAxis: classAxis, upstream: factors,
      in: element, threads: threads)
  }

  /// The terms.
  func terms(_ other: LossInputs? = nil) throws(LossError) -> [Double] {
    try evaluate(.unreduced, other).value.doubles
  }

  /// The roles that have a gradient as they are given here.
  var differentiable: [Role] {
    subject.signature.inputs.filter {
      $0.isDifferentiable && inputs[$0.role]?.element == .float64
    }.map(\.role)
  }

  /// The inputs that claims about the prediction speak of.
  var predictions: [Role] { differentiable.filter { $0 != .target } }

  /// The numbers of a role; none if it holds no real numbers.
  func numbers(_ role: Role) -> [Double] {
    guard case .float64(let tensor)? = inputs[role] else { return [] }
    return tensor.scalars
  }

  /// The inputs with other numbers for a role.
  func replacing(_ role: Role, with numbers: [Double]) -> LossInputs {
    var other = inputs
    guard let shape = inputs[role]?.shape else { return other }
    other[role] = .float64(Tensor(trusted: shape, numbers))
    return other
  }

  /// The same trial with other inputs.
  func with(_ inputs: LossInputs) -> PropertyTrial {
    var other = self
    other.inputs = inputs
    return other
  }

  /// Random numbers of this trial's own, apart from those of its inputs.
  var generator: SeededGenerator { SeededGenerator(seed: seed &+ 0x5EED) }
}

extension SeededGenerator {
  mutating func numbers(_ range: ClosedRange<Double>, _ count: Int) -> [Double] {
    (0..<count).map { _ in Double.random(in: range, using: &self) }
  }
}

/// Whether lists of numbers agree, as far as the order of additions lets them.
enum Agreement {
  /// The first place where two lists differ by more than 2⁻⁴⁰ of their largest number, in words;
  /// nil if there is none. Infinities and NaN have to stand in the same places.
  ///
  /// Numbers below 10⁻¹⁵ or so are what a difference of numbers near 1 leaves behind, and are equal.
  static func failureMessage(
    _ what: String, _ found: [Double], _ expected: [Double], scale: Double = 0
  ) -> String? {
    guard found.count == expected.count else {
      return "\(what) has \(found.count) numbers; expected \(expected.count)"
    }
    let top = (found + expected).lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0
    let room = 0x1p-40 * max(top, scale, 0x1p-10)
    for (index, (a, b)) in zip(found, expected).enumerated() {
      if a == b || (a.isNaN && b.isNaN) || (a - b).magnitude <= room { continue }
      return "\(what) is \(a) at \(index); expected \(b)"
    }
    return nil
  }

  /// Whether two numbers agree.
  static func holds(_ a: Double, _ b: Double) -> Bool { failureMessage("", [a], [b]) == nil }

  /// The first difference of two lists of gradients.
  static func failureMessage(
    _ what: String, _ found: [Role: [Double]], _ expected: [Role: [Double]], scale: Double = 0
  ) -> String? {
    for (role, numbers) in expected.sorted(by: { $0.key.name < $1.key.name }) {
      let name = "\(what) of the gradient of \(role)"
      if let found = failureMessage(name, found[role] ?? [], numbers, scale: scale) { return found }
    }
    return nil
  }
}

extension LossResult {
  /// The gradients as numbers.
  var derivatives: [Role: [Double]] { gradients.mapValues(\.doubles) }
}
