import Foundation
import LossConformance
import LossFunctions
import Testing

/// Misbehaving adapters: the case fails with the reason, and the next case is sent.
@Suite struct AdapterFailureTests {
  /// The result of a case named "bad" between two good ones.
  private func badResult(
    _ behavior: String, timeLimit: Duration = .seconds(20)
  ) throws -> (report: String, adapter: Adapter) {
    let script = try AdapterScript("if [ $name = bad ]; then \(behavior)\nelse value 4 4; fi")
    defer { script.remove() }
    let adapter = try script.adapter(timeLimit: timeLimit)
    let results = try script.cases("good", "bad", "next").map { $0.check(with: adapter) }
    #expect(results.map(\.isPassed) == [true, false, true], "\(results[1].report)")
    return (results[1].report, adapter)
  }

  @Test("After a crash, status and standard error are reported, and the command is restarted")
  func crash() throws {
    let report = try badResult("echo 'Segmentation of something' >&2; exit 3").report
    #expect(report.contains("exited with status 3 before a response"))
    #expect(report.contains("Segmentation of something"))
    #expect(try badResult("kill -9 $$").report.contains("killed by signal 9"))
  }

  @Test("An adapter that times out is killed with its child processes")
  func hang() throws {
    let script = try AdapterScript(
      """
      if [ $name = bad ]; then sleep 600 & echo $! > "$here/child"; wait; fi
      value 4 4
      """)
    defer { script.remove() }
    let adapter = try script.adapter(timeLimit: .milliseconds(500))
    let start = ContinuousClock.now
    let results = try script.cases("good", "bad").map { $0.check(with: adapter) }
    #expect(ContinuousClock.now - start < .seconds(60))
    #expect(results.map(\.isPassed) == [true, false])
    #expect(results[1].report.contains("timed out"))
    let digits = try script.text(of: "child").trimmingCharacters(in: .whitespacesAndNewlines)
    let child = try #require(pid_t(digits))
    // Either the process does not exist, or it is a zombie.
    var isGone = false
    for _ in 0..<500 where !isGone {
      let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
      isGone = kill(child, 0) != 0 || state?.contains(") Z ") == true
      if !isGone { usleep(10_000) }
    }
    #expect(isGone)
  }

  @Test("Lines that are not responses are ignored and reported")
  func chatter() throws {
    let script = try AdapterScript(
      greeting: "echo loading; echo '[1]'; \(AdapterScript.greeting)",
      "echo thinking; echo '{}'; value 4 4; echo done")
    defer { script.remove() }
    let adapter = try script.adapter()
    for one in try script.cases("a", "b", "c") { #expect(one.check(with: adapter).isPassed) }
    #expect(adapter.chatter == ["loading", "[1]", "thinking", "{}", "done"])
    // The last "done" may still be in the pipe.
    #expect(adapter.chatterCount >= 2 + 3 + 3 + 2)
  }

  @Test("Invalid output without a response times out")
  func garbage() throws {
    let limit = Duration.milliseconds(500)
    let (report, adapter) = try badResult(
      #"printf '{"id": %s, "value": NaN}\n' $id; printf '\377\376\n'"#, timeLimit: limit)
    #expect(report.contains("timed out"))
    #expect(adapter.chatterCount == 2)
    #expect(
      try badResult("while :; do echo y; done", timeLimit: limit).report.contains("timed out"))
  }

  @Test("A malformed response fails immediately")
  func malformed() throws {
    for content in ["", #", "value": 4"#, #", "value": {"shape": [2], "data": [4]}"#] {
      let report = try badResult(#"printf '{"id": %s\#(content)}\n' $id"#).report
      #expect(report.contains("its response"), "\(content)")
    }
    let both = #", "value": {"shape": [], "data": [4]}, "unsupported": "or not""#
    #expect(try badResult(#"printf '{"id": %s\#(both)}\n' $id"#).report.contains("exactly one of"))
  }

  @Test("A response with an unknown id fails; a repeated response is ignored")
  func order() throws {
    #expect(
      try badResult("id=$((id + 1)); value 4 4").report
        .contains("responded to request 3; expected request 2"))
    let script = try AdapterScript("value 4 4; value 4 4")
    defer { script.remove() }
    let adapter = try script.adapter()
    for one in try script.cases("a", "b", "c") { #expect(one.check(with: adapter).isPassed) }
  }

  @Test("A closed pipe is reported, and does not end this process")
  func closedPipes() throws {
    #expect(try badResult("exec 1>&-; sleep 600").report.contains("closed its standard output"))
    // The case after the one that closes the input cannot be sent.
    let script = try AdapterScript("value 4 4; if [ $name = last ]; then exec 0<&-; sleep 600; fi")
    defer { script.remove() }
    let adapter = try script.adapter()
    let cases = try script.cases("good", "last", "unsent", "next")
    var results = cases.prefix(2).map { $0.check(with: adapter) }
    usleep(300_000)
    results += cases.suffix(2).map { $0.check(with: adapter) }
    #expect(results.map(\.isPassed) == [true, true, false, true])
    #expect(results[2].report.contains("closed its standard input"))
  }

  @Test("A line may arrive in parts; an incomplete line is reported")
  func partialLines() throws {
    let script = try AdapterScript(
      #"""
      printf '{"id": %s, "val' $id; sleep 0.1
      printf 'ue": {"shape": [], "data": [4]}, "gradients": '; sleep 0.1
      printf '{"prediction": {"shape": [1], "data": [4]}}}\n'
      """#)
    defer { script.remove() }
    let adapter = try script.adapter()
    for one in try script.cases("a", "b") { #expect(one.check(with: adapter).isPassed) }
    let report = try badResult(#"printf '{"id": 2, "val'; exit 0"#).report
    #expect(report.contains("exited with status 0"))
    #expect(report.contains(#"incomplete line: {"id": 2, "val"#))
  }

  @Test("Full pipes do not cause a deadlock")
  func fullPipes() throws {
    let count = 20_000
    let numbers = Array(repeating: "0", count: count).joined(separator: ",")
    let script = try AdapterScript(
      greeting: """
        \(AdapterScript.greeting)
        dd if=/dev/zero bs=1000 count=200 2>/dev/null | tr '\\0' '\\n'
        dd if=/dev/zero bs=1000 count=1000 2>/dev/null | tr '\\0' 'e' >&2
        """, #"printf '{"id": %s, "value": {"shape": [], "data": [0]}}\n' $id"#)
    defer { script.remove() }
    let one = try script.cases([
      #"""
      {"id": "large", "about": "", "flags": [], "source": "here", "place": "",
       "inputs": {"prediction": {"shape": [\#(count)], "data": [\#(numbers)]},
         "target": {"shape": [\#(count)], "data": [\#(numbers)]}},
       "expect": {"value": {"shape": [], "data": [0]}}}
      """#
    ])[0]
    let adapter = try script.adapter(timeLimit: .seconds(60))
    let result = one.check(with: adapter)
    #expect(result.isPassed, "\(result.report.prefix(1000))")
    #expect(adapter.chatterCount == 200_000)
  }

  @Test("A command without a greeting throws")
  func noGreeting() throws {
    for (command, reason) in [
      ("exit 4", "status 4"), ("/nowhere/to/be/found", "status 127"), ("echo hello", "status 0"),
      (#"echo '{"protocol": 2}'; sleep 600"#, "uses protocol version 2"),
    ] {
      let error = #expect(throws: LossError.self) { _ = try Adapter(command: command) }
      #expect(error?.code == .unreadableFile)
      #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }
  }

  @Test("A command is not restarted after twenty failures")
  func restartLimit() throws {
    let script = try AdapterScript(#"echo x >> "$here/starts"; exit 1"#)
    defer { script.remove() }
    let adapter = try script.adapter()
    let one = try script.cases("a")[0]
    for _ in 0..<25 { #expect(!one.check(with: adapter).isPassed) }
    #expect(one.check(with: adapter).report.contains("not sent"))
    #expect(try script.text(of: "starts") == String(repeating: "x\n", count: 20))
  }
}
