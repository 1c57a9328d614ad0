import Foundation
import Testing

@testable import LossTool

@Suite struct TextWriterTests {
  @Test("Output is written in large chunks")
  func arrives() {
    let memory = Memory()
    let writer = memory.writer()
    let line = String(repeating: "x", count: 999)
    for _ in 0..<100 { writer.write(line: line) }
    #expect(!memory.bytes.isEmpty)
    #expect(memory.bytes.count < 100_000)
    writer.flush()
    #expect(memory.bytes.count == 100_000)
    #expect(writer.failure == nil)
  }

  @Test("After a closed pipe, further output is discarded without an error")
  func closedPipe() {
    var calls = 0
    let writer = TextWriter { _ in
      calls += 1
      return EPIPE
    }
    for _ in 0..<3 {
      writer.write(String(repeating: "x", count: 100_000))
      writer.flush()
    }
    #expect(calls == 1)
    #expect(writer.failure == nil)
  }

  @Test("Any other failure is reported once and changes the status")
  func fullDisk() {
    let errors = Memory()
    let status = Tool.run(
      arguments: ["--version"], output: TextWriter { _ in ENOSPC }, errors: errors.writer())
    #expect(status == 1)
    #expect(errors.text.hasPrefix("The output cannot be written: "))
  }
}
