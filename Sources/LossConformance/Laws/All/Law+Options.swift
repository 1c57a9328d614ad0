import Foundation
import LossCore

extension Law {
  /// Encodes and decodes a configuration.
  static let jsonRoundTrip = Law(
    "json-round-trip",
    "A loss that is encoded as JSON and decoded again has the same options and results.",
    distributions: [.ordinary], shapes: [.batch]
  ) { (trial) throws(LossError) in
    let subject = trial.subject
    let configured = ConfiguredLoss(subject.loss, reduction: .weightedMean, classAxis: -1)
    let decoded: LossConfiguration
    do {
      let data = try JSONEncoder().encode(configured.configuration)
      decoded = try JSONDecoder().decode(LossConfiguration.self, from: data)
    } catch {
      return .failed("its configuration cannot be encoded and decoded: \(error)")
    }
    if decoded != configured.configuration {
      return .failed("the decoded configuration is \(decoded)")
    }
    let restored = try subject.registry.loss(decoded)
    if restored.base.options.values != subject.loss.options.values {
      return .failed("the decoded options are \(restored.base.options.values)")
    }
    // The loss has the options that were set.
    for (name, value) in subject.explicitOptions where subject.loss.options.values[name] != value {
      let found = subject.loss.options.values[name]?.text ?? "missing"
      return .failed("option \"\(name)\" is \(found); it was set to \(value.text)")
    }
    let terms = try restored.base.evaluate(trial.inputs, reduction: Reduction.unreduced).value
    return try LawVerdict(
      Agreement.failureMessage("a term of the decoded loss", terms.doubles, trial.terms()))
  }

  /// Every option has an effect.
  static let optionsMatter = Law(
    "options-matter", "Each option changes some value, gradient, signature or error.",
    distributions: [.ordinary], shapes: [.batch], usesVariants: false
  ) { (trial) throws(LossError) in
    let (entry, registry) = (trial.subject.entry, trial.subject.registry)
    let classCount = ShapePreset.batch.classCount
    let variants = entry.optionVariants(classCount: classCount, in: registry)
    guard !entry.options.isEmpty else { return .notApplicable }
    for option in entry.options {
      let values = variants.filter { $0.option == option.name }.map(\.value)
      guard !values.isEmpty else { continue }
      // Some options take effect only together with another one.
      let bases = [[:]] + variants.filter { $0.option != option.name }.map { [$0.option: $0.value] }
      let pairs = bases.flatMap { base in
        values.map { (base, base.merging([option.name: $0]) { $1 }) }
      }
      if !trial.affectsResult(pairs) {
        return .failed("option \"\(option.name)\" changes no result of the trials")
      }
    }
    return .holds
  }
}

extension PropertyTrial {
  /// Whether the options of any pair give different results, on a range of inputs.
  fileprivate func affectsResult(_ pairs: [([String: OptionValue], [String: OptionValue])]) -> Bool
  {
    let subjects = pairs.compactMap { first, second -> (LossUnderTest, LossUnderTest)? in
      guard let first = try? LossUnderTest(subject.entry, first, subject.registry),
        let second = try? LossUnderTest(subject.entry, second, subject.registry)
      else { return nil }
      return (first, second)
    }
    if subjects.contains(where: { $0.signature != $1.signature }) { return true }
    let inputs: [(ShapePreset, InputDistribution)] = [
      (.batch, .ordinary), (.single, .ordinary), (.batch, .extreme), (.batch, .tiny),
      (.batch, .ties), (.tight, .ordinary),
    ]
    return (seed...(seed + 9)).contains { seed in
      inputs.contains { preset, distribution in
        subjects.contains { first, second in
          (first.hasDenseEncoding ? [false, true] : [false]).contains { isDense in
            let one = PropertyTrial(first, preset, distribution, seed: seed, isDense: isDense)
            let other = PropertyTrial(second, preset, distribution, seed: seed, isDense: isDense)
            return one.resultText != other.resultText
          }
        }
      }
    }
  }

  /// Terms, gradients and weighted mean as text, or the error.
  private var resultText: String {
    do throws(LossError) {
      let all = try evaluate(.unreduced, gradientsOf: differentiable)
      let mean = try evaluate(.weightedMean)
      return
        "\(all.value.doubles) \(all.derivatives.sorted { $0.key.name < $1.key.name }) \(mean.value)"
    } catch {
      return error.description
    }
  }
}
