extension LossRegistry {
  /// What was probably meant by a name that no loss has: the losses that are known by it in the field
  /// (`mse`, `MSELoss`), or the nearest name.
  func hint(for name: String) -> String {
    let known = known(as: name)
    if let last = known.last {
      let others = known.dropLast().joined(separator: ", ")
      return "Did you mean \(others.isEmpty ? "" : others + " or ")\(last)?"
    }
    return NearestName.hint(for: registered(name), among: names + dialectNames)
  }

  /// The registered names of what is known by a short name, or by a name of a framework without its
  /// prefix: ours first, then at most two of the frameworks'.
  func known(as name: String) -> [String] {
    let wanted = Self.folded(name)
    var ours: [String] = []
    var theirs: [String] = []
    for entry in plugins.flatMap(\.losses) {
      let metadata = entry.metadata
      if Self.folded(metadata.name) == wanted { return ["\"\(metadata.name)\""] }
      // One name of each function: the one that is written so, or the shortest.
      let functions = metadata.dialectEntries.compactMap { function in
        let names = function.qualifiedNames.filter { Self.folded(Self.last($0)) == wanted }
        return names.first { Self.last($0) == name } ?? names.first
      }
      let isKnown = metadata.alsoKnownAs.contains { Self.folded($0) == wanted }
      guard isKnown || !functions.isEmpty else { continue }
      if isKnown { ours.insert(metadata.name, at: 0) } else { ours.append(metadata.name) }
      theirs += functions.isEmpty ? Self.common(metadata) : functions
    }
    return (ours.prefix(2) + theirs.prefix(2)).map { "\"\($0)\"" }
  }

  /// The losses that a word describes, the best match first: a name or short name, a name of a
  /// framework, the summary, a part of a name, the usage.
  public func search(_ word: String) -> [LossEntry] {
    let wanted = Self.folded(word)
    guard !wanted.isEmpty else { return [] }
    let ranked = plugins.flatMap(\.losses).enumerated().compactMap { index, entry in
      Self.rank(entry.metadata, wanted).map { (rank: $0, index: index, entry: entry) }
    }
    return ranked.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.map(\.entry)
  }

  private static func rank(_ metadata: LossMetadata, _ wanted: String) -> Int? {
    let names = [metadata.name] + metadata.alsoKnownAs
    let functions = metadata.dialectEntries.flatMap(\.names).map(last)
    if names.contains(where: { folded($0) == wanted }) { return 0 }
    if functions.contains(where: { folded($0) == wanted }) { return 1 }
    if hasWord(wanted, in: metadata.summary) { return 2 }
    if names.contains(where: { hasWord(wanted, in: $0, ofName: true) }) { return 3 }
    if functions.contains(where: { hasWord(wanted, in: $0, ofName: true) }) { return 4 }
    if hasWord(wanted, in: metadata.usage) { return 5 }
    return nil
  }

  /// Whether a word of a text begins like a folded one, alone or joined with those after it; capitals
  /// begin words of a name: `MSELoss` has `mse` and `loss`.
  private static func hasWord(_ wanted: String, in text: String, ofName: Bool = false) -> Bool {
    let characters = Array(text)
    var words: [String] = []
    for (index, character) in characters.enumerated() where character.isLetter || character.isNumber
    {
      let before = index > 0 ? characters[index - 1] : " "
      let isLastCapital =
        index + 1 < characters.count && characters[index + 1].isLowercase && before.isUppercase
      let begins =
        !(before.isLetter || before.isNumber)
        || ofName && character.isUppercase && (!before.isUppercase || isLastCapital)
      if begins { words.append("") }
      for word in words.indices where words[word].count < wanted.count {
        words[word] += character.lowercased()
      }
    }
    return words.contains(wanted)
  }

  private static func last(_ name: String) -> String {
    name.split(separator: ".").last.map(String.init) ?? name
  }

  /// PyTorch's class of a loss, which most readers know.
  private static func common(_ metadata: LossMetadata) -> [String] {
    let names = metadata.dialectEntries.flatMap(\.qualifiedNames)
    return names.first { $0.hasPrefix("torch.nn.") && !$0.contains("functional") }.map { [$0] }
      ?? []
  }

  /// Letters and digits in lower case: `MSE_Loss` is `mseloss`, `info-nce` is `infonce`.
  private static func folded(_ name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }
}
