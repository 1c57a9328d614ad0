import LossFunctions

/// What can stand where a command line is being typed, from the table of commands.
struct Completion {
  /// The words that can stand there, each with what it means in a few more.
  private(set) var candidates: [(word: String, summary: String)] = []
  /// Whether a file, or a folder, can stand there; after `=` if the word being typed has one.
  private(set) var paths: Paths?

  /// What a shell is asked to complete by itself.
  enum Paths: String { case files, folders }

  private let typed: String
  private var line = TypedLine()

  /// - Parameter words: the words after the program's name; the last one is being typed, and may be
  ///   empty.
  init(_ words: [String]) {
    typed = words.last ?? ""
    line.read(words.dropLast()[...])
    if let option = line.pending {
      suggest(option.expects)
    } else if let command = line.command {
      complete(command)
    } else if !line.isUnknown {
      offer(Tool.commands.map { ($0.name, $0.summary) })
      offerOptions(Tool.options)
    }
  }

  private mutating func complete(_ command: Command) {
    if typed.hasPrefix("-"), !line.hasEnded { return completeOption(of: command) }
    let place = line.positionals.count
    if let parameter = command.parameters.dropFirst(place).first {
      suggest(parameter.expects)
    } else if let last = command.parameters.last, last.repeats {
      suggest(last.expects)
    }
  }

  /// The name of an option, or its value after `=`.
  private mutating func completeOption(of command: Command) {
    guard let mark = typed.firstIndex(of: "=") else {
      return offerOptions(command.allOptions.filter { $0.repeats || !line.given.contains($0.name) })
    }
    let name = String(typed[..<mark])
    guard let option = command.allOptions.first(where: { $0.names.contains(name) }) else { return }
    suggest(option.expects, after: "\(name)=")
  }

  // MARK: Candidates

  private mutating func offer(_ words: [(word: String, summary: String)]) {
    candidates += words.filter { $0.word.hasPrefix(typed) }
  }

  /// Options are offered where one was begun.
  private mutating func offerOptions(_ options: [CommandOption]) {
    guard typed.hasPrefix("-") else { return }
    offer(options.flatMap { option in option.names.map { ($0, option.summary) } })
  }

  private mutating func suggest(_ expectation: Expectation, after start: String = "") {
    func offer(_ words: [(word: String, summary: String)]) {
      self.offer(words.map { (start + $0.word, $0.summary) })
    }
    let registry = line.registry
    switch expectation {
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
    case .input where isAfterRole(start), .differentiableInput where isAfterRole(start):
      paths = .files
    case .input:
      offer(registry.roleWords(of: line.positionals.first, where: { _ in true }))
      offer([("weight=", "how much each term counts"), ("mask=", "which terms count")])
    case .differentiableInput:
      offer(registry.roleWords(of: line.positionals.first, where: \.isDifferentiable))
    }
  }

  private func isAfterRole(_ start: String) -> Bool { typed.dropFirst(start.count).contains("=") }
}

/// The words before the one that is being typed, as far as they can be understood.
private struct TypedLine {
  var command: Command?
  var positionals: [String] = []
  /// The names of the options that were given.
  var given: Set<String> = []
  /// The option whose value is being typed.
  var pending: CommandOption?
  /// Whether `--` was given, after which no word is an option.
  var hasEnded = false
  /// Whether a word stands where only a command can.
  var isUnknown = false
  private var plugins: [String] = []

  mutating func read(_ words: ArraySlice<String>) {
    for word in words {
      if let option = pending {
        if option.name == CommandOption.plugin.name { plugins.append(word) }
        pending = nil
      } else if word == "--", command != nil {
        hasEnded = true
      } else if !hasEnded, ArgumentReader.isOption(word) {
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
    given.insert(option.name)
    if parts.count == 1, option.placeholder != nil { pending = option }
    if parts.count == 2, option.name == CommandOption.plugin.name {
      plugins.append(String(parts[1]))
    }
  }

  /// The losses that the line can name. A library that cannot be loaded completes nothing.
  var registry: LossRegistry {
    let loaded = plugins.compactMap { try? LossPlugin(contentsOf: $0) }
    return (try? LossRegistry(LossRegistry.linked.plugins + loaded)) ?? LossRegistry.linked
  }
}

extension LossRegistry {
  /// `key=` for each option of a loss, by whichever name; `key=true` and the like where few words
  /// can follow.
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

  /// `role=` for the inputs of a loss that fit.
  fileprivate func roleWords(
    of name: String?, where fits: (InputSpecification) -> Bool
  ) -> [(word: String, summary: String)] {
    guard let name, let entry = entry(named: name) else { return [] }
    return entry.signature.inputs.filter(fits).map { ("\($0.role)=", "") }
  }
}

extension OptionDescription {
  /// The words that the option takes, if they can be listed.
  fileprivate var words: [String] {
    if case .flag = defaultValue { return ["true", "false"] }
    let listed = "one of \""
    guard range.hasPrefix(listed), range.hasSuffix("\"") else { return [] }
    return range.dropFirst(listed.count).dropLast().split(separator: "\", \"").map(String.init)
  }
}
