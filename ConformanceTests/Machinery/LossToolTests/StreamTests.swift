import Foundation
import LossFiles
import LossFunctions
import Testing

@testable import LossTool

/// Streaming of files in chunks.
@Suite struct StreamTests {
  @Test(
    "Value and gradient of a stream are those of a single request",
    arguments: ["huber", "flux.mse"])
  func isTheSame(name: String) throws {
    try withTemporaryFolder { folder in
      let numbers = (0..<70_000).map { Float($0 % 1013) / 91 }
      let files = [folder + "/p.npy", folder + "/t.npy", folder + "/g.npy"]
      try NumPyFile.write(.float32(Tensor(numbers)), to: files[0])
      try NumPyFile.write(.float32(Tensor(numbers.reversed())), to: files[1])
      let words = [name, files[0], files[1], "--gradient", "prediction=\(files[2])"]
      let request = try EvalRequest(
        ArgumentReader(command: .eval).read(words[...]), LossRegistry.linked.checked())
      let streamed = try #require(try request.streamedResult(largestInMemory: 0))
      let whole = try request.result()
      #expect(streamed.value == whole.value)
      #expect(try NumPyFile.read(path: files[2]) == whole.gradients[.prediction])
      #expect(try request.streamedResult() == nil)
    }
  }

  @Test("A stream casts its inputs, and checks their domains unless told otherwise")
  func castsAndChecks() throws {
    try withTemporaryFolder { folder in
      let files = [folder + "/p.npy", folder + "/t.npy"]
      let numbers = (0..<40_000).map { Double($0 % 7) / 7 }
      try NumPyFile.write(.float64(Tensor(numbers)), to: files[0])
      try NumPyFile.write(.int64(Tensor(numbers.map { $0 > 0.8 ? 2 : 1 })), to: files[1])
      func request(_ words: String...) throws -> EvalRequest {
        try EvalRequest(
          ArgumentReader(command: .eval).read((["huber"] + files + words)[...]),
          LossRegistry.linked.checked())
      }
      let cast = try request("--cast", "prediction=f32", "--cast", "target=f32")
      let streamed = try #require(try cast.streamedResult(largestInMemory: 0))
      #expect(streamed.value == (try cast.result()).value)
      #expect(streamed.value.element == .float32)
      func probabilities(_ words: String...) throws -> EvalRequest {
        try EvalRequest(
          ArgumentReader(command: .eval).read((["binary_cross_entropy"] + files + words)[...]),
          LossRegistry.linked.checked())
      }
      #expect(throws: LossError.self) {
        try probabilities().streamedResult(largestInMemory: 0)
      }
      let unchecked = try probabilities("--unchecked")
      #expect(try unchecked.streamedResult(largestInMemory: 0)?.value == unchecked.result().value)
    }
  }
}
