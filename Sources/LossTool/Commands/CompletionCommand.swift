import LossCore

extension Command {
  static let completion = Command(
    name: "completion", summary: "Print a script with which bash, zsh or fish completes words",
    parameters: [
      Parameter(
        name: "SHELL", summary: "bash, zsh or fish; or \"words\", which the scripts ask with",
        expects: .words(CompletionScripts.allCases.map(\.rawValue))),
      Parameter(
        name: "WORD", summary: "with \"words\": the words of a line, the last one being typed",
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
    let rest = Array(arguments.positionals.dropFirst())
    guard word != "words" else {
      print(Completion(rest), console)
      return 0
    }
    guard let script = CompletionScripts(rawValue: word) else {
      let known = CompletionScripts.allCases.map(\.rawValue)
      throw UsageError(
        "SHELL is \"\(word)\"", expected: known, hint: NearestName.hint(for: word, among: known))
    }
    guard rest.isEmpty else { throw UsageError("argument \"\(rest[0])\" is one too many") }
    console.output.write(line: script.text)
    return 0
  }
}

/// A line for each word, parted from its summary by a tabulator; a line such as `:files` for paths.
private func print(_ completion: Completion, _ console: Console) {
  for (word, summary) in completion.candidates {
    console.output.write(line: summary.isEmpty ? word : "\(word)\t\(summary)")
  }
  if let paths = completion.paths { console.output.write(line: ":\(paths.rawValue)") }
}
