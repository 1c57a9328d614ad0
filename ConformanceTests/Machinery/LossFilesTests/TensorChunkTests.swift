import Foundation
import LossTensors
import Testing

@testable import LossFiles

/// `.npy` and `.safetensors` files in chunks.
@Suite struct TensorChunkTests {
  private static let shape = Shape(trusted: [4, 3])
  /// One tensor of each element type.
  static let tensors: [AnyTensor] = ElementType.allCases.compactMap { element in
    let numbers: [Double] = (0..<12).map { element == .bool ? Double($0 % 2) : Double($0) }
    let fractions: [Double] = numbers.map { $0 / 7 }
    let tensor = AnyTensor(Tensor(trusted: shape, element.isReal ? fractions : numbers))
    return try? tensor.cast(to: element)
  }
  static let destinations = ["a.npy", "a.safetensors:café:x"]

  @Test("There is a tensor of each element type")
  func elements() { #expect(Self.tensors.map(\.element) == ElementType.allCases) }

  @Test("Chunks are read correctly", arguments: tensors, destinations)
  func reads(tensor: AnyTensor, destination: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/" + destination
      try TensorFile.write(tensor, to: path)
      #expect(try TensorFile.read(path) == tensor)
      let reader = try TensorReader(path)
      #expect(reader.shape == tensor.shape)
      #expect(reader.element == tensor.element)
      #expect(reader.isRowMajor)
      let first = try reader.read(Shape(trusted: [3, 3]))
      let second = try reader.read(Shape(trusted: [1, 3]))
      #expect(first.shape == Shape(trusted: [3, 3]))
      #expect(first.element == tensor.element)
      #expect(first.doubles + second.doubles == tensor.doubles)
    }
  }

  @Test("Files written in chunks are identical to those written at once", arguments: tensors)
  func writes(tensor: AnyTensor) throws {
    try withTemporaryFolder { folder in
      let (npy, other) = (folder + "/a.npy", folder + "/b.npy")
      let shared = folder + "/b.safetensors"
      try NumPyFile.write(tensor, to: npy)
      let destinations = [other, shared + ":z", shared + ":é"]
      let readers = try destinations.map { _ in try TensorReader(npy) }
      var writer = try TensorWriter(
        destinations.map {
          TensorWriter.Output(destination: $0, shape: tensor.shape, element: tensor.element)
        })
      for _ in 0..<4 {
        for (index, reader) in readers.enumerated() {
          try writer.append(reader.read(Shape(trusted: [1, 3])), to: index)
        }
      }
      #expect(!FileManager.default.fileExists(atPath: other))
      try writer.finish()
      let contents = { (path: String) in FileManager.default.contents(atPath: path) }
      #expect(contents(npy) == contents(other))
      #expect(
        contents(shared) == Data(try SafetensorsFile.write([("é", tensor), ("z", tensor)])))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
    }
  }

  @Test("Discarded files are deleted, and existing files are kept")
  func discards() throws {
    try withTemporaryFolder { folder in
      let paths = [folder + "/a.npy", folder + "/a.safetensors:a"]
      for path in paths { try TensorFile.write(.float64(Tensor(1)), to: path) }
      var writer = try TensorWriter(
        paths.map { TensorWriter.Output(destination: $0, shape: .scalar, element: .float64) })
      try writer.append(.float64(Tensor(2)), to: 0)
      writer.discard()
      for path in paths { #expect(try TensorFile.read(path) == .float64(Tensor(1))) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
    }
  }

  @Test("Chunks that do not fit the output are refused, and incomplete files deleted")
  func refusesChunks() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.safetensors"
      func writer() throws -> TensorWriter {
        try TensorWriter(
          ["a", "b"].map {
            TensorWriter.Output(
              destination: path + ":" + $0, shape: Shape(trusted: [2]), element: .float32)
          })
      }
      func message(_ work: () throws(LossError) -> Void) -> String {
        do throws(LossError) { try work() } catch { return error.description }
        return ""
      }
      var first = try writer()
      #expect(
        message { () throws(LossError) in try first.append(.float32(Tensor([1, 2, 3])), to: 0) }
          == "\(path):a gets 3 elements; expected at most 2, the rest of shape [2].")
      #expect(
        message { () throws(LossError) in try first.append(.float64(Tensor([1])), to: 1) }
          == "\(path):b gets f64; expected f32.")
      #expect(
        message { () throws(LossError) in try first.append(.float32(Tensor([1])), to: 2) }
          == "output 2 does not exist; expected one of 2.")
      try first.append(.float32(Tensor([1, 2])), to: 0)
      try first.append(.float32(Tensor([3])), to: 1)
      #expect(
        message { () throws(LossError) in try first.finish() }
          == "\(path):b lacks 1 elements; expected all of shape [2].")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
      for (destination, text) in [
        (path, "\(path) has no tensor name; expected \(path):NAME."),
        ("a.txt", "a.txt has an unsupported file extension; expected .npy or .safetensors:NAME."),
      ] {
        #expect(
          message { () throws(LossError) in
            _ = try TensorWriter([
              TensorWriter.Output(destination: destination, shape: .scalar, element: .float64)
            ])
          } == text)
      }
    }
  }

  @Test("Files of the wrong size and missing files are rejected")
  func errors() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      let bytes = try NumPyFile.write(.float64(Tensor([1, 2, 3])))
      try FileBytes.write(Array(bytes.dropLast()), to: path)
      #expect(
        errorMessage { () throws(LossError) in try TensorReader(path) }
          == "\(path) has 23 bytes of data; expected 24, for shape [3] of <f8.")
      #expect(
        errorMessage { () throws(LossError) in try TensorReader(folder + "/none.npy") }
          == "\(folder)/none.npy does not exist.")
      #expect(
        errorMessage { () throws(LossError) in try TensorReader("a.csv:1") }
          == "a.csv:1 cannot be read in chunks; expected .npy or .safetensors:NAME.")
      let missing = TensorWriter.Output(
        destination: folder + "/no/a.npy", shape: .scalar, element: .float64)
      #expect(
        errorMessage { () throws(LossError) in try TensorWriter([missing]) }
          == "\(folder)/no/a.npy is in a folder that does not exist.")
    }
  }

  @Test("A file that shrinks while it is read is rejected", arguments: destinations)
  func shrinks(destination: String) throws {
    try withTemporaryFolder { folder in
      let argument = folder + "/" + destination
      let path = String(argument.prefix { $0 != ":" })
      try TensorFile.write(Self.tensors[0], to: argument)
      let reader = try TensorReader(argument)
      let size = try #require(FileManager.default.contents(atPath: path)).count
      _ = try reader.read(Shape([1, 3]))
      try #require(truncate(path, size - 13) == 0)
      let message = errorMessage { () throws(LossError) in try reader.read(Shape([3, 3])) }
      #expect(
        message == """
          \(path) was truncated while it was read; expected \(size) bytes, as when it was opened.
          """)
    }
  }

  @Test("A chunk beyond the memory is refused, also of a file that has as many bytes")
  func memory() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      let count = 1 << 45
      let header = NumPyHeader(
        type: NumPyType(.v2), isFortranOrder: false, shape: Shape(trusted: [count])
      ).encoded()
      try FileBytes.write(header, to: path)
      // A file system may have a limit for holes, too.
      guard truncate(path, header.count + 2 * count) == 0 else { return }
      let reader = try TensorReader(path)
      let message = errorMessage { () throws(LossError) in try reader.read(reader.shape) }
      #expect(message.hasPrefix("\(path) has \(2 * count) bytes to read at once; expected at most"))
      #expect(try reader.read(Shape([3])).doubles == [0, 0, 0])
    }
  }

  @Test("Links are followed; loops of links, folders and devices are rejected")
  func links() throws {
    try withTemporaryFolder { folder in
      let (path, link) = (folder + "/a.npy", folder + "/b.npy")
      try NumPyFile.write(.float64(Tensor(1)), to: path)
      func relink(to target: String) throws {
        try? FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
      }
      try relink(to: path)
      #expect(try TensorFile.read(link) == .float64(Tensor(1)))
      for (target, problem) in [
        (link, "is a symbolic link to itself."), (folder, "is a folder; expected a file."),
        ("/dev/zero", "is a device or a pipe; expected a file."),
        (folder + "/none", "does not exist."),
      ] {
        try relink(to: target)
        #expect(
          errorMessage { () throws(LossError) in try TensorFile.read(link) } == "\(link) \(problem)"
        )
        #expect(
          errorMessage { () throws(LossError) in try TensorReader(link) } == "\(link) \(problem)")
      }
      // Written to, a link stays; its file need not exist.
      for (number, target) in [(2, path), (3, folder + "/new.npy"), (4, "new.npy")] {
        try relink(to: target)
        try TensorFile.write(.float64(Tensor(Double(number))), to: link)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
        #expect(try NumPyFile.read(path: link) == .float64(Tensor(Double(number))))
      }
      #expect(try NumPyFile.read(path: path) == .float64(Tensor(2)))
      for (target, problem) in [
        (link, "is a symbolic link to itself."), (folder, "is a folder; expected a file."),
        ("/dev/null", "is a device or a pipe; expected a file."),
      ] {
        try relink(to: target)
        #expect(
          errorMessage { () throws(LossError) in
            try TensorFile.write(.float64(Tensor(1)), to: link)
          } == "\(link) \(problem)")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
    }
  }

  @Test("A file is not written for two tensors, however its path is spelt")
  func spellings() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: ".")
      for file in ["a.npy", "a.json"] {
        for spelling in [file, "./" + file, "link/" + file, "link/./link/" + file] {
          let path = folder + "/" + spelling
          #expect(
            errorMessage { () throws(LossError) in
              try TensorFile.write(
                [(.float64(Tensor(1)), folder + "/" + file), (.float64(Tensor(2)), path)])
            } == "\(path) is given for two tensors; expected files that differ.")
        }
      }
      try TensorFile.write([
        (.float64(Tensor(1)), folder + "/a.safetensors:a"),
        (.float64(Tensor(2)), folder + "/link/a.safetensors:b"),
      ])
      #expect(try TensorFile.read(folder + "/a.safetensors:a") == .float64(Tensor(1)))
      #expect(try TensorFile.read(folder + "/a.safetensors:b") == .float64(Tensor(2)))
    }
  }
}
