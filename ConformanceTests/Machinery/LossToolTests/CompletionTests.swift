import LossCore
import Testing

@testable import LossTool

@Suite struct CompletionTests {
  /// The candidates of the tool, as the scripts receive them.
  private func words(_ line: String...) -> [String] {
    let run = Run(["completion", "words", "--"] + line)
    #expect(run.status == 0, "\(run.errors)")
    return run.output.split(separator: "\n").map { row in
      String(row.split(separator: "\t").first ?? "")
    }
  }

  @Test("Every command is a candidate, with its summary")
  func commands() {
    #expect(words("") == Tool.commands.map(\.name))
    #expect(words() == Tool.commands.map(\.name))
    #expect(words("ev") == ["eval"])
    #expect(Run("completion", "words", "ev").output == "eval\t\(Command.eval.summary)\n")
    #expect(words("--v") == ["--version"])
    #expect(words("nonsense", "") == [])
  }

  @Test("Every option of every command is a candidate, repeatedly only if it is repeatable")
  func options() {
    for command in Tool.commands {
      #expect(words(command.name, "-") == command.allOptions.flatMap(\.names))
    }
    #expect(words("eval", "huber", "--threads", "2", "--th") == [])
    #expect(words("eval", "huber", "--option", "delta=2", "--op") == ["--option"])
    #expect(words("eval", "--", "--op") == [])
  }

  @Test("A cast completes an input and its type")
  func casts() {
    #expect(
      words("eval", "huber", "--cast", "target=")
        == ElementType.allCases.map { "target=\($0.rawValue)" })
    #expect(words("eval", "huber", "--cast=mask=bo") == ["--cast=mask=bool"])
  }

  @Test("Losses are candidates by our names and by those of other frameworks")
  func losses() {
    #expect(words("show", "hub") == ["huber"])
    #expect(words("show", "flux.hub") == ["flux.huber_loss"])
    #expect(words("plot", "huber", "log_c") == ["log_cosh"])
    #expect(words("show", "huber", "") == [])
  }

  @Test("Values of options are candidates")
  func values() {
    #expect(words("list", "--family", "seq") == ["sequence"])
    #expect(words("list", "--dialect=fl") == ["--dialect=flux"])
    #expect(words("eval", "huber", "--element", "") == ["f32", "f64"])
    #expect(words("eval", "huber", "--reduction", "b") == ["batch_mean"])
    #expect(words("eval", "huber", "--class-axis", "") == [])
    #expect(words("eval", "huber", "--objective", "ma") == ["majorizer", ":files"])
    #expect(words("eval", "huber", "--objective", "--li") == ["--link"])
    #expect(words("eval", "--objective", "hub") == ["huber"])
    #expect(words("eval", "--objective", "exact", "hub") == ["huber"])
  }

  @Test("Options and inputs of the loss on the line are candidates")
  func named() {
    #expect(words("eval", "huber", "--option", "") == ["delta="])
    #expect(words("plot", "huber", "--option=d") == ["--option=delta="])
    #expect(words("eval", "dice", "--option", "per=s") == ["per=sample", "per=sample_and_class"])
    #expect(words("eval", "dice", "--option", "squared=") == ["squared=true", "squared=false"])
    #expect(words("eval", "flux.huber_loss", "--option", "").contains("agg="))
    #expect(
      words("eval", "huber", "--input", "") == ["prediction=", "target=", "weight=", "mask="])
    #expect(words("eval", "hinge", "--gradient", "") == ["prediction="])
    #expect(words("eval", "hubr", "--option", "") == [])
  }

  @Test("Files and folders are left to the shell")
  func paths() {
    #expect(words("eval", "huber", "") == [":files"])
    #expect(words("eval", "huber", "a.npy", "b") == [":files"])
    #expect(words("eval", "huber", "--input", "target=a") == [":files"])
    #expect(words("eval", "huber", "--gradient=prediction=") == [":files"])
    #expect(words("verify", "--report", "") == [":files"])
    #expect(words("--plugin", "") == [":files"])
    #expect(words("catalog", "-o", "") == [":folders"])
  }

  @Test("A library that cannot be loaded is ignored")
  func library() {
    #expect(words("--plugin", "none.so", "show", "hub") == ["huber"])
    #expect(words("show", "--plugin=none.so", "hub") == ["huber"])
  }

  @Test("The script of each shell calls the tool", arguments: CompletionScripts.allCases)
  func scripts(_ shell: CompletionScripts) {
    let run = Run("completion", shell.rawValue)
    #expect(run.status == 0)
    #expect(run.output.contains("completion words -- "))
  }

  @Test("Another shell is rejected")
  func otherShell() {
    let run = Run("completion", "bsh")
    #expect(run.status == 2)
    #expect(
      run.errors == """
        losses completion: SHELL is "bsh"; expected one of bash, zsh, fish. Did you mean "bash"?
        See "losses completion --help".

        """)
    #expect(Run("completion", "bash", "more").status == 2)
  }
}
