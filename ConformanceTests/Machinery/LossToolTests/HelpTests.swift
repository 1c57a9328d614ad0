import Testing

@testable import LossTool

@Suite struct HelpTests {
  @Test("The help of the tool lists every command")
  func tool() {
    let run = Run("--help")
    #expect(run.status == 0)
    for command in Tool.commands { #expect(run.output.contains("\n  \(command.name) ")) }
    #expect(Run("-h").output == run.output)
  }

  @Test("The version is semantic")
  func version() {
    #expect(Run("--version").output == Tool.version + "\n")
    #expect(Tool.version.wholeMatch(of: /\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?/) != nil)
  }

  @Test("The help of a command lists every option, in lines of at most 100 characters")
  func commands() {
    for command in Tool.commands {
      let run = Run(command.name, "--help")
      #expect(run.status == 0)
      for option in command.allOptions { #expect(run.output.contains("\n  \(option.usage)  ")) }
      #expect(!command.examples.isEmpty)
      for line in run.output.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    }
  }

  @Test("--help takes precedence over errors, except after --")
  func anywhere() {
    #expect(Run("eval", "--nonsense", "--help").status == 0)
    #expect(Run("eval", "huber", "--", "--help", "1").status == 1)
  }

  @Test("Every example of the help prints the documented output")
  func examples() throws {
    try withTemporaryFolder { folder in
      // CatalogTests run that of the catalog, which takes long.
      for example in Tool.commands.flatMap(\.examples)
      where !example.writes && example.arguments[0] != "catalog" {
        // Output files go to the temporary folder.
        let words = zip([""] + example.arguments, example.arguments).map { option, word in
          option == "-o" ? "\(folder)/\(word)" : word
        }
        let run = Run(words)
        #expect(run.status == 0, "\(example.arguments): \(run.errors)\(run.output)")
        if let prints = example.prints { #expect(run.output == prints + "\n") }
      }
    }
  }
}
