import Foundation
import LossTensors
import Testing

@testable import LossFiles

@Suite struct TensorFileTests {
  @Test(
    "Inline numbers are read",
    arguments: [
      "[1.1, 1.9]", " [1]\n", "3", "-0.5", ".5", "+2", "nan", "-inf", "true", "1e-3",
      "1.00000000000000000000000000000000000000000000000000",
    ]
  )
  func inline(argument: String) throws {
    let expected = try TensorJSON.fixture(TensorJSON.read(argument, name: ""))
    #expect(try TensorJSON.fixture(TensorFile.read(argument)) == expected)
  }

  @Test(
    "Other arguments are rejected",
    arguments: [
      ("x.txt", "x.txt"), ("./x", "./x"), ("1, 2", "1, 2"), ("a.npz2", "a.npz2"), (":", ":"),
      ("", "an empty argument"),
      (String(repeating: "x", count: 50), String(repeating: "x", count: 39) + "…"),
    ]
  )
  func neither(argument: String, subject: String) {
    #expect(
      errorMessage { () throws(LossError) in try TensorFile.read(argument) } == """
        \(subject) is neither a supported file nor a number; expected .npy, .npz:NAME, \
        .safetensors:NAME, .csv:COLUMN, .json, - or an inline value such as '[1.1, 1.9]'.
        """
    )
  }

  @Test("A file extension takes precedence over inline numbers")
  func names() {
    for name in ["./none.npy", "2024.json", "-1.NPY", "[1].json"] {
      #expect(
        errorMessage { () throws(LossError) in try TensorFile.read(name) }
          == "\(name) does not exist."
      )
    }
  }

  @Test("An error in inline numbers quotes them")
  func inlineErrors() {
    #expect(
      errorMessage { () throws(LossError) in try TensorFile.read("[[1, 2],\n [3]]") }
        == "[[1, 2], [3]] has a list of length 1 at [1]; expected a list of length 2, as at [0]."
    )
  }

  @Test("The file extension determines the format, and tensors survive a round trip")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      let tensors: [AnyTensor] = [
        .float32(try Tensor(rows: [[0.1, -0.0], [.infinity, 3]])), .float64(Tensor(0.1)),
        .int64(Tensor([Int.max, Int.min])), .bool(try Tensor(shape: [0, 2], scalars: [])),
      ]
      for tensor in tensors {
        for path in [folder + "/a.npy", folder + "/a.json", folder + "/a.safetensors:a"] {
          try TensorFile.write(tensor, to: path)
          #expect(try TensorFile.read(path) == tensor)
        }
      }
      #expect(
        errorMessage { () throws(LossError) in try TensorFile.write(tensors[0], to: "a.txt") }
          == "a.txt has an unsupported file extension; expected .npy, .safetensors:NAME or .json."
      )
    }
  }
}
