import Foundation
import LossConformance
import LossFunctions
import Testing

/// Well-behaved adapters: responses are checked like the results of this library.
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

  @Test("A correct response passes; a wrong value, gradient, sign or shape fails")
  func values() throws {
    let results = try results(
      """
      case $name in
        right) value 4 4;;
        value) value 4.1 4;;
        gradient) value 4 8;;
        sign) value 4 -4;;
        nan) value '"nan"' 4;;
        shape) printf '{"id": %s, "value": {"shape": [1], "data": [4]}}\\n' $id;;
        no-gradient) printf '{"id": %s, "value": {"shape": [], "data": [4]}}\\n' $id;;
      esac
      """
    ) { try $0.cases("right", "value", "gradient", "sign", "nan", "shape", "no-gradient") }
    #expect(results.map(\.isPassed) == [true, false, false, false, false, false, false])
    #expect(results[1].report.contains("off by"))
    #expect(results[3].report.contains("of the wrong sign"))
    #expect(results[5].report.contains("got      shape [1]"))
    #expect(results[6].report.contains("is missing"))
  }

  @Test("An unsupported case neither passes nor fails")
  func unsupported() throws {
    let results = try results(
      #"printf '{"id": %s, "unsupported": "no such loss"}\n' $id"#
    ) { try $0.cases("a", "refused") }
    for result in results {
      #expect(result.outcome == .unsupported("no such loss"))
      #expect(!result.isPassed)
    }
    let counts = ResultCounts.byLoss(results) + ResultCounts.byFlag(results)
    #expect(counts.map(\.name) == ["mean_squared_error", "Toy"])
    #expect(counts.allSatisfy { $0.unsupported == 2 && $0.passed == 0 && $0.failed == 0 })
  }

  @Test("An error is compared by code and subject, if it has them")
  func errors() throws {
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

  @Test("A relation evaluates both cases")
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

  @Test("A case of another framework is translated, and so is its response")
  func translation() throws {
    let script = try AdapterScript(
      """
      echo "$request" > "$here/request"
      printf '{"id": %s, "value": {"shape": [2], "data": [1, 2]}}\\n' $id
      """)
    defer { script.remove() }
    // Flux numbers classes from 1, and its class axis is the first.
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

  @Test("An axis that a framework keeps with extent 1 is restored in the response")
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

  @Test("A case with an unknown name is sent unchanged")
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
