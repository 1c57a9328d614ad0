import Foundation
import LossConformance
import LossTensors
import Testing

@testable import LossFiles

@Suite struct SafetensorsFileTests {
  /// Written by `save` of safetensors 0.8.0 from NumPy arrays, one of each element type.
  static let sample = NPZFileTests.bytes(
    """
    AAMAAAAAAAB7Imk2NCI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzAsMTZdfSwiZjY0\
    Ijp7ImR0eXBlIjoiRjY0Iiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOlsxNiwyNF19LCJjYWbDqSBcIlxcXG5cdTAw\
    MDEiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsMl0sImRhdGFfb2Zmc2V0cyI6WzI0LDI0XX0sImYzMiI6eyJkdHlw\
    ZSI6IkYzMiIsInNoYXBlIjpbMSwzXSwiZGF0YV9vZmZzZXRzIjpbMjQsMzZdfSwidTMyIjp7ImR0eXBlIjoiVTMyIiwi\
    c2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMzYsNDBdfSwiaTMyIjp7ImR0eXBlIjoiSTMyIiwic2hhcGUiOlsxXSwi\
    ZGF0YV9vZmZzZXRzIjpbNDAsNDRdfSwiYmYxNiI6eyJkdHlwZSI6IkJGMTYiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNl\
    dHMiOls0NCw1MF19LCJmMTYiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzMsMV0sImRhdGFfb2Zmc2V0cyI6WzUwLDU2\
    XX0sInUxNiI6eyJkdHlwZSI6IlUxNiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzU2LDU4XX0sImkxNiI6eyJk\
    dHlwZSI6IkkxNiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzU4LDYwXX0sImk4Ijp7ImR0eXBlIjoiSTgiLCJz\
    aGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls2MCw2MV19LCJ1OCI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlsxXSwiZGF0\
    YV9vZmZzZXRzIjpbNjEsNjJdfSwiYm9vbCI6eyJkdHlwZSI6IkJPT0wiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMi\
    Ols2Miw2NF19fSAgICAgICAAAAAAAAAAgAcAAAAAAAAAmpmZmZmZuT8AAMA/AAAAgAAAgH//////AAAAgIA/IMDNPQA8\
    AMFmLv//AICA/wEA
    """)

  static let tensors: [(name: String, tensor: AnyTensor)] = [
    ("i64", .int64(Tensor([Int.min, 7]))), ("f64", .float64(Tensor(0.1))),
    ("café \"\\\n\u{1}", .float32(Tensor(trusted: Shape(trusted: [0, 2]), []))),
    ("f32", .float32(Tensor(trusted: Shape(trusted: [1, 3]), [1.5, -0.0, .infinity]))),
    ("u32", AnyTensor(Tensor([UInt32.max]))), ("i32", AnyTensor(Tensor([Int32.min]))),
    ("bf16", half(.bfloat16, [3], [0x3f80, 0xc020, 0x3dcd])),
    ("f16", half(.float16, [3, 1], [0x3c00, 0xc100, 0x2e66])),
    ("u16", AnyTensor(Tensor([UInt16.max]))), ("i16", AnyTensor(Tensor([Int16.min]))),
    ("i8", AnyTensor(Tensor([Int8.min]))), ("u8", AnyTensor(Tensor([UInt8.max]))),
    ("bool", .bool(Tensor([true, false]))),
  ]

  static func half(_ element: ElementType, _ extents: [Int], _ bits: [UInt16]) -> AnyTensor {
    .narrow(
      NarrowTensor(
        trusted: Shape(trusted: extents), element, bits.withUnsafeBytes { Array($0) }))
  }

  /// A file with a header and as many bytes of data.
  static func file(_ header: String, _ dataSize: Int = 0) -> [UInt8] {
    let text = Array(header.utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return length + text + Array(repeating: 1, count: dataSize)
  }

  private func read(_ bytes: [UInt8], _ tensor: String? = nil) throws(LossError) -> AnyTensor {
    try SafetensorsFile.read(bytes, tensor: tensor, name: "a.safetensors")
  }

  @Test("Every element type of the reference implementation is read", arguments: tensors.indices)
  func reads(index: Int) throws {
    let (name, tensor) = Self.tensors[index]
    #expect(try read(Self.sample, name) == tensor)
    try withTemporaryFolder { folder in
      let path = folder + "/a.safetensors"
      try FileBytes.write(Self.sample, to: path)
      #expect(try TensorFile.read("\(path):\(name)") == tensor)
      let reader = try TensorReader("\(path):\(name)")
      #expect(reader.element == tensor.element)
      #expect(reader.byteCount == tensor.shape.count * tensor.element.size)
    }
  }

  @Test("A written file is that of the reference implementation, byte for byte")
  func writes() throws {
    #expect(try SafetensorsFile.write(Self.tensors.reversed()) == Self.sample)
  }

  @Test("A missing tensor and a missing name are reported with the names that there are")
  func names() throws {
    let file = Self.file(
      """
      {"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},\
      "b":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[1,3]}}
      """, 3)
    #expect(try read(file, "a") == AnyTensor(Tensor(UInt8(1))))
    func message(_ name: String?) -> String {
      errorMessage { () throws(LossError) in try read(file, name) }
    }
    #expect(
      message(nil)
        == "a.safetensors has 2 tensors; expected a.safetensors:NAME with one of a, b.")
    #expect(message("c") == "a.safetensors has no tensor \"c\"; expected one of a, b.")
    #expect(
      message("b") == """
        a.safetensors:b has elements of "F8_E4M3"; expected one of U64, I64, F64, F32, U32, I32, \
        BF16, F16, U16, I16, I8, U8, BOOL.
        """)
    #expect(
      errorMessage { () throws(LossError) in try read(Self.file("{}")) }
        == "a.safetensors has 0 tensors; expected at least one.")
  }

  @Test("Names that differ in bytes only are different tensors")
  func composed() throws {
    let names = ["\u{e9}", "e\u{301}"]
    let file = try SafetensorsFile.write([
      (names[0], .bool(Tensor(true))), (names[1], .bool(Tensor(false))),
    ])
    #expect(try read(file, names[0]) == .bool(Tensor(true)))
    #expect(try read(file, names[1]) == .bool(Tensor(false)))
  }

  /// The text of one tensor.
  private static func entry(
    _ name: String, _ offsets: String, dtype: String = "F32", shape: String = "[1]"
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  static let lies: [(header: String, dataSize: Int, message: String)] = [
    (
      entry("a", "[0,4]") + "," + entry("b", "[2,6]"), 6,
      "has a tensor \"b\" at byte 2 that overlaps another; expected byte 4."
    ),
    (
      entry("a", "[0,4]") + "," + entry("b", "[0,4]"), 4,
      "has a tensor \"b\" at byte 0 that overlaps another; expected byte 4."
    ),
    (
      entry("a", "[0,4]") + "," + entry("b", "[8,12]"), 12,
      "has a tensor \"b\" at byte 8 that follows unused bytes; expected byte 4."
    ),
    (
      entry("a", "[4,8]"), 8,
      "has a tensor \"a\" at byte 4 that follows unused bytes; expected byte 0."
    ),
    (entry("a", "[0,4]"), 3, "has 3 bytes of data; expected 4, the end of the last tensor."),
    (entry("a", "[0,4]"), 5, "has 5 bytes of data; expected 4, the end of the last tensor."),
    (entry("a", "[0,8]"), 8, "has 8 bytes of \"a\"; expected 4, for shape [1] of F32."),
    (
      entry("a", "[4,0]"), 4,
      "has data_offsets [4, 0] in \"a\"; expected the first byte and the end."
    ),
    (
      entry("a", "[0,4,8]"), 4,
      "has data_offsets [0, 4, 8] in \"a\"; expected the first byte and the end."
    ),
    (
      entry("a", "[0,9223372036854775807]"), 4,
      "has 9223372036854775807 bytes of \"a\"; expected 4, for shape [1] of F32."
    ),
    (
      entry("a", "[0,4]", shape: "[4611686018427387904]"), 4,
      """
      has 4 bytes of "a"; expected more than fit into memory, for shape [4611686018427387904] of F32.
      """
    ),
    (
      entry("a", "[0,4]", shape: "[4294967296,4294967296]"), 4,
      """
      :a has shape [4294967296, 4294967296]; expected nonnegative extents whose product does not \
      overflow.
      """
    ),
    (
      entry("a", "[0,4]") + "," + entry("a", "[4,8]"), 8,
      "the header of a.safetensors has the key \"a\" twice; expected keys that differ."
    ),
    (
      entry("a", "[0,4]") + "," + entry("\\u0061", "[4,8]"), 8,
      "the header of a.safetensors has the key \"a\" twice; expected keys that differ."
    ),
    ("\"a\":{\"dtype\":\"F32\"}", 0, "has no \"shape\" in \"a\"; expected \(keys)."),
    (
      "\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}", 0,
      "the header of a.safetensors has the key \"dtype\" twice; expected keys that differ."
    ),
    (
      "\"a\":{\"type\":\"F32\"}", 0, "has an unknown key \"type\" in \"a\"; expected \(keys)."
    ),
    (
      "\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}", 0,
      "the header of a.safetensors has the key \"a\" twice; expected keys that differ."
    ),
  ]
  private static let keys = "\"dtype\", \"shape\" and \"data_offsets\""

  @Test("A header that does not describe the file is refused", arguments: lies.indices)
  func refusesLies(index: Int) {
    let (header, size, message) = Self.lies[index]
    let start =
      message.hasPrefix("the header")
      ? "" : message.hasPrefix(":") ? "a.safetensors" : "a.safetensors "
    #expect(
      errorMessage { () throws(LossError) in try read(Self.file("{\(header)}", size), "a") }
        == start + message)
  }

  static let texts: [(header: String, message: String)] = [
    (" {}", "a.safetensors has a header that does not begin with \"{\"."),
    ("", "a.safetensors has a header that does not begin with \"{\"."),
    ("{} x", "the header of a.safetensors has \"x\" at byte 3; expected the end."),
    ("{\"a\":1}", "the header of a.safetensors has \"1\" at byte 5; expected \"{\"."),
    ("{\"a", "the header of a.safetensors ends inside a string."),
    (
      "{" + entry("a", "[0,4]", shape: "[1.0]") + "}",
      "the header of a.safetensors has \"1.0\" at byte 29; expected an integer from 0 to \(Int.max)."
    ),
    (
      "{" + entry("a", "[0,-4]") + "}",
      "the header of a.safetensors has \"-4\" at byte 50; expected an integer from 0 to \(Int.max)."
    ),
    (
      "{" + entry("a", "[0,99999999999999999999]") + "}",
      """
      the header of a.safetensors has "99999999999999999999" at byte 50; expected an integer from \
      0 to \(Int.max).
      """
    ),
    (
      "{\"__metadata__\":{\"a\":1}}",
      "the header of a.safetensors has \"1\" at byte 21; expected a string."
    ),
  ]

  @Test("A header that is not of the format is refused", arguments: texts.indices)
  func refusesText(index: Int) {
    #expect(
      errorMessage { () throws(LossError) in try read(Self.file(Self.texts[index].header, 4)) }
        == Self.texts[index].message)
  }

  @Test("A header length beyond the file or the limit is refused before anything is read")
  func lengths() {
    func message(_ bytes: [UInt8]) -> String {
      errorMessage { () throws(LossError) in try read(bytes) }
    }
    #expect(
      message([1, 2, 3]) == "a.safetensors has 3 bytes; expected a header length of 8 bytes.")
    #expect(
      message([3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]) == """
        a.safetensors has a header of 3 bytes; expected at most 2, the rest of the file.
        """)
    #expect(
      message(Array(repeating: 255, count: 9)) == """
        a.safetensors has a header of 18446744073709551615 bytes; expected at most 100000000.
        """)
    var invalid = Self.file("{\"é\":{}}")
    invalid[10] = 0xff
    #expect(message(invalid) == "a.safetensors has a header that is not UTF-8.")
  }

  @Test("Metadata, and tensors in any order, are accepted")
  func accepts() throws {
    let file = Self.file(
      "{" + Self.entry("b", "[4,8]") + ",\"__metadata__\":{\"format\":\"pt\",\"é\":\"\"},"
        + Self.entry("a", "[0,4]") + "}\n ", 8)
    #expect(try read(file, "a").shape == Shape([1]))
    #expect(
      errorMessage { () throws(LossError) in try read(file, "__metadata__") }
        == "a.safetensors has no tensor \"__metadata__\"; expected one of a, b.")
  }

  @Test("A name that is reserved or given twice is not written")
  func refusesNames() {
    let tensor = AnyTensor(Tensor(1.0))
    #expect(
      errorMessage { () throws(LossError) in try SafetensorsFile.write([("__metadata__", tensor)]) }
        == "the file has a tensor \"__metadata__\"; expected a name that is not reserved.")
    #expect(
      errorMessage { () throws(LossError) in
        try SafetensorsFile.write([("a", tensor), ("a", tensor)])
      } == "the file has two tensors \"a\"; expected names that differ.")
  }

  @Test("Unsigned integers are read, and one that overflows Int is reported with its index")
  func tooLarge() throws {
    var file = Self.file("{" + Self.entry("a", "[0,8]", dtype: "U64") + "}", 8)
    #expect(try read(file) == .int64(Tensor([0x0101_0101_0101_0101])))
    file[file.count - 1] = 255
    #expect(
      errorMessage { () throws(LossError) in try read(file) }
        == """
        a.safetensors:a has \(0xff01_0101_0101_0101 as UInt64) at [0]; expected integers from \(Int.min) to \
        \(Int.max).
        """)
  }

  @Test("A corrupt file is rejected or read, and never traps", arguments: [UInt64(22)])
  func damage(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var errorCount = 0
    for _ in 0..<3000 {
      let bytes = generator.corrupted(
        Self.sample, alphabet: Array("0129,[]{}:\"\\ dtypeshaoffBFIU".utf8))
      if (try? read(bytes, "f32")) == nil { errorCount += 1 }
    }
    #expect((1000..<3000).contains(errorCount))
  }
}
