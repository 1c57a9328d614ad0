import LossCore

extension Command {
  static let completion = Command(
    name: "completion", summary: "Print a completion script for bash, zsh or fish",
    parameters: [
      Parameter(
        name: "SHELL", summary: "bash, zsh or fish; or \"words\", which the scripts call",
        completion: .words(CompletionScripts.allCases.map(\.rawValue))),
      Parameter(
        name: "WORD",
        summary: "with \"words\": the words of a command line, the last one being typed",
        repeats: true),
    ],
    notes: [
      "In .bashrc:            eval \"$(losses completion bash)\"",
      "In .zshrc, after compinit: eval \"$(losses completion zsh)\"",
      "In config.fish:        losses completion fish | source",
    ],
    examples: [
      Example(arguments: ["completion", "bash"]),
      Example(
        arguments: ["completion", "words", "--", "list", "--family", "seq"], prints: "sequence"),
    ]
  ) { arguments, console in
    let word = arguments.positionals[0]
    let words = Array(arguments.positionals.dropFirst())
    guard word != "words" else {
      print(Completion(words), console)
      return 0
    }
    guard let script = CompletionScripts(rawValue: word) else {
      let known = CompletionScripts.allCases.map(\.rawValue)
      throw UsageError(
        "SHELL is \"\(word)\"", expected: known, hint: NearestName.hint(for: word, among: known))
    }
    guard words.isEmpty else { throw UsageError("unexpected argument \"\(words[0])\"") }
    console.output.write(line: script.text)
    return 0
  }
}

/// Prints one line per word, with its summary after a tab, and a line such as `:files` for paths.
private func print(_ completion: Completion, _ console: Console) {
  for (word, summary) in completion.candidates {
    console.output.write(line: summary.isEmpty ? word : "\(word)\t\(summary)")
  }
  if let paths = completion.paths { console.output.write(line: ":\(paths.rawValue)") }
}
