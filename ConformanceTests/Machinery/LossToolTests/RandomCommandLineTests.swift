import LossConformance
import LossFunctions
import Testing

@testable import LossTool

/// No command line may crash the tool: random words from its vocabulary.
@Suite struct RandomCommandLineTests {
  /// Inline values, grouped by shape, since most losses reject inputs of different shapes.
  private static let values = [
    ["0", "1", "-1", "2.5", "-inf", "nan", "true"],
    [
      "[1, 2]", "[0, 1]", "[-1, 1]", "[nan, 1]", "[true, false]", "[0.5, 1e308]",
      "[9223372036854775807, -9223372036854775808]",
    ],
    ["[[1, 2], [3, 4]]", "[[0, 1], [1, 0]]", "[[0.5, 0.5], [1, 0]]", "[1, 0]", "[0.5, -inf]"],
    ["[[[1, 2], [0.5, 0.5]]]", "[[1, 0]]", "[[1, 1]]", "[2]", "[1]", "[[[0.1, 0.9], [1, 0]]]"],
    ["[]", "[[]]", "[[], []]", "[[[], []]]"],
  ]
  private static let optionValues = [
    "0", "1", "-1", "0.5", "1e300", "-1e300", "9223372036854775807", "null", "true", "false", "[]",
    "[1, 2]", "[1]", "machine", "zero", "sample", "class", "sample_and_class", "sum", "none",
    "identity", "dense", "indices", "nan", "inf", "[[1]]", "{}",
  ]
  private static let reductions = [
    "none", "sum", "mean", "batch_mean", "weighted_mean",
    #"{"kind": "mean", "axes": [0]}"#, #"{"kind": "mean", "axes": [-1], "keeps_axes": true}"#,
    #"{"kind": "sum", "axes": [9223372036854775807]}"#, #"{"kind": "mean", "axes": []}"#,
    #"{"kind": "mean", "when_empty": "zero"}"#,
    #"{"kind": "weighted_mean", "when_empty": "nan", "axes": [1]}"#,
    #"{"kind": "batch_mean", "first": {"kind": "mean", "axes": [-1]}}"#,
    #"{"kind": "none", "first": {"kind": "sum", "axes": [0, 1]}}"#,
  ]

  private var generator = SeededGenerator(seed: 20_240_607)

  private mutating func one(of words: [String]) -> String {
    words.randomElement(using: &generator) ?? ""
  }

  private mutating func happens(_ times: Int, in all: Int) -> Bool {
    Int.random(in: 0..<all, using: &generator) < times
  }

  private mutating func commandLine() -> [String] {
    let registry = LossRegistry.linked
    let name = one(of: registry.names + registry.dialectNames)
    let loss = try? registry.loss(named: name)
    let roles = (loss?.arguments ?? []).map(\.name)
    var words = ["eval", name]
    let values =
      happens(4, in: 5) ? Self.values.randomElement(using: &generator) : Self.values.flatMap { $0 }
    let required = roles.count - (loss?.optionalArguments.count ?? 0)
    for index in roles.indices where happens(index < required ? 19 : 5, in: 20) {
      words.append(one(of: values ?? []))
    }
    let optionNames =
      registry.dialectEntry(named: name).map { $0.knownOptions.map { $0.names[0] } }
      ?? registry.entry(named: name)?.options.map(\.name) ?? []
    if happens(1, in: 3), !optionNames.isEmpty {
      words += ["--option", one(of: optionNames) + "=" + one(of: Self.optionValues)]
    }
    if happens(1, in: 3) { words += ["--reduction", one(of: Self.reductions)] }
    if happens(1, in: 12) {
      words += ["--class-axis", one(of: ["0", "1", "-1", "-2", "-9223372036854775808"])]
    }
    if happens(1, in: 3) { words += ["--gradient", one(of: roles + ["mask"]) + "=-"] }
    for role in ["weight", "mask", "target_lengths", "target"] where happens(1, in: 16) {
      words += ["--input", role + "=" + one(of: values ?? [])]
    }
    if happens(1, in: 4) { words += ["--element", one(of: ["f32", "f64"])] }
    if happens(1, in: 4) { words += ["--threads", one(of: ["2", "9223372036854775807"])] }
    if happens(1, in: 4) { words.append("--json") }
    if happens(1, in: 2) { words.append("--unchecked") }
    if happens(1, in: 16) {
      words += [
        "--cast", one(of: roles + ["mask"]) + "=" + one(of: ["f32", "f64", "i64", "bool"]),
      ]
    }
    if happens(1, in: 20) { words.remove(at: Int.random(in: 1..<words.count, using: &generator)) }
    return words
  }

  @Test("Every command line gives a status, and either a value or an error")
  mutating func survives() {
    var successes = 0
    for _ in 0..<2000 {
      let words = commandLine()
      let run = Run(words)
      #expect((0...2).contains(run.status), "\(words)")
      #expect(run.output.isEmpty != run.errors.isEmpty, "\(words)")
      #expect((run.status == 0) == run.errors.isEmpty, "\(words)")
      if run.status == 0 { successes += 1 }
    }
    #expect(successes > 200)
  }
}
