public import LossCore

extension LossEntry {
  /// Options to try beside the defaults: for each option a few values that differ from its default,
  /// as far as the loss takes them.
  ///
  /// - Parameters:
  ///   - classCount: how many numbers a list with one for each class has.
  ///   - registry: where the loss is made by name.
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
    // The words of a choice stand in quotes in the sentence that names its range.
    let words = option.range.split(separator: "\"", omittingEmptySubsequences: false)
      .enumerated().filter { $0.offset % 2 == 1 }.map { OptionValue.text(String($0.element)) }
    let weights = (0..<classCount).map { OptionValue.number(0.5 + Double($0) / 4) }
    switch option.defaultValue {
    case .flag(let flag): return [.flag(!flag)]
    case .number, .null: return words + [0.25, 2.5, 1, -1]
    // A word that is free to choose names something, such as a role.
    case .text: return words.isEmpty ? ["renamed"] : words
    case .list: return [.list(weights)]
    case .object: return []
    }
  }
}
