/// The advice of a hint to set an option of ours: "For logits set from_logits to true."
///
/// It is read from the text, since that is what a loaded library passes on, too.
struct OptionAdvice: Equatable {
  /// The words before the advice: `For logits`.
  let purpose: String
  /// The option of ours.
  let option: String
  /// The values of which one is to be set.
  let values: [OptionValue]

  /// The advice of a hint; nil if it gives none.
  init?(_ hint: String) {
    let words = hint.split(separator: " ").map { word in
      String(word.last.map { ".,".contains($0) } ?? false ? word.dropLast() : word)
    }
    guard let verb = words.firstIndex(where: { $0.lowercased() == "set" }), verb + 3 < words.count,
      words[verb + 2] == "to"
    else { return nil }
    purpose = words[..<verb].joined(separator: " ")
    option = words[verb + 1]
    var values = [words[verb + 3]]
    var next = verb + 4
    while next + 1 < words.count, words[next] == "or" {
      values.append(words[next + 1])
      next += 2
    }
    guard next == words.count else { return nil }
    self.values = values.map { $0 == "true" ? true : $0 == "false" ? false : .text($0) }
  }
}

/// Translates hints about our options and inputs for a name of another framework, under which they
/// may have other names, or none.
struct DialectHints: Sendable {
  let registry: LossRegistry
  /// The loss, with its names in all frameworks.
  let entry: LossEntry
  let dialectEntry: DialectEntry
  /// The name that was asked for, without the prefix.
  let name: String
  /// The options of the framework that were given.
  let options: [String: OptionValue]

  /// The hint in the names of the framework.
  func translated(_ hint: String) -> String {
    let ignores = dialectEntry.knownOptions.contains {
      $0.targets.contains("ignore_index") && !$0.isRefused
    }
    if hint == LossError.ignoredClassHint, !ignores {
      return inNamesOfTheFramework(LossError.maskedClassHint)
    }
    if let advice = OptionAdvice(hint), isOurs(advice.option) { return self.hint(advice) }
    return inNamesOfTheFramework(hint)
  }

  private func isOurs(_ option: String) -> Bool { entry.options.contains { $0.name == option } }

  /// The advice with options of this name; else another name, of the framework or ours.
  private func hint(_ advice: OptionAdvice) -> String {
    let settings = settings(advice)
    let start = advice.purpose.isEmpty ? "" : advice.purpose + " "
    func sentence(_ text: String) -> String {
      start.isEmpty ? text.prefix(1).uppercased() + text.dropFirst() + "." : start + text + "."
    }
    if let first = settings.first {
      let isShared = settings.allSatisfy { $0.value == first.value }
      return sentence(
        isShared
          ? "set \(settings.map(\.name).joined(separator: " or ")) to \(first.value.text)"
          : "set " + settings.map { "\($0.name) to \($0.value.text)" }.joined(separator: " or "))
    }
    if let sibling = sibling(advice) {
      return sentence("use \(dialectEntry.dialect.name).\(sibling)")
    }
    let values = advice.values.map(\.text).joined(separator: " or ")
    let isDefault =
      (try? entry.make([:], registry)).flatMap { $0.options.values[advice.option] }
      .map(advice.values.contains) ?? false
    // Elsewhere the same arguments would mean something else.
    let isRearranged = dialectEntry.arguments.contains { $0.isAdapted }
    if isRearranged {
      return sentence("use \(entry.metadata.name), which has other axes and defaults")
    }
    return sentence(
      "use \(entry.metadata.name)" + (isDefault ? "" : " with \(advice.option) \(values)"))
  }

  /// The options of this name, with values, that have the effect of the advice.
  private func settings(_ advice: OptionAdvice) -> [(name: String, value: OptionValue)] {
    var settings: [(name: String, value: OptionValue)] = []
    for option in dialectEntry.knownOptions where !option.isRefused {
      guard let current = option.names.first else { continue }
      let others = options.filter { !option.names.contains($0.key) }
      let value = ([true, false] + advice.values).first { value in
        let given = others.merging([current: value]) { $1 }
        return advice.values.contains(resolved(dialectEntry, name, given)[advice.option] ?? .null)
      }
      if let value { settings.append((current, value)) }
    }
    return settings
  }

  /// The name of a function of the framework for the same loss that has the advice as default,
  /// otherwise most like this one, and of the same kind: a function or a class.
  private func sibling(_ advice: OptionAdvice) -> String? {
    let mine = resolved(dialectEntry, name, options)
    let defaults = (try? entry.make([:], registry))?.options.values ?? [:]
    var best: (name: String, likeness: Int)?
    for other in entry.metadata.dialectEntries where other.dialect.name == dialectEntry.dialect.name
    {
      let kind = Self.folder(name)
      guard let name = other.names.first(where: { Self.folder($0) == kind }) ?? other.names.first
      else { continue }
      let theirs = resolved(other, name, [:])
      guard advice.values.contains(theirs[advice.option] ?? defaults[advice.option] ?? .null) else {
        continue
      }
      let likeness = Set(mine.keys).union(theirs.keys).count { mine[$0] == theirs[$0] }
      if likeness > best?.likeness ?? -1 { best = (name, likeness) }
    }
    return best?.name
  }

  /// The options of ours that a name of the framework selects; none if it refuses those given.
  private func resolved(
    _ dialectEntry: DialectEntry, _ name: String, _ given: [String: OptionValue]
  ) -> [String: OptionValue] {
    (try? dialectEntry.resolution(name: name, given, reduction: nil, classAxis: nil))?.options
      ?? [:]
  }

  /// What precedes the last part of a name: `nn` of `nn.BCELoss`.
  private static func folder(_ name: String) -> Substring {
    name.lastIndex(of: ".").map { name[..<$0] } ?? ""
  }

  /// The hint with the framework's names of our inputs, class axis and other losses.
  private func inNamesOfTheFramework(_ hint: String) -> String {
    var result = ""
    var word = ""
    func finish() {
      result += word.isEmpty ? "" : self.word(word)
      word = ""
    }
    for character in hint {
      if character.isLetter || character.isNumber || character == "_" || character == "." {
        word.append(character)
      } else {
        finish()
        result.append(character)
      }
    }
    finish()
    return result
  }

  /// The framework's name for one of ours; a word that is none stays.
  private func word(_ word: String) -> String {
    let end = word.hasSuffix(".") ? "." : ""
    let name = String(word.dropLast(end.count))
    let known = dialectEntry.knownOptions
    let isClassAxis = name == "class_axis"
    if let option = known.first(where: {
      isClassAxis ? $0.setsClassAxis : $0.targets.contains(name)
    }) {
      return (option.names.first ?? name) + end
    }
    if !isOurs(name), let argument = dialectEntry.arguments.first(where: { $0.role.name == name }) {
      return (argument.names.first ?? name) + end
    }
    guard name.contains("_"), let loss = registry.entry(named: name), loss.metadata.name == name,
      let other = loss.metadata.dialectEntries.first(where: {
        $0.dialect.name == dialectEntry.dialect.name
      })?.qualifiedNames.first
    else { return word }
    return other + end
  }
}

extension DialectOption {
  /// Whether it is the class axis.
  fileprivate var setsClassAxis: Bool {
    var resolution = DialectResolution()
    guard (try? apply(1, &resolution)) != nil else { return false }
    return resolution.classAxis == 1
  }
}
