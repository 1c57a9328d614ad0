import LossCore

/// One loss with random inputs.
struct PropertyTrial: Sendable {
  let subject: LossUnderTest
  let preset: ShapePreset
  let distribution: InputDistribution
  let seed: UInt64
  var inputs: LossInputs

  init(
    _ subject: LossUnderTest, _ preset: ShapePreset, _ distribution: InputDistribution,
    seed: UInt64, isDense: Bool
  ) {
    self.subject = subject
    self.preset = preset
    self.distribution = distribution
    self.seed = seed
    var sampler = InputSampler(seed: seed, distribution)
    inputs = sampler.inputs(
      for: subject.signature, rest: preset.ellipsis,
      extents: preset.extents(for: subject.signature), dense: isDense)
  }

  /// The verdict of a law on this trial.
  ///
  /// The sampler may combine incompatible options and inputs, such as class weights for another number
  /// of classes; the law is then not applicable, unless `mustEvaluate`.
  func verdict(of law: Law, mustEvaluate: Bool) -> LawVerdict {
    do throws(LossError) {
      _ = try evaluate(.unreduced)
    } catch {
      return mustEvaluate ? .failed("throws for inputs in its domain: \(error)") : .notApplicable
    }
    do throws(LossError) {
      return try law.check(self)
    } catch {
      return .failed("throws: \(error)")
    }
  }

  /// Evaluates the inputs of this trial, or others. The mean of no terms is zero.
  func evaluate(
    _ kind: Reduction.Kind, _ other: LossInputs? = nil, gradientsOf roles: [Role] = [],
    classAxis: Int? = nil, upstream: [Double]? = nil, in element: ElementType? = nil,
    threads: Int = 1
  ) throws(LossError) -> LossResult {
    let inputs = other ?? inputs
    let reduction = Reduction(kind, whenEmpty: .zero)
    var upstreamTensor: AnyTensor?
    if let upstream {
      let isOne = upstream.count == 1
      let shape =
        isOne || kind != .unreduced
        ? Shape.scalar : try subject.loss.evaluate(inputs, reduction: reduction).value.shape
      upstreamTensor = .float64(Tensor(trusted: shape, upstream))
    }
    return try subject.loss.evaluate(
      inputs, gradientsOf: roles, reduction: reduction, classAxis: classAxis,
      upstream: upstreamTensor,
      in: element, threads: threads)
  }

  /// The terms.
  func terms(_ other: LossInputs? = nil) throws(LossError) -> [Double] {
    try evaluate(.unreduced, other).value.doubles
  }

  /// The roles that have a gradient in the encoding of this trial.
  var differentiable: [Role] {
    subject.signature.inputs.filter {
      $0.isDifferentiable && inputs[$0.role]?.element == .float64
    }.map(\.role)
  }

  /// The inputs that properties of the prediction refer to.
  var predictions: [Role] { differentiable.filter { $0 != .target } }

  /// The numbers of a role; empty if it holds no real numbers.
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

  /// A generator that is independent of the one that drew the inputs.
  var generator: SeededGenerator { SeededGenerator(seed: seed &+ 0x5EED) }
}

extension SeededGenerator {
  mutating func numbers(_ range: ClosedRange<Double>, _ count: Int) -> [Double] {
    (0..<count).map { _ in Double.random(in: range, using: &self) }
  }
}

/// Compares lists of numbers, up to the rounding of differently ordered sums.
enum Agreement {
  /// Describes the first index at which two lists differ by more than 2⁻⁴⁰ of their largest number; nil
  /// if there is none. Infinities and NaN must match by index.
  ///
  /// Differences below about 10⁻¹⁵ are ignored: they are the residue of differences of numbers near 1.
  static func failureMessage(
    _ label: String, _ found: [Double], _ expected: [Double], scale: Double = 0
  ) -> String? {
    guard found.count == expected.count else {
      return "\(label) has \(found.count) numbers; expected \(expected.count)"
    }
    let largest = (found + expected).lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0
    let tolerance = 0x1p-40 * max(largest, scale, 0x1p-10)
    for (index, (a, b)) in zip(found, expected).enumerated() {
      if a == b || (a.isNaN && b.isNaN) || (a - b).magnitude <= tolerance { continue }
      return "\(label) is \(a) at \(index); expected \(b)"
    }
    return nil
  }

  /// Whether two numbers agree.
  static func holds(_ a: Double, _ b: Double) -> Bool { failureMessage("", [a], [b]) == nil }

  /// Describes the first difference of two sets of gradients; nil if there is none.
  static func failureMessage(
    _ label: String, _ found: [Role: [Double]], _ expected: [Role: [Double]], scale: Double = 0
  ) -> String? {
    for (role, numbers) in expected.sorted(by: { $0.key.name < $1.key.name }) {
      let name = "\(label) of the gradient of \(role)"
      if let found = failureMessage(name, found[role] ?? [], numbers, scale: scale) { return found }
    }
    return nil
  }
}

extension LossResult {
  /// The gradients as numbers.
  var derivatives: [Role: [Double]] { gradients.mapValues(\.doubles) }
}
