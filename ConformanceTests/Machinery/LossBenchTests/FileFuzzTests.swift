import LossConformance
import LossFunctions
import Testing

@testable import LossBench

/// Damaged files; `losses-bench --fuzz-files 1000000` reads more.
@Suite struct FileFuzzTests {
  @Test(
    "Damaged files of every format are refused or read, and never trap",
    arguments: [".npy", ".npz", ".safetensors", ".csv", ".json"])
  func formats(name: String) throws {
    let format = try #require(try FileFuzz.formats().first { $0.name == name })
    for sample in format.samples { _ = try format.read(sample) }
    var lines: [String] = []
    let counts = try FileFuzz(count: 3000, seed: 1).run(format) { lines.append($0) }
    #expect(lines.isEmpty)
    #expect(counts.failures == 0)
    #expect(counts.tensors > 50)
    #expect(counts.refusals > 50)
    #expect(counts.tensors + counts.refusals == 3000)
  }

  @Test("A wrong code, a message of several lines and a tensor that changes are failures")
  func failures() throws {
    var format = FileFuzz.Format(
      name: ".none", samples: [[1, 2, 3]], alphabet: [1],
      read: { (_) throws(LossError) in
        throw LossError(.invalidType, subject: "a", found: "is wrong", expected: "right")
      })
    func failures() throws -> Int { try FileFuzz(count: 10, seed: 1).run(format) { _ in }.failures }
    #expect(try failures() == 10)
    format = FileFuzz.Format(
      name: ".none", samples: [[1]], alphabet: [1],
      read: { (_) throws(LossError) in
        throw LossError(.unreadableFile, subject: "a", found: "is\nwrong", expected: "right")
      })
    #expect(try failures() == 10)
    format = FileFuzz.Format(
      name: ".none", samples: [[1]], alphabet: [1],
      read: { (bytes) throws(LossError) in .int64(Tensor([bytes.count])) },
      write: { (tensor) throws(LossError) in Array(repeating: 0, count: Int(tensor.doubles[0]) + 1)
      })
    #expect(try failures() == 10)
  }
}
