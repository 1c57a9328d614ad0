import Foundation
import LossTensors
import Testing

@testable import LossFiles

@Suite struct NumPyTypeTests {
  @Test(
    "Only numbers of a known size with a byte order are types",
    arguments: [
      ("<f8", "<f8"), (">u2", ">u2"), ("|b1", "|b1"), ("<i1", "|i1"), ("|f8", nil), ("f8", nil),
      ("=f8", nil), ("<f3", nil), ("", nil), ("<", nil),
    ]
  )
  func types(text: String, description: String?) {
    #expect(NumPyType(text)?.description == description)
  }

  @Test("Types that are no numbers are named, and records refused")
  func refusals() {
    let list = """
      one of f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1 after its byte order, <, > or |
      """
    #expect(
      refusal { () throws(LossError) in try NumPyFile.read(NumPySamples.complex, name: "a.npy") }
        == "a.npy holds elements of type \"<c8\"; expected \(list)."
    )
    #expect(
      refusal { () throws(LossError) in try NumPyFile.read(NumPySamples.records, name: "a.npy") }
        == "a.npy holds records, elements of several fields; expected elements of one number: "
        + "\(list)."
    )
  }

  @Test("Every half is the number that its bits stand for")
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
