import LossTensors
import Testing

@testable import LossFiles

@Suite struct NumPyHeaderTests {
  @Test("Key order, quotes, spaces and trailing commas may vary as in Python")
  func variants() throws {
    let text = " { \"shape\" :\t( 3 , ) ,'fortran_order':True,\n'descr': '>f8' , } \n"
    let header = try read(text)
    #expect(header.shape.extents == [3])
    #expect(header.isFortranOrder)
    #expect(header.type == NumPyType(.f8, isBigEndian: true))
    #expect(try read(dict(shape: "()")).shape == .scalar)
    #expect(try read(dict(shape: "(2,3)")).shape.extents == [2, 3])
    #expect(try read(dict(shape: "(0, 3,)")).shape.extents == [0, 3])
  }

  @Test(
    "Missing and truncated headers are rejected",
    arguments: [
      ("", "is not a NumPy file; expected a file that begins with \\x93NUMPY."),
      ("504b0304", "is not a NumPy file; expected a file that begins with \\x93NUMPY."),
      ("934e554d5059", "ends inside its header."),
      ("934e554d50590100ff", "ends inside its header."),
      ("934e554d50590400ffff", "has format version 4.0; expected 1.0, 2.0 or 3.0."),
      ("934e554d50590101ffff", "has format version 1.1; expected 1.0, 2.0 or 3.0."),
      ("934e554d505901007600207b", "has 2 bytes of header; expected 118."),
      ("934e554d50590200ffffffff207b", "has 2 bytes of header; expected 4294967295."),
    ]
  )
  func truncated(hex: String, message: String) {
    var bytes = NumPySamples.bytes(hex)[...]
    #expect(
      errorMessage { () throws(LossError) in try NumPyHeader.read(from: &bytes, name: "a.npy") }
        == "a.npy " + message
    )
  }

  @Test(
    "Malformed headers are rejected",
    arguments: [
      "", "[]", "{", "{,}", "{'descr'}", "{'descr': '<f8", dict(shape: "(3)"), dict(shape: "[3]"),
      dict(shape: "(2 3)"), dict(shape: "(,)"), dict(shape: "(1.0,)"), dict(order: "0"),
      dict() + "x",
    ]
  )
  func malformed(text: String) {
    #expect(
      errorMessage { () throws(LossError) in try read(text) } == """
        a.npy has an invalid header; expected a Python dict such as \
        {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}.
        """
    )
  }

  @Test(
    "Invalid keys are reported",
    arguments: [
      ("{}", "without 'descr'"), ("{'descr': '<f8'}", "without 'fortran_order'"),
      ("{'descr': '<f8', 'fortran_order': False}", "without 'shape'"),
      ("{'descr': '<f8', 'descr': '<f8'}", "with an unknown or repeated key, \"descr\""),
      ("{'sha\npe': ()}", "with an unknown or repeated key, \"sha pe\""),
    ]
  )
  func keys(text: String, found: String) {
    #expect(
      errorMessage { () throws(LossError) in try read(text) } == """
        a.npy has a header \(found); \
        expected the keys 'descr', 'fortran_order' and 'shape', each once.
        """
    )
  }

  @Test(
    "Invalid extents are rejected",
    arguments: [
      ("(-1,)", "the extent -1; expected nonnegative extents."),
      (
        "(9223372036854775808,)",
        "the extent 9223372036854775808; expected nonnegative extents."
      ),
      (
        "(4611686018427387904, 2)",
        """
        shape [4611686018427387904, 2]; expected nonnegative extents whose product does not \
        overflow.
        """
      ),
      ("(" + String(repeating: "1,", count: 65) + ")", "65 axes; expected at most 64."),
    ]
  )
  func extents(shape: String, message: String) {
    #expect(
      errorMessage { () throws(LossError) in try read(dict(shape: shape)) } == "a.npy has "
        + message
    )
  }

  @Test("An empty shape whose strides overflow is rejected")
  func strides() {
    let text = dict(order: "True", shape: "(0, 4611686018427387904, 4)")
    #expect(errorMessage { () throws(LossError) in try read(text) }.contains("does not overflow"))
  }
}

private func dict(
  type: String = "'<f8'",
  order: String = "False",
  shape: String = "(2, 3)"
) -> String {
  "{'descr': \(type), 'fortran_order': \(order), 'shape': \(shape), }"
}

private func read(_ text: String) throws(LossError) -> NumPyHeader {
  var parser = NumPyHeaderParser(Array(text.utf8)[...], name: "a.npy")
  return try parser.header()
}
