import Testing

@testable import LossTool

/// Usage errors: a message, a reference to the help, and status 2.
@Suite struct UsageTests {
  static let invalid: [(words: String, message: String)] = [
    ("evil", "losses: unknown command \"evil\"; expected one of list, show, eval"),
    ("evil", "Did you mean \"eval\"?"),
    ("--verson", "unknown option \"--verson\"; expected one of --help, -h, --version, --plugin."),
    ("-x", "losses: unknown option \"-x\"; expected one of --help, -h, --version, --plugin."),
    ("--plugin", "losses: --plugin has no value; expected FILE."),
    ("--plugin a.so", "losses: a command is missing; expected one of list"),
    ("new-plugin", "losses new-plugin: NAME is missing."),
    ("new-plugin robust", "the name is \"robust\"; expected a capital letter"),
    ("new-plugin Robust-Losses", "the name is \"Robust-Losses\"; expected a capital letter"),
    ("new-plugin Verlüste", "the name is \"Verlüste\"; expected a capital letter"),
    ("new-plugin LossCore", "\"LossCore\" is already the name of a module"),
    ("new-plugin Losses", "\"Losses\" is already the name of a module"),
    ("new-plugin CauchyLoss", "\"CauchyLoss\" is already the name of a module"),
    ("new-plugin RegressionLoss", "gives the family \"regression\", which is built in"),
    ("list huber", "losses list: unexpected argument \"huber\"."),
    ("list --family regresion", "losses list: --family is \"regresion\"; expected one of"),
    ("list --family regresion", "Did you mean \"regression\"?"),
    ("list --dialect fluxx", "Did you mean \"flux\"?"),
    ("list --json=yes", "losses list: --json takes no value."),
    ("list --json --json", "losses list: --json is given twice."),
    ("list --family", "losses list: --family has no value; expected F."),
    ("list --family --json", "losses list: --family has no value; expected F."),
    ("show", "losses show: NAME is missing."),
    ("show huber dice", "losses show: unexpected argument \"dice\"."),
    ("eval", "losses eval: NAME is missing."),
    ("eval huber", "huber: prediction is missing; expected the inputs prediction, target."),
    ("eval huber [1]", "huber: target is missing; expected the inputs prediction, target."),
    ("eval axon.huber [1]", "axon.huber: prediction is missing"),
    (
      "eval huber [1] [1] [2]",
      "losses eval: unexpected argument \"[2]\"; expected prediction, target."
    ),
    (
      "eval sum [1]",
      "losses eval: unexpected argument \"[1]\"; expected none. The inputs of sum depend on its"
        + " options: see losses show sum."
    ),
    ("eval huber 1 2 --optoin delta=1", "losses eval: unknown option \"--optoin\""),
    ("eval huber 1 2 --optoin delta=1", "Did you mean \"--option\"?"),
    ("eval huber 1 2 --option delta", "--option is \"delta\"; expected KEY=VALUE."),
    ("eval huber 1 2 --option =1", "--option is \"=1\"; expected KEY=VALUE."),
    ("eval huber 1 2 --option delta=1 --option delta=2", "--option delta is given twice."),
    ("eval huber 1 2 --reduction sum --reduction mean", "--reduction is given twice."),
    ("eval huber 1 2 --input target=3", "--input target is given twice. It is already argument 2."),
    ("eval flux.mse 1 2 --input ŷ=3", "--input ŷ is given twice. It is already argument 1."),
    ("eval huber 1 --input target=3 --input target=3", "--input target is given twice."),
    ("eval huber 1 2 --element f16", "--element is \"f16\"; expected one of f32, f64."),
    ("eval huber 1 2 --threads 0", "--threads is \"0\"; expected an integer of at least 1."),
    ("eval huber 1 2 --threads 99999999999999999999", "expected an integer of at least 1."),
    ("eval huber 1 2 --class-axis one", "--class-axis is \"one\"; expected an integer."),
    ("eval huber 1 2 --gradient prediction", "--gradient is \"prediction\"; expected ROLE=FILE."),
    ("eval huber 1 2 --gradient prediction=", "--gradient prediction has no file"),
    (
      "eval huber 1 2 --gradient prediction=a.npy --gradient target=a.npy",
      "a.npy is given for two results."
    ),
    (
      "eval huber 1 2 --value a.npy --gradient target=./a.npy", "./a.npy is given for two results."
    ),
    (
      "eval huber 1 2 --gradient prediction=a.safetensors:g --gradient target=./a.safetensors:g",
      "./a.safetensors:g is given for two results."
    ),
    ("eval huber 1 2 --gradient target=- --gradient target=-", "--gradient target is given twice."),
  ]

  @Test("A usage error has a message and a reference to the help", arguments: invalid)
  func rejects(words: String, message: String) {
    let words = words.split(separator: " ").map(String.init)
    let run = Run(words)
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains(message), "\(run.errors)")
    let command = Tool.commands.contains { $0.name == words[0] } ? " \(words[0])" : ""
    #expect(run.errors.hasSuffix("\nSee \"losses\(command) --help\".\n"), "\(run.errors)")
  }

  @Test("Without arguments, the help is written to the standard error")
  func nothing() {
    let run = Run()
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors == Help.text() + "\n")
  }
}
