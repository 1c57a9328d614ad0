import LossCore

/// A loss under test, with its options.
struct LossUnderTest: Sendable {
  let entry: LossEntry
  /// The options that differ from their defaults.
  let explicitOptions: [String: OptionValue]
  let registry: LossRegistry
  let loss: any LossProtocol

  init(
    _ entry: LossEntry, _ explicitOptions: [String: OptionValue], _ registry: LossRegistry
  ) throws(LossError) {
    self.entry = entry
    self.explicitOptions = explicitOptions
    self.registry = registry
    loss = try entry.make(explicitOptions, registry)
  }

  var signature: LossSignature { loss.signature }
  var properties: [LossProperty] { loss.properties }

  /// Whether an input can be given either as class indices or as numbers.
  var hasDenseEncoding: Bool {
    signature.inputs.contains { input in
      input.encodings.contains { $0.kind == .real } && input.encodings.contains { $0.kind != .real }
    }
  }

  /// Whether a class index may have a special meaning: the ignored class, or the value of an option.
  func isSpecial(_ index: Int) -> Bool {
    (loss as? any FormLoss)?.ignoredClass == index
      || explicitOptions.values.contains(.number(Double(index)))
  }

  /// Whether an option makes the result depend on the element type of the computation.
  var dependsOnElement: Bool { loss.options.values.values.contains("machine") }
}

extension LossEntry {
  /// The option variants for a law: the defaults, each option alone, and each option combined with
  /// each flag or choice, since some options take effect only then.
  ///
  /// A loss with many options has hundreds of such pairs. They are divided into shares: each law
  /// checks one share, and each pair is checked by some laws. So is each option of a loss made of
  /// parts, which are checked by themselves.
  ///
  /// - Parameter share: the index of the law, which selects its share.
  func lawVariants(in registry: LossRegistry, share: Int) -> [[String: OptionValue]] {
    let single = optionVariants(classCount: ShapePreset.batch.classCount, in: registry)
    let alone = single.map { [$0.option: $0.value] }
    let isOfParts = (try? make([:], registry))?.partialForm == .parts
    let size = isOfParts ? 8 : 24
    let pairs = Self.share(share, of: Self.pairs(of: single), size: size)
    let valid = pairs.filter { (try? make($0, registry)) != nil }
    return [[:]] + (isOfParts ? Self.share(share, of: alone, size: size) : alone) + valid
  }

  private static func share(
    _ index: Int, of variants: [[String: OptionValue]], size: Int
  ) -> [[String: OptionValue]] {
    let count = max(1, (variants.count + size - 1) / size)
    return variants.enumerated().filter { $0.offset % count == index % count }.map(\.element)
  }

  /// Each mode combined with the first variant of every other option.
  private static func pairs(
    of single: [(option: String, value: OptionValue)]
  ) -> [[String: OptionValue]] {
    var pairs: [[String: OptionValue]] = []
    for mode in single where mode.value.isMode {
      var seen: Set<String> = []
      for other in single where other.option != mode.option && !other.value.isMode {
        guard seen.insert(other.option).inserted else { continue }
        pairs.append([mode.option: mode.value, other.option: other.value])
      }
    }
    return pairs
  }
}

extension OptionValue {
  /// Whether the value is a flag or a word, which select a formula.
  fileprivate var isMode: Bool {
    switch self {
    case .flag, .text: true
    default: false
    }
  }
}
