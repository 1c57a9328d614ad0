import Foundation
import LossConformance
import LossFunctions
import Testing

/// What adapters do that behave: answers are judged as ours are.
@Suite struct AdapterTests {
  private func results(
    _ response: String, _ cases: (AdapterScript) throws -> [ConformanceCase]
  ) throws -> [CaseResult] {
    let script = try AdapterScript(response)
    defer { script.remove() }
    let adapter = try script.adapter()
    #expect(adapter.implementation == "a script")
    return try cases(script).map { $0.check(with: adapter) }
  }

  @Test("A right answer passes; a wrong value, slope, sign or shape does not")
  func values() throws {
    let results = try results(
      """
      case $name in
        right) value 4 4;;
        value) value 4.1 4;;
        slope) value 4 8;;
        sign) value 4 -4;;
        nan) value '"nan"' 4;;
        shape) printf '{"id": %s, "value": {"shape": [1], "data": [4]}}\\n' $id;;
        slopeless) printf '{"id": %s, "value": {"shape": [], "data": [4]}}\\n' $id;;
      esac
      """
    ) { try $0.cases("right", "value", "slope", "sign", "nan", "shape", "slopeless") }
    #expect(results.map(\.isPassed) == [true, false, false, false, false, false, false])
    #expect(results[1].report.contains("off by"))
    #expect(results[3].report.contains("of the wrong sign"))
    #expect(results[5].report.contains("got      shape [1]"))
    #expect(results[6].report.contains("is not there"))
  }

  @Test("An unsupported case is neither passed nor failed")
  func unsupported() throws {
    let results = try results(
      #"printf '{"id": %s, "unsupported": "no such loss"}\n' $id"#
    ) { try $0.cases("a", "refused") }
    for result in results {
      #expect(result.outcome == .unsupported("no such loss"))
      #expect(!result.isPassed)
    }
    let tallies = ResultCounts.byLoss(results) + ResultCounts.byFlag(results)
    #expect(tallies.map(\.name) == ["mean_squared_error", "Toy"])
    #expect(tallies.allSatisfy { $0.unsupported == 2 && $0.passed == 0 && $0.failed == 0 })
  }

  @Test("A refusal is compared by code and subject where it has them")
  func refusals() throws {
    let results = try results(
      """
      case $name in
        refused) error='"code": "shape_mismatch", "subject": "target"';;
        refused-plainly) error='"message": "size mismatch"';;
        refused-otherwise) error='"code": "invalid_rank", "subject": "target"';;
        value) error='"message": "I would rather not"';;
        refused-not) value 4 4; continue;;
      esac
      printf '{"id": %s, "error": {%s}}\\n' $id "$error"
      """
    ) {
      try $0.cases("refused", "refused-plainly", "refused-otherwise", "value", "refused-not")
    }
    #expect(results.map(\.isPassed) == [true, true, false, false, false])
    #expect(results[2].report.contains("invalid_rank of target"))
    #expect(results[3].report.contains("I would rather not"))
    #expect(results[4].report.contains("the value [4.0]"))
  }

  @Test("A relation asks for both of its cases")
  func relations() throws {
    let results = try results(
      "case $name in small) value 1 1;; large) value 2 1;; esac"
    ) { script in
      try script.cases(
        [("small", #"{"less_than": "large"}"#), ("large", #"{"less_than": "small"}"#)].map {
          #"""
          {"id": "\#($0)", "about": "", "flags": [], "source": "here", "place": "",
           "inputs": {"prediction": {"shape": [1], "data": [2]},
             "target": {"shape": [1], "data": [0]}},
           "expect": {"relation": \#($1)}}
          """#
        })
    }
    #expect(results.map(\.isPassed) == [true, false])
  }

  @Test("A case under a framework's name is asked in our words, and its answer carried back")
  func translation() throws {
    let script = try AdapterScript(
      """
      echo "$request" > "$here/request"
      printf '{"id": %s, "value": {"shape": [2], "data": [1, 2]}}\\n' $id
      """)
    defer { script.remove() }
    // Flux counts classes from 1 and lays them along the first axis.
    let cases = try script.cases(
      loss: "flux.logitsparsecrossentropy",
      [
        #"""
        {"id": "kept", "about": "", "flags": [], "source": "here", "place": "",
         "inputs": {"prediction": {"element": "f32", "shape": [2, 2], "data": [0.1, -0.0, "inf", 1]},
           "target": {"element": "i64", "shape": [2], "data": [1, 2]}},
         "options": {"agg": "identity"},
         "expect": {"value": {"shape": [2], "data": [1, 2]}}}
        """#
      ])
    let result = cases[0].check(with: try script.adapter())
    #expect(result.isPassed, "\(result.report)")
    #expect(result.ourLoss == "cross_entropy")
    let line = try script.text(of: "request")
    #expect(line.contains(#""data": [0.1, -0.0, "inf", 1.0]"#))
    let request = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(request["loss"] as? String == "cross_entropy")
    #expect(request["protocol"] as? Int == Adapter.protocolVersion)
    #expect(request["reduction"] as? String == "none")
    #expect(request["class_axis"] as? Int == 0)
    #expect(request["element"] as? String == "f32")
    #expect((request["options"] as? [String: Any])?["from_logits"] as? Bool == true)
    let spelled = try #require(request["spelled"] as? [String: Any])
    #expect(spelled["loss"] as? String == "flux.logitsparsecrossentropy")
    let target = (request["inputs"] as? [String: Any])?["target"] as? [String: Any]
    #expect(target?["data"] as? [Int] == [0, 1])
  }

  @Test("An axis that a framework keeps with extent 1 is put back into the answer")
  func keptAxis() throws {
    let results = try results(
      #"printf '{"id": %s, "value": {"shape": [2], "data": [1, 2]}}\n' $id"#
    ) { script in
      try script.cases(
        loss: "flux.logitcrossentropy",
        [
          #"""
          {"id": "kept", "about": "", "flags": [], "source": "here", "place": "",
           "inputs": {"prediction": {"shape": [3, 2], "data": [1, 2, 3, 4, 5, 6]},
             "target": {"shape": [3, 2], "data": [1, 0, 0, 1, 0, 0]}},
           "options": {"agg": "identity"},
           "expect": {"value": {"shape": [1, 2], "data": [1, 2]}}}
          """#
        ])
    }
    #expect(results[0].isPassed, "\(results[0].report)")
  }

  @Test("A name that nobody has is asked as it stands")
  func unknownNames() throws {
    let script = try AdapterScript(
      """
      echo "$request" > "$here/request"
      printf '{"id": %s, "error": {"code": "unknown_loss", "subject": "hubr"}}\\n' $id
      """)
    defer { script.remove() }
    let cases = try script.cases(
      loss: "hubr",
      [
        #"""
        {"id": "a", "about": "", "flags": [], "source": "here", "place": "", "options": {"x": 1},
         "inputs": {"prediction": {"shape": [], "data": [2]}},
         "expect": {"error": {"code": "unknown_loss", "subject": "hubr"}}}
        """#
      ])
    #expect(cases[0].check(with: try script.adapter()).isPassed)
    #expect(try script.text(of: "request").contains(#""loss": "hubr", "options": {"x": 1}"#))
  }
}
