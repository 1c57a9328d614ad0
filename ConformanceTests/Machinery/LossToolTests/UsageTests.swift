import Testing

@testable import LossTool

/// Command lines that cannot be understood: a message, the way to help, and status 2.
@Suite struct UsageTests {
  static let wrong: [(words: String, message: String)] = [
    ("evil", "losses: unknown command \"evil\"; expected one of list, show, eval"),
    ("evil", "Did you mean \"eval\"?"),
    ("--verson", "unknown option \"--verson\"; expected one of --help, -h, --version, --plugin."),
    ("-x", "losses: unknown option \"-x\"; expected one of --help, -h, --version, --plugin."),
    ("--plugin", "losses: --plugin lacks its value; expected FILE."),
    ("--plugin a.so", "losses: no command follows; expected one of list"),
    ("new-plugin", "losses new-plugin: NAME is missing."),
    ("new-plugin robust", "the name is \"robust\"; expected a capital letter"),
    ("new-plugin Robust-Losses", "the name is \"Robust-Losses\"; expected a capital letter"),
    ("new-plugin Verlüste", "the name is \"Verlüste\"; expected a capital letter"),
    ("new-plugin LossCore", "\"LossCore\" is the name of a module already"),
    ("new-plugin Losses", "\"Losses\" is the name of a module already"),
    ("new-plugin CauchyLoss", "\"CauchyLoss\" is the name of a module already"),
    ("new-plugin RegressionLoss", "makes a family \"regression\", which is built in"),
    ("list huber", "losses list: argument \"huber\" is one too many."),
    ("list --family regresion", "losses list: --family is \"regresion\"; expected one of"),
    ("list --family regresion", "Did you mean \"regression\"?"),
    ("list --dialect fluxx", "Did you mean \"flux\"?"),
    ("list --json=yes", "losses list: --json takes no value."),
    ("list --json --json", "losses list: --json is given twice."),
    ("list --family", "losses list: --family lacks its value; expected F."),
    ("list --family --json", "losses list: --family lacks its value; expected F."),
    ("show", "losses show: NAME is missing."),
    ("show huber dice", "losses show: argument \"dice\" is one too many."),
    ("eval", "losses eval: NAME is missing."),
    ("eval huber", "huber: prediction is missing; expected the inputs prediction, target."),
    ("eval huber [1]", "huber: target is missing; expected the inputs prediction, target."),
    ("eval axon.huber [1]", "axon.huber: prediction is missing"),
    (
      "eval huber [1] [1] [2]",
      "losses eval: argument \"[2]\" is one too many; expected prediction, target."
    ),
    (
      "eval sum [1]",
      "losses eval: argument \"[1]\" is one too many; expected none. The inputs of sum follow from its"
        + " options: losses show sum."
    ),
    ("eval huber 1 2 --optoin delta=1", "losses eval: unknown option \"--optoin\""),
    ("eval huber 1 2 --optoin delta=1", "Did you mean \"--option\"?"),
    ("eval huber 1 2 --option delta", "--option is \"delta\"; expected KEY=VALUE."),
    ("eval huber 1 2 --option =1", "--option is \"=1\"; expected KEY=VALUE."),
    ("eval huber 1 2 --option delta=1 --option delta=2", "--option delta is given twice."),
    ("eval huber 1 2 --reduction sum --reduction mean", "--reduction is given twice."),
    ("eval huber 1 2 --input target=3", "--input target is given twice. It is argument 2 already."),
    ("eval flux.mse 1 2 --input ŷ=3", "--input ŷ is given twice. It is argument 1 already."),
    ("eval huber 1 --input target=3 --input target=3", "--input target is given twice."),
    ("eval huber 1 2 --element f16", "--element is \"f16\"; expected one of f32, f64."),
    ("eval huber 1 2 --threads 0", "--threads is \"0\"; expected a whole number of at least 1."),
    ("eval huber 1 2 --threads 99999999999999999999", "expected a whole number of at least 1."),
    ("eval huber 1 2 --class-axis one", "--class-axis is \"one\"; expected a whole number."),
    ("eval huber 1 2 --gradient prediction", "--gradient is \"prediction\"; expected ROLE=FILE."),
    ("eval huber 1 2 --gradient prediction=", "--gradient prediction names no file"),
    (
      "eval huber 1 2 --gradient prediction=a.npy --gradient target=a.npy",
      "a.npy is given for two results."
    ),
    ("eval huber 1 2 --gradient target=- --gradient target=-", "--gradient target is given twice."),
  ]

  @Test("A wrong command line says what is wrong and where help is", arguments: wrong)
  func refuses(words: String, message: String) {
    let words = words.split(separator: " ").map(String.init)
    let run = Run(words)
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains(message), "\(run.errors)")
    let command = Tool.commands.contains { $0.name == words[0] } ? " \(words[0])" : ""
    #expect(run.errors.hasSuffix("\nSee \"losses\(command) --help\".\n"), "\(run.errors)")
  }

  @Test("Without words the help is on the standard error")
  func nothing() {
    let run = Run()
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors == Help.text() + "\n")
  }
}
