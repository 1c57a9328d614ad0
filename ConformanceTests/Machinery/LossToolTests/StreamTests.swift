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
}
