import Foundation
import LossFiles
import LossFunctions
import Testing

@testable import LossTool

/// The tool as a worker: partial results in files, and their merge.
@Suite struct PartialTests {
  /// Five shards of different sizes in a folder, and all of them in two files.
  private func withShards(_ work: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let numbers = (0..<60).map { Float($0 * $0 % 17) / 7 }
      let labels = (0..<20).map { $0 % 3 }
      func write(_ name: String, _ rows: Range<Int>) throws {
        try NumPyFile.write(
          .float32(
            Tensor(
              shape: [rows.count, 3],
              scalars: Array(numbers[rows.lowerBound * 3..<rows.upperBound * 3]))),
          to: "\(folder)/\(name)-p.npy")
        try NumPyFile.write(.int64(Tensor(Array(labels[rows]))), to: "\(folder)/\(name)-t.npy")
      }
      let bounds = [0, 4, 5, 11, 18, 20]
      for (index, rows) in zip(bounds, bounds.dropFirst()).map({ $0..<$1 }).enumerated() {
        try write("shard-\(index)", rows)
      }
      try write("all", 0..<20)
      try work(folder)
    }
  }

  private func words(_ folder: String, _ name: String) -> [String] {
    ["eval", "cross_entropy", "\(folder)/\(name)-p.npy", "\(folder)/\(name)-t.npy"]
  }

  private func run(_ words: [String], _ more: String...) -> Run { Run(words + more) }

  @Test("Shards, row ranges, one file and standard notation give the same digits")
  func mergesShards() throws {
    try withShards { folder in
      let call = Run(words(folder, "all"))
      let shards = run(words(folder, "shard-*"), "--partial", "\(folder)/parts")
      #expect(shards.status == 0, "\(shards.errors)")
      #expect(shards.errors.contains("5 of 5: \(folder)/parts/4.partial: 2 rows"))
      let merged = Run("merge", "\(folder)/parts")
      #expect(merged.output == call.output && merged.status == 0)
      for rows in ["0:7", "7:8", "8:20"] {
        let part = run(
          words(folder, "all"), "--rows", rows, "--partial", "\(folder)/rows-\(rows).partial")
        #expect(part.status == 0, "\(part.errors)")
      }
      let files = ["8:20", "0:7", "7:8"].map { "\(folder)/rows-\($0).partial" }
      #expect(Run(["merge"] + files).output == call.output)
      let half = Run("merge", files[0], files[2], "--partial", "\(folder)/half.partial")
      #expect(half.status == 0 && half.output.isEmpty)
      #expect(Run("merge", "\(folder)/half.partial", files[1]).output == call.output)
      #expect(Run("merge", "\(folder)/half.partial").status == 1)
      #expect(run(words(folder, "all"), "--partial", "\(folder)/all.partial").status == 0)
      let object = try json(Run("merge", "\(folder)/all.partial", "--json").output)
      #expect(object["terms"] as? Int == 20)
      let bytes = try Data(contentsOf: URL(filePath: "\(folder)/all.partial"))
      #expect(bytes.count < 600)
    }
  }

  @Test("A shard that is evaluated alone can say of how many it is one")
  func countsShards() throws {
    try withShards { folder in
      let files = (0..<5).map { "\(folder)/\($0).partial" }
      for (index, file) in files.enumerated() {
        let worker = run(
          words(folder, "shard-\(index)"), "--shards", "5", "--partial", file)
        #expect(worker.status == 0, "\(worker.errors)")
      }
      #expect(Run(["merge"] + files).output == Run(words(folder, "all")).output)
      let gap = Run(["merge"] + files.dropLast())
      #expect(gap.status == 1 && gap.output.isEmpty)
      #expect(gap.errors.contains("cover 4 shards") && gap.errors.contains("5, the number of"))
    }
  }

  @Test("A worker skips the shards that have their partial result, and refuses one that changed")
  func resumes() throws {
    try withShards { folder in
      let evaluate = words(folder, "shard-*") + ["--partial", "\(folder)/parts"]
      #expect(Run(evaluate).status == 0)
      try FileManager.default.removeItem(atPath: "\(folder)/parts/3.partial")
      let again = Run(evaluate)
      #expect(again.status == 0)
      #expect(again.errors.components(separatedBy: "evaluated before").count == 5)
      // The file of a shard that has changed since.
      try NumPyFile.write(
        .float32(Tensor(shape: [1, 3], scalars: [0.5, 2, 1])), to: "\(folder)/shard-1-p.npy")
      let changed = Run(evaluate)
      #expect(changed.status == 1)
      #expect(changed.errors.contains("parts/1.partial covers"))
      #expect(changed.errors.contains("which changed since"))
      #expect(Run("merge", "\(folder)/parts").status == 0)
      let checked = Run("merge", "\(folder)/parts", "--check-inputs")
      #expect(checked.status == 1)
      #expect(checked.errors.contains("shard-1-p.npy") && checked.errors.contains("changed since"))
    }
  }

  @Test(
    "What would be counted twice, or is missing, or is not what was written, is refused by name")
  func refuses() throws {
    try withShards { folder in
      #expect(run(words(folder, "shard-*"), "--partial", "\(folder)/parts").status == 0)
      func message(_ arguments: String...) -> String {
        let result = Run(["merge"] + arguments)
        #expect(result.status == 1 && result.output.isEmpty, "\(arguments)")
        return result.errors
      }
      let parts = "\(folder)/parts"
      #expect(message(parts, "\(parts)/2.partial").contains("shard-2-p.npy"))
      #expect(message(parts, "\(parts)/2.partial").contains("is counted twice"))
      #expect(message("\(parts)/0.partial", "\(parts)/1.partial").contains("cover 2 shards"))
      let rows = run(
        words(folder, "all"), "--rows", "0:7", "--partial", "\(folder)/first.partial")
      #expect(rows.status == 0)
      #expect(message("\(folder)/first.partial").contains("no partial for rows 7:20"))
      // Truncated, altered, and no partial result at all.
      let bytes = try Data(contentsOf: URL(filePath: "\(parts)/0.partial"))
      try bytes.dropLast(3).write(to: URL(filePath: "\(folder)/short.partial"))
      #expect(message(parts, "\(folder)/short.partial").contains("short.partial was truncated"))
      var altered = bytes
      altered[40] ^= 4
      try altered.write(to: URL(filePath: "\(folder)/altered.partial"))
      #expect(message(parts, "\(folder)/altered.partial").contains("altered.partial was truncated"))
      #expect(message("\(folder)/all-p.npy").contains("is no partial result"))
      #expect(message("\(folder)/none.partial").contains("does not exist"))
      // Other options, another reduction, another element type.
      for option in [
        ["--option", "label_smoothing=0.1"], ["--reduction", "sum"], ["--element", "f64"],
      ] {
        let other = Run(
          words(folder, "all") + option + ["--partial", "\(folder)/other\(option.count).partial"])
        #expect(other.status == 0)
        let error = message(parts, "\(folder)/other\(option.count).partial")
        #expect(error.contains("\(folder)/other2.partial") && error.contains("as the others"))
        try FileManager.default.removeItem(atPath: "\(folder)/other2.partial")
      }
      // Of another version, which only the JSON form, that has no hash, can be made to say.
      let json = try JSONEncoder().encode(LossPartial(path: "\(parts)/2.partial"))
      let older = String(decoding: json, as: UTF8.self).replacing(
        "\"version\":\"\(libraryVersion)\"", with: "\"version\":\"0.0.1\"")
      let partial = try JSONDecoder().decode(LossPartial.self, from: Data(older.utf8))
      try Data(partial.bytes).write(to: URL(filePath: "\(folder)/older.partial"))
      let others = ["0", "1", "3", "4"].map { "\(parts)/\($0).partial" }
      let refused = Run(["merge"] + others + ["\(folder)/older.partial"])
      #expect(refused.status == 1 && refused.output.isEmpty)
      #expect(refused.errors.contains("older.partial has the version 0.0.1"))
    }
  }

  @Test("Wrong uses are refused, and write nothing")
  func refusesUses() throws {
    try withShards { folder in
      let all = words(folder, "all")
      let out = "\(folder)/out.partial"
      for wrong in [
        ["--rows", "5:5"], ["--rows", "a:b"], ["--shards", "0"], ["--gradient", "prediction=-"],
      ] {
        #expect(Run(all + ["--partial", out] + wrong).status == 2)
      }
      #expect(Run(all + ["--rows", "0:5"]).status == 2)
      #expect(Run(all + ["--shards", "2"]).status == 2)
      #expect(Run(all + ["--partial", out, "--rows", "0:21"]).status == 1)
      #expect(Run(words(folder, "shard-*") + ["--partial", out, "--rows", "0:1"]).status == 2)
      #expect(Run(words(folder, "shard-*") + ["--partial", out, "--shards", "5"]).status == 2)
      #expect(Run(words(folder, "nothing-*") + ["--partial", out]).status == 1)
      let coupled = Run("eval", "ntxent", "[[1, 0], [0, 1]]", "[0, 1]", "--partial", out)
      #expect(coupled.status == 1 && coupled.errors.contains("Gather "))
      try FileManager.default.removeItem(atPath: "\(folder)/shard-2-t.npy")
      let missing = Run(words(folder, "shard-*") + ["--partial", "\(folder)/parts"])
      #expect(missing.status == 1 && missing.errors.contains("no file of target for shard 2"))
      #expect(!FileManager.default.fileExists(atPath: out))
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/parts"))
    }
  }

  @Test("Blocks of rows give the digest and the sums of one block")
  func readsBlocks() throws {
    try withTemporaryFolder { folder in
      let count = 300_001
      let numbers = (0..<4 * count).map { Float($0 % 1013) / 91 }
      for (name, list) in [("p", numbers), ("t", numbers.reversed())] {
        try NumPyFile.write(
          .float32(Tensor(shape: [count, 4], scalars: list)), to: "\(folder)/\(name).npy")
      }
      let all = ["eval", "huber", "\(folder)/p.npy", "\(folder)/t.npy"]
      #expect(Run(all + ["--partial", "\(folder)/a.partial"]).status == 0)
      let whole = try LossPartial(path: "\(folder)/a.partial")
      let call = try HuberLoss().partial([
        .prediction: TensorFile.read("\(folder)/p.npy"),
        .target: TensorFile.read("\(folder)/t.npy"),
      ])
      #expect(try whole.value == call.value && whole.termCount == 4 * count)
      #expect(Run(all + ["--partial", "\(folder)/b.partial", "--rows", "5:300001"]).status == 0)
      #expect(Run(all + ["--partial", "\(folder)/c.partial", "--rows", "0:5"]).status == 0)
      #expect(
        Run("merge", "\(folder)/b.partial", "\(folder)/c.partial").output
          == Run("merge", "\(folder)/a.partial").output)
    }
  }

  @Test("a weight that may be of rows or repeated over them is refused; options are shared")
  func broadcastWeights() throws {
    try withTemporaryFolder { folder in
      let out = "\(folder)/a.partial"
      let inputs = ["[[0.5, 0.25], [0.75, 0.5]]", "[[1, 0], [0, 1]]"]
      let name = "torch.binary_cross_entropy"
      let ambiguous = Run(
        ["eval", name] + inputs + ["--input", "weight=[1, 10]", "--partial", out])
      #expect(ambiguous.status == 1 && ambiguous.errors.contains("[1, 2] for the last axes"))
      let weighted = ["--input", "weight=[[1, 10]]", "--partial"]
      #expect(Run(["eval", name] + inputs + weighted + [out]).status == 0)
      let plain = Run(["eval", name] + inputs + ["--input", "weight=[1, 10]"])
      #expect(Run("merge", out).output == plain.output)
      let classes = ["--input", "weight=[1, 3]"]
      let call = ["eval", "torch.cross_entropy", "[[1, 2], [0.5, 0]]", "[0, 1]"] + classes
      #expect(Run(call + ["--rows", "0:1", "--partial", "\(folder)/b.partial"]).status == 0)
      #expect(Run(call + ["--rows", "1:2", "--partial", "\(folder)/c.partial"]).status == 0)
      let merged = Run("merge", "\(folder)/b.partial", "\(folder)/c.partial")
      #expect(merged.output == Run(call).output)
    }
  }
}
