import LossCore

/// The loss that stands before the judge.
struct LossUnderTest: Sendable {
  let entry: LossEntry
  /// The options that differ from their defaults.
  let given: [String: OptionValue]
  let registry: LossRegistry
  let loss: any LossProtocol

  init(
    _ entry: LossEntry, _ given: [String: OptionValue], _ registry: LossRegistry
  ) throws(LossError) {
    self.entry = entry
    self.given = given
    self.registry = registry
    loss = try entry.make(given, registry)
  }

  var signature: LossSignature { loss.signature }
  var properties: [LossProperty] { loss.properties }

  /// Whether an input can be given as class indices and as numbers.
  var hasDenseForm: Bool {
    signature.inputs.contains { input in
      input.encodings.contains { $0.kind == .real } && input.encodings.contains { $0.kind != .real }
    }
  }

  /// Whether a class index may mean something else than its class: one that the loss ignores, or
  /// whose number an option names.
  func isSpecial(_ index: Int) -> Bool {
    (loss as? any FormLoss)?.ignoredClass == index
      || given.values.contains(.number(Double(index)))
  }

  /// Whether an option makes the result depend on the element of the computation.
  var dependsOnElement: Bool { loss.options.values.values.contains("machine") }
}

extension LossEntry {
  /// The settings of the options that a law tries: the defaults, each option by itself, and each
  /// option together with each flag or choice, since some options matter only then.
  ///
  /// A loss of many options has hundreds of such pairs. They are dealt out: each law has a share,
  /// and each pair is tried by some laws.
  ///
  /// - Parameter turn: the number of the law among the laws, which says which share it has.
  func lawVariants(in registry: LossRegistry, turn: Int) -> [[String: OptionValue]] {
    let single = optionVariants(classCount: ShapePreset.batch.classCount, in: registry)
    let pairs = Self.pairs(of: single)
    let shares = (pairs.count + Self.largestShare - 1) / Self.largestShare
    let dealt = pairs.enumerated().filter { $0.offset % shares == turn % shares }
    let possible = dealt.map(\.element).filter { (try? make($0, registry)) != nil }
    return [[:]] + single.map { [$0.option: $0.value] } + possible
  }

  /// How many pairs of options one law tries.
  private static let largestShare = 24

  /// Each mode together with the first variant of each other option.
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
  /// Whether it is a flag or a word, which choose among formulas.
  fileprivate var isMode: Bool {
    switch self {
    case .flag, .text: true
    default: false
    }
  }
}
