import Foundation
import LossCore

extension Law {
  /// Writing a configuration and reading it.
  static let jsonRoundTrip = Law(
    "json-round-trip", "A loss written as JSON and read again has the same options and results.",
    distributions: [.ordinary], settings: [.batch]
  ) { (trial) throws(LossError) in
    let subject = trial.subject
    let configured = ConfiguredLoss(subject.loss, reduction: .weightedMean, classAxis: -1)
    let read: LossConfiguration
    do {
      let data = try JSONEncoder().encode(configured.configuration)
      read = try JSONDecoder().decode(LossConfiguration.self, from: data)
    } catch {
      return .failed("its configuration cannot be written and read: \(error)")
    }
    if read != configured.configuration { return .failed("it was read as \(read)") }
    let again = try subject.registry.loss(read)
    if again.base.options.values != subject.loss.options.values {
      return .failed("its options were read as \(again.base.options.values)")
    }
    // What was asked for is what the loss has.
    for (name, value) in subject.given where subject.loss.options.values[name] != value {
      let found = subject.loss.options.values[name]?.text ?? "missing"
      return .failed("option \"\(name)\" is \(found); it was set to \(value.text)")
    }
    let terms = try again.base.evaluate(trial.inputs, reduction: Reduction.unreduced).value
    return try LawVerdict(
      Agreement.failureMessage("the read loss's term", terms.doubles, trial.terms()))
  }

  /// Every option does something.
  static let optionsMatter = Law(
    "options-matter", "Each option changes some value, gradient, input or refusal.",
    distributions: [.ordinary], settings: [.batch], triesVariants: false
  ) { (trial) throws(LossError) in
    let (entry, registry) = (trial.subject.entry, trial.subject.registry)
    let classCount = ShapePreset.batch.classCount
    let variants = entry.optionVariants(classCount: classCount, in: registry)
    guard !entry.options.isEmpty else { return .notApplicable }
    for option in entry.options {
      let values = variants.filter { $0.option == option.name }.map(\.value)
      guard !values.isEmpty else { continue }
      // Some options matter only beside another one.
      let bases = [[:]] + variants.filter { $0.option != option.name }.map { [$0.option: $0.value] }
      let pairs = bases.flatMap { base in
        values.map { (base, base.merging([option.name: $0]) { $1 }) }
      }
      if !trial.isFelt(pairs) {
        return .failed("option \"\(option.name)\" changes nothing that was tried")
      }
    }
    return .holds
  }
}

extension PropertyTrial {
  /// Whether any two settings of the options differ in any result, on a range of inputs.
  fileprivate func isFelt(_ pairs: [([String: OptionValue], [String: OptionValue])]) -> Bool {
    let subjects = pairs.compactMap { first, second -> (LossUnderTest, LossUnderTest)? in
      guard let first = try? LossUnderTest(subject.entry, first, subject.registry),
        let second = try? LossUnderTest(subject.entry, second, subject.registry)
      else { return nil }
      return (first, second)
    }
    if subjects.contains(where: { $0.signature != $1.signature }) { return true }
    let settings: [(ShapePreset, InputDistribution)] = [
      (.batch, .ordinary), (.single, .ordinary), (.batch, .extreme), (.batch, .tiny),
      (.batch, .ties), (.tight, .ordinary),
    ]
    return (seed...(seed + 9)).contains { seed in
      settings.contains { setting, distribution in
        subjects.contains { first, second in
          (first.hasDenseForm ? [false, true] : [false]).contains { isDense in
            let one = PropertyTrial(first, setting, distribution, seed: seed, isDense: isDense)
            let other = PropertyTrial(second, setting, distribution, seed: seed, isDense: isDense)
            return one.record != other.record
          }
        }
      }
    }
  }

  /// Everything that an evaluation shows.
  private var record: String {
    do throws(LossError) {
      let all = try evaluate(.none, gradientsOf: differentiable)
      let mean = try evaluate(.weightedMean)
      return
        "\(all.value.doubles) \(all.derivatives.sorted { $0.key.name < $1.key.name }) \(mean.value)"
    } catch {
      return error.description
    }
  }
}
