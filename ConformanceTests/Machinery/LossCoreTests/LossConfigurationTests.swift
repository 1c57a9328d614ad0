import Foundation
import LossFunctions
import Testing

/// The JSON form of losses.
@Suite struct LossConfigurationTests {
  private func read(_ text: String) throws -> LossConfiguration {
    try JSONDecoder().decode(LossConfiguration.self, from: Data(text.utf8))
  }

  @Test("every reduction round-trips through JSON")
  func reductions() throws {
    for kind in Reduction.Kind.allCases {
      for axes in [nil, [], [0], [-1, 2]] {
        for keepsDimensions in [false, true] {
          for whenEmpty in Reduction.EmptyPolicy.allCases {
            for preceding in [
              nil, Reduction.Stage(averages: true, axes: [1]), .init(averages: false, axes: []),
            ] {
              let reduction = Reduction(
                kind, over: axes, keepsDimensions: keepsDimensions, whenEmpty: whenEmpty,
                preceding: preceding)
              let configuration = LossConfiguration(
                "huber", options: ["delta": 2], reduction: reduction, classAxis: -2)
              let data = try JSONEncoder().encode(configuration)
              #expect(
                try JSONDecoder().decode(LossConfiguration.self, from: data) == configuration)
            }
          }
        }
      }
    }
  }

  @Test("all keys are read")
  func keys() throws {
    let configuration = try read(
      """
      {"loss": "huber", "options": {"delta": 0.5}, "class_axis": 1, "reduction":
       {"kind": "mean", "axes": [-1], "keeps_axes": true, "when_empty": "zero",
        "first": {"kind": "sum", "axes": [0]}}}
      """)
    #expect(
      configuration
        == LossConfiguration(
          "huber", options: ["delta": 0.5],
          reduction: Reduction(
            .mean, over: [-1], keepsDimensions: true, whenEmpty: .zero,
            preceding: Reduction.Stage(averages: false, axes: [0])), classAxis: 1))
    #expect(try read(#"{"loss": "huber", "reduction": "sum"}"#).reduction == .sum)
    #expect(try read(#"{"loss": "huber", "reduction": null}"#).reduction == nil)
    #expect(try read(#"{"loss": "huber"}"#) == LossConfiguration("huber"))
  }

  static let refused: [(String, String)] = [
    ("[]", "configuration"), ("3", "configuration"), ("{}", "configuration"),
    (#"{"loss": 3}"#, "configuration"), (#"{"loss": "huber", "options": [1]}"#, "options"),
    (#"{"loss": "huber", "options": null}"#, "options"),
    (#"{"loss": "huber", "reductions": "mean"}"#, "reductions"),
    (#"{"loss": "huber", "reduction": "avg"}"#, "reduction"),
    (#"{"loss": "huber", "reduction": {"axes": [0]}}"#, "reduction"),
    (#"{"loss": "huber", "reduction": {"kind": "mean", "axis": 0}}"#, "reduction"),
    (#"{"loss": "huber", "reduction": {"kind": "mean", "axes": [0.5]}}"#, "reduction"),
    (#"{"loss": "huber", "reduction": {"kind": "mean", "axes": 0}}"#, "reduction"),
    (
      #"{"loss": "huber", "reduction": {"kind": "mean", "first": {"kind": "none", "axes": [0]}}}"#,
      "reduction"
    ),
    (#"{"loss": "huber", "class_axis": "last"}"#, "class_axis"),
    (#"{"loss": "huber", "class_axis": 0.5}"#, "class_axis"),
    (#"{"loss": "huber", "class_axis": 1e300}"#, "class_axis"),
  ]

  @Test("an invalid configuration throws, and the error names the key", arguments: refused)
  func refuses(_ text: String, _ subject: String) throws {
    let error = #expect(throws: LossError.self) { try read(text) }
    #expect(error?.code == .invalidOption)
    #expect(error?.subject == subject)
  }

  @Test("the reduction and the class axis of a configuration are used")
  func used() throws {
    let inputs: LossInputs = [
      .prediction: try tensor([2, 2], [0.5, 0.25, -1.0, 2]), .target: AnyTensor(Tensor([1, 0])),
    ]
    let loss = try LossRegistry.linked.loss(
      read(#"{"loss": "cross_entropy", "reduction": "none", "class_axis": 0}"#))
    let expected = [(0, 1, 1), (1, 0, 0)].map { column, other, _ in
      // With class axis 0 the rows are columns: [0.5, -1] with class 1 and [0.25, 2] with class 0.
      let rows = [[0.5, -1.0], [0.25, 2.0]]
      let label = [1, 0][column]
      _ = other
      let row = rows[column]
      return log(row.map { exp($0) }.reduce(0, +)) - row[label]
    }
    #expect(agree(try loss.evaluate(inputs).value.doubles, expected))
  }
}
