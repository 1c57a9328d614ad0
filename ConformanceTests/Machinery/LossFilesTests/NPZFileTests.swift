import Foundation
import LossConformance
import LossTensors
import Testing

@testable import LossFiles

/// NumPy archives and DEFLATE. The samples were written by NumPy 2.4 and zlib 1.3.
@Suite struct NPZFileTests {
  static let plain = bytes(
    """
    UEsDBC0AAAAAAAAAIQBU5Hd9//////////8FABQAYS5ucHkBABAAiAAAAAAAAACIAAAAAAAAAJNOVU1QWQEAdgB7\
    J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAg\
    ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAADAPwAAIEBQSwMELQAA\
    AAAAAAAhAPdAEur//////////wUAFABiLm5weQEAEACYAAAAAAAAAJgAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3In\
    OiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAg\
    ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAEAAAAAAAAAAgAAAAAA\
    AABQSwECLQMtAAAAAAAAACEAVOR3fYgAAACIAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwECLQMtAAAAAAAA\
    ACEA90AS6pgAAACYAAAABQAAAAAAAAAAAAAAgAG/AAAAYi5ucHlQSwUGAAAAAAIAAgBmAAAAjgEAAAAA
    """)
  static let packed = bytes(
    """
    UEsDBC0AAAAIAAAAIQBU5Hd9//////////8FABQAYS5ucHkBABAAiAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQ\
    rZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC4GhgP2DAwKDgBQ\
    SwMELQAAAAgAAAAhAPdAEur//////////wUAFABiLm5weQEAEACYAAAAAAAAAEwAAAAAAAAAm+wX6hsQychQxlCt\
    npJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaxjqaOgq1ChQALgYoYITSTFAaAFBL\
    AQItAy0AAAAIAAAAIQBU5Hd9TAAAAIgAAAAFAAAAAAAAAAAAAACAAQAAAABhLm5weVBLAQItAy0AAAAIAAAAIQD3\
    QBLqTAAAAJgAAAAFAAAAAAAAAAAAAACAAYMAAABiLm5weVBLBQYAAAAAAgACAGYAAAAGAQAAAAA=
    """)

  static func bytes(_ text: String) -> [UInt8] { [UInt8](Data(base64Encoded: text) ?? Data()) }

  @Test("Archives of savez and savez_compressed are read", arguments: [plain, packed])
  func reads(archive: [UInt8]) throws {
    #expect(
      try NPZFile.read(archive, member: "a", name: "x.npz") == .float32(Tensor([1.5, 2.5])))
    #expect(try NPZFile.read(archive, member: "b", name: "x.npz") == .int64(Tensor([0, 1, 2])))
  }

  @Test("A missing tensor and a missing name are reported")
  func names() {
    #expect(
      errorMessage { () throws(LossError) in
        try NPZFile.read(Self.plain, member: "c", name: "x.npz")
      } == "x.npz has no tensor \"c\"; expected one of a, b.")
    #expect(
      errorMessage { () throws(LossError) in
        try NPZFile.read(Self.plain, member: nil, name: "x.npz")
      }
        == "x.npz has 2 tensors; expected x.npz:NAME with one of a, b.")
  }

  @Test("A corrupt archive is rejected or read, and never traps", arguments: [plain, packed])
  func damaged(archive: [UInt8]) {
    var generator = SeededGenerator(seed: 7)
    for length in 0..<archive.count {
      _ = try? NPZFile.read(Array(archive.prefix(length)), member: "a", name: "x.npz")
    }
    for _ in 0..<3000 {
      var bytes = archive
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: bytes.indices, using: &generator)
        bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
      }
      _ = try? NPZFile.read(bytes, member: "a", name: "x.npz")
    }
    #expect(
      errorMessage { () throws(LossError) in
        try NPZFile.read(Array(archive.dropLast(30)), member: "a", name: "x.npz")
      } == "x.npz is not a complete ZIP archive.")
  }

  @Test("A member beyond the memory is refused before it is decompressed")
  func memory() throws {
    let size = 1 << 47
    var archive = Self.packed
    let entry = try #require(archive.firstRange(of: [0x50, 0x4b, 1, 2])).lowerBound
    // The size of a large member is in an extra field of 12 bytes, after the name a.npy.
    archive.replaceSubrange(entry + 24..<entry + 28, with: [0xff, 0xff, 0xff, 0xff])
    archive[entry + 30] = 12
    archive.insert(
      contentsOf: [1, 0, 8, 0] + (0..<8).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) },
      at: entry + 51)
    let message = errorMessage { () throws(LossError) in
      try NPZFile.read(archive, member: "a", name: "x.npz")
    }
    #expect(message.hasPrefix("x.npz has \(size) bytes to read at once; expected at most half"))
    #expect(try NPZFile.read(archive, member: "b", name: "x.npz") == .int64(Tensor([0, 1, 2])))
  }

  @Test("Every DEFLATE block type is decompressed")
  func inflates() {
    let repeated = Array(String(repeating: "abcabcabcabc", count: 3).utf8)
    let fixed = Self.bytes("S0xKTiSEAA==")
    #expect(Inflation.inflate(fixed[...], size: repeated.count) == repeated)
    var mixed = (0..<600).map { (index: Int) -> UInt8 in
      UInt8((index * index * 7 + index / 3) % 251)
    }
    mixed += Array(repeating: UInt8(ascii: "a"), count: 600)
    let dynamic = Self.bytes(
      """
      Y2CXcSjcwBx33OVkIsf2Si8NEX5x3aCWIxIl92IeVStfnpbhbmJgGVC28pX9HJ42oeUBbEdnVKQl57aueaBecc39\
      kP/TfjfuW7tXrdh85ote4WH1KaLzrB7MiDMWZWUR0AruPKva+rmUZY4H4+GZNbm5VVP3f3OY8jXzebno3nJ7sa/P\
      X3wTd6o6IFXzpoBxtifLiQWtFVWdyy4JhK8VbeOeYfFoXoajurScnk/lZobw3Uab3R5N8pd6f+30+QcsRrnbhCte\
      F7EtDhG6uWXOpOkrT/6wbL7jvtv5cpnGo/XdJdmFLUuviift0Zirtj2a7+T0kriw2MLJR9iD10lPlF4bxHZoYn5U\
      cHTB5KOcYZsUpittjRY4O7cmIym7cekN2ewT5uutz5fpvNo9u6O5d8lJJudJHxJupjEsjpJ7fWbXtoM3WSyrT+vP\
      llps92hWvJEIMwOPqk/TUenqFxmf+izebGrLjAxPqVt2V63ips+JiA+zQ2XeXDh44NxLcf8pz/322p/OFD09OdPP\
      wcE/e+o5ydwLrodD38+JUPx888zZu7+0UlazZt6Ke9Nj9WnPlOr8wqYFZ3hCVom0cc+yfro4z11fRd0yovUgf9oZ\
      l6NR35enGfF8ePaKSSmg97rJbJFpOqeqrTnundh/5MZP3extIjUfKwXWJyq9Pr5p1Yajz2Wil7PlP81jWxYp/fTQ\
      uuXrjjyXjV3FVfK6lG99strH83u27bv606Bwv0I3R5/GqXpnkXd3rj/4oRQ6/ZnHFqOdId/XFrmoCPNLGkX0nFdp\
      ep/3bZL1281t6eEh8ZULrsrln3Pc4/Wox4X71p61q7df+mVadcYwcRSMAhoAAA==
      """)
    #expect(Inflation.inflate(dynamic[...], size: mixed.count) == mixed)
    let stored = Self.bytes("AQ0A8v9oZWxsbywgc3RvcmVk")
    #expect(Inflation.inflate(stored[...], size: 13) == Array("hello, stored".utf8))
    #expect(Inflation.inflate(stored[...], size: 12) == nil)
    #expect(Inflation.inflate(stored.dropLast(1)[...], size: 13) == nil)
  }
}
