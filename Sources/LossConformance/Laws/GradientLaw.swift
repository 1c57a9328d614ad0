public import LossCore

/// The law that every gradient is the derivative: it agrees with central differences in `Double`.
///
/// The difference quotient is Richardson's, `(4 D(h/2) - D(h)) / 3` with `h = 0.001`, so that its
/// own error stays near 1e-12 of the value; where the quotients of the two steps differ by more than
/// 1e-5, `h` is halved until they do not, at most five times. A place where they disagree even then
/// lies at a kink and is left out: no quotient is the derivative there. Options with which the
/// gradient is not the derivative, since it takes a part of the formula as a constant, are left out.
public struct GradientLaw: Sendable {
  /// The largest difference found for one loss, set of options and role.
  public struct Finding: Sendable, CustomStringConvertible {
    /// The name of the loss.
    public let loss: String
    /// The option that differs from its default; empty if none does.
    public let variant: String
    /// The role.
    public let role: Role
    /// How many derivatives were compared.
    public var count = 0
    /// How many were left out for lying at a kink.
    public var kinks = 0
    /// The largest difference, relative to the derivative or to a thousandth of the largest one.
    public var worst = 0.0
    /// The seed that repeats the worst case.
    public var seed: UInt64 = 0

    /// One line with everything.
    public var description: String {
      "\(loss)(\(variant)) by \(role): \(count) derivatives, worst relative difference \(worst),"
        + " seed \(seed)"
    }
  }

  /// The seeds that are tried with the default options; with others a quarter of them is.
  public var seeds: ClosedRange<UInt64>

  /// A law that tries inputs of these seeds.
  public init(seeds: ClosedRange<UInt64> = 1...8) { self.seeds = seeds }

  /// Compares every gradient of a loss, with its default options and with each variant of them.
  public func check(
    _ entry: LossEntry, in registry: LossRegistry
  ) throws(LossError) -> [Finding] {
    var findings = try check(entry, [:], "", registry, seeds)
    let few = seeds.lowerBound...seeds.lowerBound + (seeds.upperBound - seeds.lowerBound) / 4
    for (option, value) in entry.optionVariants(classCount: 5, in: registry) {
      findings += try check(entry, [option: value], "\(option): \(value.text)", registry, few)
    }
    return findings
  }

  private func check(
    _ entry: LossEntry, _ options: [String: OptionValue], _ variant: String,
    _ registry: LossRegistry, _ seeds: ClosedRange<UInt64>
  ) throws(LossError) -> [Finding] {
    let loss = try entry.make(options, registry)
    guard loss.traits.gradientIsDerivative else { return [] }
    var findings: [Finding] = []
    for dense in [false, true] {
      for seed in seeds {
        var sampler = InputSampler(seed: seed)
        let inputs = sampler.inputs(for: loss.signature, dense: dense)
        let roles = loss.signature.inputs.filter { input in
          input.isDifferentiable && (inputs[input.role]?.element == .float64)
        }.map(\.role)
        for role in roles {
          let (worst, kinks) = try compare(loss, inputs, role)
          let index =
            findings.firstIndex { $0.role == role }
            ?? {
              findings.append(Finding(loss: entry.card.name, variant: variant, role: role))
              return findings.count - 1
            }()
          findings[index].count += (inputs[role]?.shape.count ?? 0) - kinks
          findings[index].kinks += kinks
          if worst > findings[index].worst {
            findings[index].worst = worst
            findings[index].seed = seed
          }
        }
      }
    }
    return findings
  }

  /// The largest relative difference between a gradient and the difference quotients.
  private func compare(
    _ loss: any LossProtocol, _ inputs: LossInputs, _ role: Role
  ) throws(LossError) -> (worst: Double, kinks: Int) {
    guard case .float64(let tensor)? = inputs[role] else { return (0, 0) }
    // An upstream that differs from 1, and from term to term, shows whether it is applied.
    var reduction = loss.defaultReduction
    reduction.whenEmpty = .zero
    let plain = try loss.evaluate(inputs, reduction: reduction)
    let factors = (0..<plain.value.shape.count).map { 1.5 - 0.25 * Double($0 % 5) }
    let upstream = AnyTensor.float64(Tensor(trusted: plain.value.shape, factors))
    let result = try loss.evaluate(
      inputs, gradientsOf: [role], reduction: reduction, upstream: upstream)
    guard let gradient = result.gradients[role]?.doubles else { return (.infinity, 0) }
    /// The central quotient of one step, and that of its half.
    func quotients(_ index: Int, _ h: Double) throws(LossError) -> (wide: Double, narrow: Double) {
      func value(_ step: Double) throws(LossError) -> Double {
        var scalars = tensor.scalars
        scalars[index] += step
        var moved = inputs
        moved[role] = .float64(Tensor(trusted: tensor.shape, scalars))
        let result = try loss.evaluate(moved, reduction: reduction)
        return zip(result.value.doubles, factors).map(*).reduce(0, +)
      }
      return (
        try (value(h) - value(-h)) / (2 * h), try (value(h / 2) - value(-h / 2)) / h
      )
    }
    let step = 1e-3
    var found: [(wide: Double, narrow: Double)] = []
    for index in 0..<tensor.count { found.append(try quotients(index, step)) }
    let largest = found.map(\.narrow.magnitude).max() ?? 0
    // What the value is rounded by shows in a quotient divided by the step: no smaller derivative
    // than this is known to a millionth.
    let rounding =
      zip(plain.value.doubles, factors).reduce(0) { $0 + ($1.0 * $1.1).magnitude } * 1e-15
    let least = max(1e-9, 1e6 * rounding / step)
    var worst = 0.0
    var kinks = 0
    for (index, (gradient, first)) in zip(gradient, found).enumerated() {
      var (wide, narrow) = first
      let scale = max(narrow.magnitude, largest / 1000, least)
      // What extrapolation leaves is about the square of what the two differ by.
      var h = step
      while (wide - narrow).magnitude > 1e-5 * scale, h > step / 32, rounding / h < 1e-7 * scale {
        h /= 2
        (wide, narrow) = try quotients(index, h)
      }
      if (wide - narrow).magnitude > 1e-3 * max(scale, largest) {
        kinks += 1
      } else {
        worst = max(worst, (gradient - (4 * narrow - wide) / 3).magnitude / scale)
      }
    }
    return (worst, kinks)
  }
}
