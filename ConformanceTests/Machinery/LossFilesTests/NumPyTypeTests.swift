import Foundation
import LossTensors
import Testing

@testable import LossFiles

@Suite struct NumPyTypeTests {
  @Test(
    "Only numeric types with a supported size and byte order are accepted",
    arguments: [
      ("<f8", "<f8"), (">u2", ">u2"), ("|b1", "|b1"), ("<i1", "|i1"), ("|f8", nil), ("f8", nil),
      ("=f8", nil), ("<f3", nil), ("", nil), ("<", nil),
    ]
  )
  func types(text: String, description: String?) {
    #expect(NumPyType(text)?.description == description)
  }

  @Test("Complex and structured types are rejected")
  func errors() {
    let list = """
      one of f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1 with byte order <, > or |
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

  @Test("Every half-precision bit pattern is converted exactly")
  func halves() {
    for bits in UInt16.min...UInt16.max {
      let exponent = Int(bits >> 10 & 0x1f)
      let fraction = Double(bits & 0x3ff) / 1024
      let magnitude =
        switch exponent {
        case 0: fraction * pow(2, -14)
        case 31: fraction == 0 ? Double.infinity : .nan
        default: (1 + fraction) * pow(2, Double(exponent - 15))
        }
      let number = NumPyData.float(halfBits: bits)
      #expect(Double(number.magnitude) == magnitude || (number.isNaN && magnitude.isNaN))
      #expect((number.sign == .minus) == (bits >> 15 == 1))
    }
  }
}
