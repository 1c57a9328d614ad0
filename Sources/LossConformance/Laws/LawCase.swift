public import LossCore

/// One law and one loss: the argument of a parametrised test.
///
///     @Test("laws", arguments: Laws.cases(of: myLosses))
///     func holds(_ one: LawCase) {
///       let violations = one.check()
///       #expect(violations.isEmpty, "\(violations)")
///     }
public struct LawCase: Sendable, CustomStringConvertible {
  /// The law.
  public let law: Law
  /// The loss.
  public let entry: LossEntry
  /// Where the loss is found by its name.
  public let registry: LossRegistry
  /// The seeds that inputs are drawn from.
  public let seeds: ClosedRange<UInt64>

  /// A case from its parts.
  public init(
    _ law: Law, _ entry: LossEntry, in registry: LossRegistry, seeds: ClosedRange<UInt64> = 1...2
  ) {
    self.law = law
    self.entry = entry
    self.registry = registry
    self.seeds = seeds
  }

  /// The name of the law and of the loss: `mask-is-removal: huber`.
  public var description: String { "\(law.name): \(entry.metadata.name)" }

  /// Which share of the pairs of options it tries, where they are many.
  private var turn: Int { Law.all.firstIndex { $0.name == law.name } ?? 0 }

  /// Every violation that was found, at most one for each setting of the options and three in all.
  public func check() -> [Counterexample] { outcome().counterexamples }

  /// What came of trying: how often the law was asked, and the violations.
  public func outcome() -> LawOutcome {
    var outcome = LawOutcome()
    let variants = law.triesVariants ? entry.lawVariants(in: registry, turn: turn) : [[:]]
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

  /// The seeds to draw from. Seeds take the inputs and the ends of their range in turn; with 24 of
  /// them each of three inputs has been at each end.
  private func seeds(of distribution: InputDistribution, _ isDefault: Bool) -> ClosedRange<UInt64> {
    switch distribution {
    case .ends: 0...23
    case .ordinary where isDefault: seeds
    case .ordinary, .ties, .zeros, .extreme, .tiny, .huge: seeds.lowerBound...seeds.lowerBound
    }
  }

  /// Tries one setting of the options until a violation is found.
  private func check(
    _ subject: LossUnderTest, isDefault: Bool, _ outcome: inout LawOutcome
  ) -> Counterexample? {
    for setting in isDefault ? law.settings : Array(law.settings.prefix(1)) {
      for distribution in law.distributions {
        for seed in seeds(of: distribution, isDefault) {
          for isDense in subject.hasDenseForm ? [false, true] : [false] {
            let trial = PropertyTrial(subject, setting, distribution, seed: seed, isDense: isDense)
            let isPlain = isDefault && distribution == .ordinary && setting == .batch
            switch trial.verdict(of: law, mustEvaluate: isPlain) {
            case .notApplicable: continue
            case .holds: outcome.asked += 1
            case .near(let difference):
              outcome.asked += 1
              outcome.worst = max(outcome.worst ?? 0, difference)
            case .failed(let failureMessage):
              outcome.asked += 1
              return Counterexample(law, trial.shrunk(breaking: law), failureMessage)
            }
            if law.triesOnce, outcome.asked > 0 { return nil }
          }
        }
      }
    }
    return nil
  }
}

/// What came of trying one law with one loss.
public struct LawOutcome: Sendable {
  /// In how many trials the law had something to ask; 0 where it does not concern the loss.
  public var asked = 0
  /// The largest difference that was accepted, relative to the expected number; nil for a law that
  /// measures none.
  public var worst: Double?
  /// What was found.
  public var counterexamples: [Counterexample] = []

  /// Nothing asked, nothing found.
  public init() {}
}

/// The laws, for the losses of a plug-in or of a registry.
public enum Laws {
  /// Each law with each loss of a plug-in.
  ///
  /// A registry of the plug-in alone cannot fail but for a name that it claims twice; then no case
  /// is found, which an empty list of arguments shows.
  public static func cases(
    of plugin: LossPlugin, laws: [Law] = Law.all, seeds: ClosedRange<UInt64> = 1...2
  ) -> [LawCase] {
    guard let registry = try? LossRegistry([plugin]) else { return [] }
    return cases(of: registry, laws: laws, seeds: seeds)
  }

  /// Each law with each loss of a registry. A loss without inputs of its own, such as a sum before
  /// it has parts, is left out.
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
