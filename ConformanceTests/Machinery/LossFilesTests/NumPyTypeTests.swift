import Foundation
import LossTensors
import Testing

@testable import LossFiles

@Suite struct NumPyTypeTests {
  @Test(
    "Only numeric types with a supported size and byte order are accepted",
    arguments: [
      ("<f8", "<f8"), (">u2", ">u2"), ("|b1", "|b1"), ("<i1", "|i1"), ("|f8", nil), ("f8", nil),
      ("=f8", nil), ("<f3", nil), ("<V2", "<V2"), ("|V2", "<V2"), ("|V1", nil), ("", nil),
      ("<", nil),
    ]
  )
  func types(text: String, description: String?) {
    #expect(NumPyType(text)?.description == description)
  }

  @Test("Complex and structured types are rejected")
  func errors() {
    let list = """
      one of f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1, V2 with byte order <, > or |
      """
    #expect(
      errorMessage { () throws(LossError) in try NumPyFile.read(NumPySamples.complex, name: "a.npy")
      }
        == "a.npy has element type \"<c8\"; expected \(list)."
    )
    #expect(
      errorMessage { () throws(LossError) in try NumPyFile.read(NumPySamples.records, name: "a.npy")
      }
        == "a.npy has a structured element type; expected a numeric element type: \(list)."
    )
  }
}
