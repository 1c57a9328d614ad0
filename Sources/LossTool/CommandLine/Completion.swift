import LossFunctions

/// Completion candidates for a partial command line, derived from the commands.
struct Completion {
  /// Candidate words, each with a summary.
  private(set) var candidates: [(word: String, summary: String)] = []
  /// The kind of path that the shell completes; after `=` if the current word has one.
  private(set) var paths: Paths?

  /// Paths that the shell completes.
  enum Paths: String { case files, folders }

  private let typed: String
  private var line = TypedLine()

  /// - Parameter words: the words after the name of the program. The last one is being typed, and may
  ///   be empty.
  init(_ words: [String]) {
    typed = words.last ?? ""
    line.read(words.dropLast()[...])
    if let option = line.pending { suggest(option.completion) }
    // The word after an option with an optional value may be another argument.
    if let option = line.pending, option.optionalWords.isEmpty { return }
    if let command = line.command {
      complete(command)
    } else if !line.isUnknown {
      offer(Tool.commands.map { ($0.name, $0.summary) })
      offerOptions(Tool.options)
    }
  }

  private mutating func complete(_ command: Command) {
    if typed.hasPrefix("-"), !line.endsOptions { return completeOption(of: command) }
    let index = line.positionals.count
    if let parameter = command.parameters.dropFirst(index).first {
      suggest(parameter.completion)
    } else if let last = command.parameters.last, last.repeats {
      suggest(last.completion)
    }
  }

  /// The name of an option, or its value after `=`.
  private mutating func completeOption(of command: Command) {
    guard let mark = typed.firstIndex(of: "=") else {
      return offerOptions(
        command.allOptions.filter { $0.repeats || !line.usedOptions.contains($0.name) })
    }
    let name = String(typed[..<mark])
    guard let option = command.allOptions.first(where: { $0.names.contains(name) }) else { return }
    suggest(option.completion, after: "\(name)=")
  }

  // MARK: Candidates

  private mutating func offer(_ words: [(word: String, summary: String)]) {
    candidates += words.filter { $0.word.hasPrefix(typed) }
  }

  /// Options are offered only after a dash.
  private mutating func offerOptions(_ options: [CommandOption]) {
    guard typed.hasPrefix("-") else { return }
    offer(options.flatMap { option in option.names.map { ($0, option.summary) } })
  }

  private mutating func suggest(_ hint: CompletionHint, after prefix: String = "") {
    func offer(_ words: [(word: String, summary: String)]) {
      self.offer(words.map { (prefix + $0.word, $0.summary) })
    }
    let registry = line.registry
    switch hint {
    case .anything: break
    case .words(let words): offer(words.map { ($0, "") })
    case .file: paths = .files
    case .folder: paths = .folders
    case .family: offer(registry.plugins.map { ($0.name, "") })
    case .dialect: offer(registry.dialects.map { ($0.name, $0.title) })
    case .loss:
      let names = registry.names + registry.dialectNames
      offer(names.map { ($0, registry.entry(named: $0)?.metadata.summary ?? "") })
    case .lossOption: offer(line.positionals.flatMap(registry.optionWords))
    case .input where isAfterRole(prefix), .differentiableInput where isAfterRole(prefix):
      paths = .files
    case .input:
      offer(registry.roleWords(of: line.positionals.first, where: { _ in true }))
      offer([("weight=", "the weight of each term"), ("mask=", "the terms to keep")])
    case .cast:
      let roles = registry.roleWords(of: line.positionals.first, where: { _ in true }).map(\.word)
      offer(
        (roles + ["weight=", "mask="]).flatMap { role in
          ElementType.allCases.map { (role + $0.rawValue, "") }
        })
    case .differentiableInput:
      offer(registry.roleWords(of: line.positionals.first, where: \.isDifferentiable))
    }
  }

  private func isAfterRole(_ prefix: String) -> Bool { typed.dropFirst(prefix.count).contains("=") }
}

/// The words before the one that is being typed, as far as they can be parsed.
private struct TypedLine {
  var command: Command?
  var positionals: [String] = []
  /// The names of the options on the line.
  var usedOptions: Set<String> = []
  /// The option whose value is being typed.
  var pending: CommandOption?
  /// Whether `--` occurred, after which no word is an option.
  var endsOptions = false
  /// Whether the line has an unknown command.
  var isUnknown = false
  private var plugins: [String] = []

  mutating func read(_ words: ArraySlice<String>) {
    for word in words {
      let option = pending
      pending = nil
      if let option, option.takes(word) {
        if option.name == CommandOption.plugin.name { plugins.append(word) }
      } else if word == "--", command != nil {
        endsOptions = true
      } else if !endsOptions, ArgumentReader.isOption(word) {
        readOption(word)
      } else if command != nil {
        positionals.append(word)
      } else {
        command = Tool.commands.first { $0.name == word }
        isUnknown = command == nil
      }
    }
  }

  private mutating func readOption(_ word: String) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let known = command?.allOptions ?? Tool.options
    guard let option = known.first(where: { $0.names.contains(String(parts[0])) }) else { return }
    usedOptions.insert(option.name)
    if parts.count == 1, option.placeholder != nil { pending = option }
    if parts.count == 2, option.name == CommandOption.plugin.name {
      plugins.append(String(parts[1]))
    }
  }

  /// The registry of the line. A library that cannot be loaded is ignored.
  var registry: LossRegistry {
    let loaded = plugins.compactMap { try? LossPlugin(contentsOf: $0) }
    return (try? LossRegistry(LossRegistry.linked.plugins + loaded)) ?? LossRegistry.linked
  }
}

extension LossRegistry {
  /// `key=` for each option of a loss, registered or of a dialect; `key=true` and the like if the values
  /// can be listed.
  fileprivate func optionWords(of name: String) -> [(word: String, summary: String)] {
    if let dialectEntry = dialectEntry(named: name) {
      return dialectEntry.knownOptions.compactMap { option in
        option.names.first.map { ("\($0)=", option.summary) }
      }
    }
    return (entry(named: name)?.options ?? []).flatMap { option in
      let words = option.words.map { ("\(option.name)=\($0)", option.summary) }
      return words.isEmpty ? [("\(option.name)=", option.summary)] : words
    }
  }

  /// `role=` for the inputs of a loss that satisfy a predicate.
  fileprivate func roleWords(
    of name: String?, where predicate: (InputSpecification) -> Bool
  ) -> [(word: String, summary: String)] {
    guard let name, let entry = entry(named: name) else { return [] }
    return entry.signature.inputs.filter(predicate).map { ("\($0.role)=", "") }
  }
}

extension OptionDescription {
  /// The values of the option, if they can be listed.
  fileprivate var words: [String] {
    if case .flag = defaultValue { return ["true", "false"] }
    let listed = "one of \""
    guard range.hasPrefix(listed), range.hasSuffix("\"") else { return [] }
    return range.dropFirst(listed.count).dropLast().split(separator: "\", \"").map(String.init)
  }
}
