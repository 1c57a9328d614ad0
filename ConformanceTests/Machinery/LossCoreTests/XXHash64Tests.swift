import LossCore
import Testing

@Suite struct XXHash64Tests {
  /// Of the byte `7 i + 1` at each index i, by xxhash 4.1.0 for Python; of "abc" by the specification.
  @Test(
    "The hash is XXH64",
    arguments: [
      (0, "ef46db3751d8e999"), (5, "1da48e4b4cafab76"), (7, "34084d91a233a751"),
      (13, "dfced2d95e03c38e"), (31, "6ab1c40e29f50073"), (32, "5a0756fbe9ecd3d1"),
      (33, "dc50cdc37bb9c183"), (39, "e6b392c5985d77ab"), (64, "90083da9cdb9d795"),
    ])
  func values(_ count: Int, _ expected: String) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0 + 1) }
    var whole = XXHash64()
    bytes.withUnsafeBytes { whole.add($0) }
    #expect(whole.text == expected)
    var parts = XXHash64()
    for byte in bytes { [byte].withUnsafeBytes { parts.add($0) } }
    #expect(parts.text == expected)
  }

  @Test("The hash of a word is that of the specification")
  func word() {
    var hash = XXHash64()
    Array("abc".utf8).withUnsafeBytes { hash.add($0) }
    #expect(hash.text == "44bc2cf5ad770999")
  }
}
