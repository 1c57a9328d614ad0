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

  @Test(
    "Half precision in either format: value and gradient are those of a single request",
    arguments: [ElementType.float16, .bfloat16, .float32], ["npy", "safetensors"])
  func half(element: ElementType, format: String) throws {
    try withTemporaryFolder { folder in
      let isNumPy = format == "npy"
      let inputs = ["p", "t"].map { folder + (isNumPy ? "/\($0).npy" : "/in.safetensors:\($0)") }
      let outputs = ["p", "t"].map { folder + (isNumPy ? "/g\($0).npy" : "/out.safetensors:\($0)") }
      let value = folder + (isNumPy ? "/v.npy" : "/out.safetensors:value")
      let numbers = (0..<70_000).map { Float($0 % 1013) / 91 }
      try TensorFile.write([
        (AnyTensor(Tensor(numbers)).cast(to: element), inputs[0]),
        (AnyTensor(Tensor(numbers.reversed())).cast(to: element), inputs[1]),
      ])
      func request(_ words: String...) throws -> EvalRequest {
        let gradients = [
          "--gradient", "prediction=\(outputs[0])", "--gradient", "target=\(outputs[1])",
          "--value", value,
        ]
        return try EvalRequest(
          ArgumentReader(command: .eval).read((["huber"] + inputs + gradients + words)[...]),
          LossRegistry.linked.checked())
      }
      for (request, gradientElement) in [
        (try request(), element), (try request("--element", "f32"), .float32),
        (try request("--element", "f64"), .float64),
      ] {
        let streamed = try #require(try request.streamedResult(largestInMemory: 0))
        let whole = try request.result()
        #expect(streamed.value == whole.value)
        #expect(try TensorFile.read(value) == whole.value)
        for (role, output) in zip([Role.prediction, .target], outputs) {
          let gradient = try TensorFile.read(output)
          #expect(gradient == whole.gradients[role])
          #expect(gradient.element == gradientElement)
        }
      }
    }
  }

  @Test("Results of a request are written to one file, whose other tensors are replaced")
  func oneFile() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.safetensors"
      try TensorFile.write(.float64(Tensor(1)), to: path + ":old")
      let run = Run(
        "eval", "mean_squared_error", "[1.0, 3.0]", "[0.0, 1.0]", "--gradient",
        "prediction=\(path):first", "--second-derivative", "prediction=\(path):second",
        "--value", "\(path):terms", "--reduction", "none")
      #expect(run.errors.isEmpty)
      #expect(run.output.isEmpty)
      #expect(try TensorFile.read(path + ":terms") == .float64(Tensor([1, 4])))
      #expect(try TensorFile.read(path + ":first") == .float64(Tensor([2, 4])))
      #expect(try TensorFile.read(path + ":second") == .float64(Tensor([2, 2])))
      let missing = Run("eval", "mean_squared_error", path + ":old", "1.0")
      #expect(
        missing.errors.contains(
          "\(path) has no tensor \"old\"; expected one of first, second, terms."))
      let unnamed = Run("eval", "huber", "1.0", "1.0", "--gradient", "prediction=\(path)")
      #expect(unnamed.errors.contains("\(path) has no tensor name; expected \(path):NAME."))
      #expect(unnamed.status == 1)
    }
  }
}
