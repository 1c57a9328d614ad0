import Foundation
import LossTensors
import Testing

@testable import LossFiles

/// `.npy` files in chunks.
@Suite struct NumPyPartsTests {
  static let tensors: [AnyTensor] = [
    .float32(Tensor(trusted: Shape(trusted: [4, 3]), (0..<12).map { Float($0) / 3 })),
    .float64(Tensor(trusted: Shape(trusted: [4, 3]), (0..<12).map { Double($0) / 7 })),
    .int64(Tensor(trusted: Shape(trusted: [4, 3]), (0..<12).map { $0 - 5 })),
    .bool(Tensor(trusted: Shape(trusted: [4, 3]), (0..<12).map { $0 % 3 == 0 })),
  ]

  @Test("Chunks are read correctly", arguments: tensors)
  func reads(tensor: AnyTensor) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      try NumPyFile.write(tensor, to: path)
      let reader = try NumPyReader(path: path)
      #expect(reader.shape == tensor.shape)
      #expect(reader.element == tensor.element)
      #expect(reader.isRowMajor)
      let first = try reader.read(Shape(trusted: [3, 3]))
      let second = try reader.read(Shape(trusted: [1, 3]))
      #expect(first.shape == Shape(trusted: [3, 3]))
      #expect(first.doubles + second.doubles == tensor.doubles)
    }
  }

  @Test("A file written in chunks is identical to one written at once", arguments: tensors)
  func writes(tensor: AnyTensor) throws {
    try withTemporaryFolder { folder in
      let (path, other) = (folder + "/a.npy", folder + "/b.npy")
      try NumPyFile.write(tensor, to: path)
      let reader = try NumPyReader(path: path)
      let writer = try NumPyWriter(path: other, shape: tensor.shape, element: tensor.element)
      for _ in 0..<4 { try writer.append(reader.read(Shape(trusted: [1, 3]))) }
      #expect(!FileManager.default.fileExists(atPath: other))
      try writer.finish()
      #expect(
        FileManager.default.contents(atPath: path) == FileManager.default.contents(atPath: other))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
    }
  }

  @Test("A discarded file is deleted, and an existing file is kept")
  func discards() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      try NumPyFile.write(.float64(Tensor(1)), to: path)
      let writer = try NumPyWriter(path: path, shape: .scalar, element: .float64)
      try writer.append(.float64(Tensor(2)))
      writer.discard()
      #expect(try NumPyFile.read(path: path) == .float64(Tensor(1)))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
    }
  }

  @Test("A file of the wrong size and a missing file are rejected")
  func errors() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      let bytes = try NumPyFile.write(.float64(Tensor([1, 2, 3])))
      try FileBytes.write(Array(bytes.dropLast()), to: path)
      #expect(
        errorMessage { () throws(LossError) in try NumPyReader(path: path) }
          == "\(path) has 23 bytes of data; expected 24, for shape [3] of <f8.")
      #expect(
        errorMessage { () throws(LossError) in try NumPyReader(path: folder + "/none.npy") }
          == "\(folder)/none.npy does not exist.")
      #expect(
        errorMessage { () throws(LossError) in
          try NumPyWriter(path: folder + "/no/a.npy", shape: .scalar, element: .float64)
        } == "\(folder)/no/a.npy is in a folder that does not exist.")
    }
  }
}
