public import LossCore

extension LossEntry {
  /// Non-default values to try for each option, as far as the loss accepts them.
  ///
  /// - Parameters:
  ///   - classCount: the length of lists with one number per class.
  ///   - registry: the registry for options that name other losses.
  public func optionVariants(
    classCount: Int, in registry: LossRegistry
  ) -> [(option: String, value: OptionValue)] {
    var variants: [(option: String, value: OptionValue)] = []
    for option in options {
      for value in Self.candidates(option, classCount: classCount)
      where value != option.defaultValue {
        let loss = try? make([option.name: value], registry)
        if loss != nil { variants.append((option.name, value)) }
      }
    }
    return variants
  }

  private static func candidates(
    _ option: OptionDescription, classCount: Int
  ) -> [OptionValue] {
    // The range of a choice quotes its words.
    let words = option.range.split(separator: "\"", omittingEmptySubsequences: false)
      .enumerated().filter { $0.offset % 2 == 1 }.map { OptionValue.text(String($0.element)) }
    let weights = (0..<classCount).map { OptionValue.number(0.5 + Double($0) / 4) }
    switch option.defaultValue {
    case .flag(let flag): return [.flag(!flag)]
    case .number, .null: return words + [0.25, 2.5, 1, -1]
    // A free-form word, such as the name of a role.
    case .text: return words.isEmpty ? ["renamed"] : words
    case .list: return [.list(weights)]
    case .object: return []
    }
  }
}
