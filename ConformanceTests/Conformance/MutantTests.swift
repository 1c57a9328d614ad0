import LossConformance
import LossFunctions
import Testing

/// A faulty loss, and the law or fixture that must detect it.
struct MutantCase: Sendable, CustomStringConvertible {
  /// A check that detects the fault.
  enum Detector: Sendable {
    /// The law with this name.
    case law(String)
    /// The fixture with this name, for faults that change value and gradient consistently.
    case fixture(String)
  }

  let name: String
  let detector: Detector
  let original: LossEntry
  let mutant: LossEntry

  var description: String {
    switch detector {
    case .law(let law): "\(name) of \(mutant.metadata.name), by \(law)"
    case .fixture(let fixture): "\(name) of \(mutant.metadata.name), by \(fixture)"
    }
  }

  init<Base: LossProtocol>(_ fault: Fault, of type: Base.Type, by law: String) {
    name = "\(fault)"
    detector = .law(law)
    original = Mutant<Base>.entry(.none)
    mutant = Mutant<Base>.entry(fault)
  }

  init<Base: LossProtocol>(
    _ name: String, _ type: Base.Type, _ detector: Detector,
    make:
      @escaping @Sendable ([String: OptionValue], LossRegistry) throws(LossError) ->
      any LossProtocol
  ) {
    self.name = name
    self.detector = detector
    original = LossEntry(type)
    mutant = LossEntry(type, make: make)
  }

  /// The failure messages of the detector for a loss.
  func failureMessages(about entry: LossEntry) throws -> [String] {
    let registry = try LossRegistry([LossPlugin("mutants", [entry])])
    switch detector {
    case .law(let name):
      let law = try #require(Law.named(name))
      return LawCase(law, entry, in: registry).check().map(\.description)
    case .fixture(let name):
      let cases = try Corpus.builtIn().cases.filter { $0.fullID == name }
      try #require(cases.count == 1)
      return cases.map { $0.check(with: registry) }.filter { !$0.isPassed }.map(\.report)
    }
  }
}

/// Mutation tests of the laws and fixtures: each must reject the faulty loss and accept the original.
@Suite struct MutantTests {
  static let mutants: [MutantCase] =
    [
      MutantCase(.wrongSign, of: HuberLoss.self, by: "gradient-is-derivative"),
      MutantCase(.gradientHalved, of: MeanSquaredErrorLoss.self, by: "gradient-is-derivative"),
      MutantCase(.valueDoubled, of: HuberLoss.self, by: "gradient-is-derivative"),
      MutantCase(
        .gradientOfOtherInput, of: MeanSquaredLogarithmicErrorLoss.self,
        by: "gradient-is-derivative"),
      MutantCase(.kinkOutside, of: MeanAbsoluteErrorLoss.self, by: "gradient-is-derivative"),
      MutantCase(
        .secondDerivativeHalved, of: LogCoshLoss.self, by: "second-derivative-is-derivative"),
      MutantCase(
        .hessianVectorHalved, of: CrossEntropyLoss.self, by: "hessian-vector-is-derivative"),
      MutantCase(.hessianAsymmetric, of: FocalLoss.self, by: "hessian-is-symmetric"),
      MutantCase(
        .hessianDiagonalRaised, of: BinaryCrossEntropyLoss.self, by: "hessian-has-diagonal"),
      MutantCase(.upstreamDropped, of: CrossEntropyLoss.self, by: "upstream-is-linear"),
      MutantCase(.upstreamTwice, of: HuberLoss.self, by: "upstream-is-linear"),
      MutantCase(.meanOverFirstAxis, of: MeanSquaredErrorLoss.self, by: "reductions-agree"),
      MutantCase(.weightsInDivisor, of: CrossEntropyLoss.self, by: "reductions-agree"),
      MutantCase(.batchMeanIsMean, of: HuberLoss.self, by: "reductions-agree"),
      MutantCase(.weightTwice, of: HuberLoss.self, by: "weight-is-repetition"),
      MutantCase(.dependsOnPosition, of: LogCoshLoss.self, by: "permutation-permutes"),
      MutantCase(.dependsOnBatch, of: FocalLoss.self, by: "batch-is-individuals"),
      MutantCase(.maskMultiplies, of: HuberLoss.self, by: "mask-is-removal"),
      MutantCase(.maskMultiplies, of: LogCoshLoss.self, by: "weight-is-repetition"),
      MutantCase(.maskDropped, of: CrossEntropyLoss.self, by: "mask-is-removal"),
      MutantCase(.maskLeaksIntoGradient, of: MeanSquaredErrorLoss.self, by: "mask-is-removal"),
      MutantCase(.classAxisDropped, of: KLDivergenceLoss.self, by: "class-axis-moves"),
      MutantCase(.classOffByOne, of: CrossEntropyLoss.self, by: "sparse-is-one-hot"),
      MutantCase(.floatAccumulator, of: MeanSquaredErrorLoss.self, by: "float-is-double"),
      MutantCase(.sumByThreads, of: MeanSquaredErrorLoss.self, by: "threads-give-same-bits"),
      MutantCase(.sumAtRandom, of: MeanAbsoluteErrorLoss.self, by: "threads-give-same-bits"),
      MutantCase(.meanOfMeans, of: MeanSquaredErrorLoss.self, by: "partials-merge"),
      MutantCase(.nanAtSaturation, of: BinaryCrossEntropyLoss.self, by: "never-nan"),
      MutantCase(.nanAtTheEnds, of: HuberLoss.self, by: "never-nan"),
      MutantCase(.emptyMeanIsNaN, of: HuberLoss.self, by: "empty-is-stated"),
      MutantCase(.acceptsAnything, of: HuberLoss.self, by: "wrong-inputs-are-refused"),
      MutantCase(.wrongCode, of: CrossEntropyLoss.self, by: "wrong-inputs-are-refused"),
      MutantCase(.namelessError, of: DiceLoss.self, by: "wrong-inputs-are-refused"),
      MutantCase(.belowZero, of: MeanSquaredErrorLoss.self, by: "value-in-range"),
      MutantCase(
        .declares(.convex), of: MeanSquaredLogarithmicErrorLoss.self, by: "convexity"),
      MutantCase(.declares(.convex), of: FocalLoss.self, by: "convexity"),
      MutantCase(.declares(.range(0...1)), of: PoissonNLLLoss.self, by: "value-in-range"),
      MutantCase(.declares(.symmetric), of: KLDivergenceLoss.self, by: "symmetry"),
      MutantCase(.declares(.zeroAtTarget), of: PoissonNLLLoss.self, by: "zero-at-target"),
      MutantCase(.declares(.lipschitz(1)), of: MeanSquaredErrorLoss.self, by: "lipschitz"),
      MutantCase(.declares(.twiceDifferentiable), of: HuberLoss.self, by: "twice-differentiable"),
      MutantCase(
        .declares(.twiceDifferentiable), of: SquaredHingeLoss.self, by: "twice-differentiable"),
      MutantCase("option ignored", HuberLoss.self, .law("options-matter")) {
        (values, _) throws(LossError) in
        _ = try HuberLoss.Options(values)
        return HuberLoss()
      },
      MutantCase("option doubled", HuberLoss.self, .law("json-round-trip")) {
        (values, _) throws(LossError) in
        HuberLoss(delta: 2 * (try HuberLoss.Options(values)).delta)
      },
      MutantCase(
        "factor 1/2 missing in value and gradient", HuberLoss.self,
        .fixture("regression/huber#each-term")
      ) { (values, _) throws(LossError) in
        2 * HuberLoss(options: try HuberLoss.Options(values))
      },
      MutantCase(
        "constant rounded", LogCoshLoss.self, .fixture("regression/log_cosh#each-term")
      ) { (_, _) throws(LossError) in
        Mutant(LogCoshLoss(), .constantRounded)
      },
      MutantCase(
        "value rounded to half precision", MeanAbsoluteErrorLoss.self,
        .law("half-precision-is-rounded")
      ) { (_, _) throws(LossError) in RoundedValue(options: NoOptions()) },
    ] + MutantCase.skewed

  @Test("Every law has a mutant")
  func coversLaws() {
    let laws = Self.mutants.compactMap { mutant in
      if case .law(let name) = mutant.detector { name } else { nil }
    }
    #expect(Set(laws) == Set(Law.all.map(\.name)))
  }

  @Test("A mutant is detected, and its original passes", arguments: mutants)
  func isDetected(_ mutant: MutantCase) throws {
    let messages = try mutant.failureMessages(about: mutant.original)
    #expect(messages.isEmpty, "\n\(messages.joined(separator: "\n"))")
    #expect(try !mutant.failureMessages(about: mutant.mutant).isEmpty)
  }
}
