import Foundation
import Testing

@testable import LossTool

@Suite struct VerifyTests {
  /// A file with a case that passes and one that fails.
  private static let fixture = """
    {
      "schema": 1, "loss": "mean_squared_error", "about": "two cases",
      "sources": {
        "here": {
          "project": "tests", "version": "1", "file": "VerifyTests.swift", "obtained": "derived"
        }
      },
      "flags": {"Wrong": {"hunts": "a bug", "effect": "none"}},
      "cases": [
        {
          "id": "right", "about": "holds", "flags": [], "source": "here", "place": "",
          "inputs": {
            "prediction": {"element": "f64", "shape": [1], "data": [2]},
            "target": {"element": "f64", "shape": [1], "data": [0]}
          },
          "expect": {"value": {"shape": [], "data": [4]}}
        },
        {
          "id": "wrong", "about": "does not hold", "flags": ["Wrong"], "source": "here", "place": "",
          "inputs": {
            "prediction": {"element": "f64", "shape": [1], "data": [2]},
            "target": {"element": "f64", "shape": [1], "data": [0]}
          },
          "expect": {"value": {"shape": [], "data": [5]}}
        }
      ]
    }
    """

  private func withFixture(_ work: (_ file: String, _ folder: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let file = folder + "/two.json"
      try Data(Self.fixture.utf8).write(to: URL(filePath: file))
      try work(file, folder)
    }
  }

  @Test("A failed case is printed, is counted on the last line, and gives status 1")
  func fails() throws {
    try withFixture { file, folder in
      for path in [file, folder] {
        let run = Run("verify", path)
        #expect(run.status == 1, "\(run.errors)")
        #expect(run.output.contains("two#wrong"))
        #expect(!run.output.contains("two#right"))
        #expect(run.output.split(separator: "\n").last == "1 passed, 1 failed")
        #expect(run.errors.isEmpty)
      }
    }
  }

  @Test("A filter selects cases")
  func filters() throws {
    try withFixture { file, _ in
      let run = Run("verify", file, "--filter", "#right")
      #expect(run.status == 0)
      #expect(run.output == "1 passed, 0 failed\n")
      let none = Run("verify", file, "--filter", "#left")
      #expect(none.status == 2)
      #expect(
        none.errors.hasPrefix(
          "losses verify: there is no case whose name contains \"#left\" among 2."))
    }
  }

  @Test("JSON on the output and in a file are equal")
  func reports() throws {
    try withFixture { file, folder in
      let report = folder + "/report.txt"
      let run = Run("verify", file, "--json", "--report", report)
      #expect(run.status == 1)
      #expect(run.errors == "1 passed, 1 failed\n")
      #expect(try String(contentsOfFile: report, encoding: .utf8) == run.output)
      let link = folder + "/link"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
      #expect(Run("verify", file, "--report", link).status == 1)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "/dev/null")
      let result = try json(run.output)
      #expect(result["passed"] as? Int == 1)
      #expect(result["failed"] as? Int == 1)
      let cases = try #require(result["cases"] as? [[String: Any]])
      #expect(cases.map { $0["passed"] as? Bool } == [true, false])
      #expect(cases[1]["flags"] as? [String] == ["Wrong"])
      #expect(
        cases.map { $0["verdicts"] as? [String: Bool] } == [["value": true], ["value": false]])
      #expect((cases[1]["report"] as? String)?.contains("two#wrong") == true)
    }
  }

  @Test("Status 2 if the cases cannot be run")
  func cannotRun() throws {
    try withFixture { file, folder in
      #expect(Run("verify", folder + "/none.json").status == 2)
      #expect(Run("verify", file, "--report", folder + "/no/report.json").status == 2)
      try Data("{".utf8).write(to: URL(filePath: folder + "/broken.json"))
      let run = Run("verify", folder)
      #expect(run.status == 2)
      #expect(run.output.isEmpty)
      #expect(run.errors.contains("broken.json"))
    }
    try withTemporaryFolder { folder in
      #expect(Run("verify", folder).errors.contains("there is no case among 0"))
    }
  }

  static let invalid: [(text: String, replacement: String, message: String)] = [
    (#""id": "right""#, #""id": "left", "id": "right""#, #"has the key "id" twice"#),
    (#""id": "wrong""#, #""id": "right""#, #"cases has the id "right" twice"#),
    (#""id": "right""#, #""id": """#, #"cases[0]: id is ""; expected a name without"#),
    (#""id": "right""#, #""id": "a#b""#, #"id is "a#b""#),
    (#""id": "right""#, #""id": "a/b""#, #"id is "a/b""#),
    (#""id": "right""#, #""id": "a b""#, #"id is "a b""#),
    (
      #""place": "","#, #""place": "", "class_axis": 0.5,"#,
      "cases[0].class_axis: is 0.5; expected an integer"
    ),
    (#""shape": [1]"#, #""shape": [0.5]"#, "shape[0]: is 0.5; expected an integer"),
    (
      #""place": "","#, #""place": "", "because": "", "tolerance": {"ulp": -1},"#,
      "cases[0].tolerance: tolerance is -1.0; expected a number of at least 0"
    ),
    (
      #""place": "","#, #""place": "", "because": "", "tolerance": {"ulp": 1, "absolute": 1},"#,
      "tolerance must be one of ulp, absolute, relative"
    ),
    (
      #"{"value": {"shape": [], "data": [4]}}"#,
      #"{"relation": {"not_equal": 1, "between": [1, 2]}}"#, "relation must be one of less_than"
    ),
  ]

  /// Numbers that an element type does not have.
  static let unrepresentable: [(element: String, number: String, expected: String)] = [
    ("i64", "0.5", "an integer in the range of i64"),
    ("i64", "1e+300", "an integer in the range of i64"),
    ("i64", "\"nan\"", "an integer in the range of i64"),
    ("u8", "-1", "an integer from 0 to 255"), ("u8", "1.5", "an integer from 0 to 255"),
    ("i8", "300", "an integer from -128 to 127"),
    ("u32", "5000000000", "an integer from 0 to 4294967295"), ("bool", "2", "true or false"),
    ("f16", "1000000000", "a number in the range of f16"),
    ("f32", "1e+300", "a number in the range of f32"),
  ]

  @Test("Inputs that their element type cannot hold are refused", arguments: unrepresentable)
  func unrepresentableInputs(element: String, number: String, expected: String) throws {
    try refuses(
      text: #""target": {"element": "f64", "shape": [1], "data": [0]}"#,
      replacement: #""target": {"element": "\#(element)", "shape": [1], "data": [\#(number)]}"#,
      message:
        "a#right: target has \(number.filter { $0 != "\"" }) at [0]; expected \(expected).")
  }

  @Test("Invalid fixtures are refused", arguments: invalid)
  func refuses(text: String, replacement: String, message: String) throws {
    try withTemporaryFolder { folder in
      let file = folder + "/a.json"
      let fixture = Self.fixture.replacing(text, with: replacement, maxReplacements: 1)
      try #require(fixture != Self.fixture)
      try Data(fixture.utf8).write(to: URL(filePath: file))
      let run = Run("verify", file)
      #expect(run.status == 2)
      #expect(run.output.isEmpty)
      #expect(run.errors.contains(message), "\(run.errors)")
    }
  }

  @Test("The built-in corpus is found")
  func builtIn() {
    let run = Run("verify", "--filter", "huber")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains(" passed, 0 failed"))
  }
}
