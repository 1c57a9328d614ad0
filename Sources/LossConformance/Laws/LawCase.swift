public import LossCore

/// One law and one loss: the argument of a parametrized test.
///
///     @Test("laws", arguments: Laws.cases(of: myLosses))
///     func holds(_ one: LawCase) {
///       let counterexamples = one.check()
///       #expect(counterexamples.isEmpty, "\(counterexamples)")
///     }
public struct LawCase: Sendable, CustomStringConvertible {
  /// The law.
  public let law: Law
  /// The loss.
  public let entry: LossEntry
  /// The registry of the loss.
  public let registry: LossRegistry
  /// The seeds of the inputs.
  public let seeds: ClosedRange<UInt64>

  /// Pairs a law with a loss of a registry.
  public init(
    _ law: Law, _ entry: LossEntry, in registry: LossRegistry, seeds: ClosedRange<UInt64> = 1...2
  ) {
    self.law = law
    self.entry = entry
    self.registry = registry
    self.seeds = seeds
  }

  public var description: String { "\(law.name): \(entry.metadata.name)" }

  /// The index of the law, which selects its share of the option pairs.
  private var share: Int { Law.all.firstIndex { $0.name == law.name } ?? 0 }

  /// Counterexamples to the law: at most one per option variant, and at most three in total.
  public func check() -> [Counterexample] { outcome().counterexamples }

  /// Runs the trials of this law and loss.
  public func outcome() -> LawOutcome {
    var outcome = LawOutcome()
    let variants = law.usesVariants ? entry.lawVariants(in: registry, share: share) : [[:]]
    for (index, options) in variants.enumerated() where outcome.counterexamples.count < 3 {
      let subject: LossUnderTest
      do throws(LossError) {
        subject = try LossUnderTest(entry, options, registry)
      } catch {
        continue
      }
      if let counterexample = check(subject, isDefault: index == 0, &outcome) {
        outcome.counterexamples.append(counterexample)
      }
    }
    return outcome
  }

  /// The seeds for a distribution. For `ends` the seeds cycle through the inputs and the extremes; 24
  /// of them cover three inputs with every extreme.
  private func seeds(of distribution: InputDistribution, _ isDefault: Bool) -> ClosedRange<UInt64> {
    switch distribution {
    case .ends: 0...23
    case .ordinary where isDefault: seeds
    case .ordinary, .ties, .zeros, .extreme, .tiny, .huge: seeds.lowerBound...seeds.lowerBound
    }
  }

  /// Checks one option variant until a counterexample is found.
  private func check(
    _ subject: LossUnderTest, isDefault: Bool, _ outcome: inout LawOutcome
  ) -> Counterexample? {
    for preset in isDefault ? law.shapes : Array(law.shapes.prefix(1)) {
      for distribution in law.distributions {
        for seed in seeds(of: distribution, isDefault) {
          for isDense in subject.hasDenseEncoding ? [false, true] : [false] {
            let trial = PropertyTrial(subject, preset, distribution, seed: seed, isDense: isDense)
            let isPlain = isDefault && distribution == .ordinary && preset == .batch
            switch trial.verdict(of: law, mustEvaluate: isPlain) {
            case .notApplicable: continue
            case .holds: outcome.evaluatedCount += 1
            case .near(let difference):
              outcome.evaluatedCount += 1
              outcome.worst = max(outcome.worst ?? 0, difference)
            case .failed(let failureMessage):
              outcome.evaluatedCount += 1
              return Counterexample(law, trial.shrunk(failing: law), failureMessage)
            }
            if law.usesOneTrial, outcome.evaluatedCount > 0 { return nil }
          }
        }
      }
    }
    return nil
  }
}

/// The result of checking one law with one loss.
public struct LawOutcome: Sendable {
  /// The number of trials to which the law applied; 0 if it does not apply to the loss.
  public var evaluatedCount = 0
  /// The largest accepted difference, relative to the expected number; nil if the law measures none.
  public var worst: Double?
  /// The counterexamples found.
  public var counterexamples: [Counterexample] = []

  /// An outcome without trials.
  public init() {}
}

/// Law cases for the losses of a plug-in or of a registry.
public enum Laws {
  /// Every law with every loss of a plug-in; empty if the plug-in has a duplicate name.
  public static func cases(
    of plugin: LossPlugin, laws: [Law] = Law.all, seeds: ClosedRange<UInt64> = 1...2
  ) -> [LawCase] {
    guard let registry = try? LossRegistry([plugin]) else { return [] }
    return cases(of: registry, laws: laws, seeds: seeds)
  }

  /// Every law with every loss of a registry, except losses without inputs, such as a sum without
  /// parts.
  public static func cases(
    of registry: LossRegistry, laws: [Law] = Law.all, seeds: ClosedRange<UInt64> = 1...2
  ) -> [LawCase] {
    registry.names.flatMap { name -> [LawCase] in
      guard let entry = registry.entry(named: name), !entry.signature.inputs.isEmpty else {
        return []
      }
      return laws.map { LawCase($0, entry, in: registry, seeds: seeds) }
    }
  }
}
