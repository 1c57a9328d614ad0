import LossTensors
import Testing

@testable import LossFiles

@Suite struct NumPyHeaderTests {
  @Test("Keys in any order, either quote, spaces and trailing commas are Python's dict too")
  func dialectEntries() throws {
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
    "What is not a header at all is refused",
    arguments: [
      ("", "is not a NumPy file; expected one that begins with \\x93NUMPY."),
      ("504b0304", "is not a NumPy file; expected one that begins with \\x93NUMPY."),
      ("934e554d5059", "ends before its header."),
      ("934e554d50590100ff", "ends before its header."),
      ("934e554d50590400ffff", "has format version 4.0; expected 1.0, 2.0 or 3.0."),
      ("934e554d50590101ffff", "has format version 1.1; expected 1.0, 2.0 or 3.0."),
      ("934e554d505901007600207b", "holds 2 bytes of header; expected 118."),
      ("934e554d50590200ffffffff207b", "holds 2 bytes of header; expected 4294967295."),
    ]
  )
  func truncated(hex: String, message: String) {
    var bytes = NumPySamples.bytes(hex)[...]
    #expect(
      refusal { () throws(LossError) in try NumPyHeader.read(from: &bytes, name: "a.npy") }
        == "a.npy " + message
    )
  }

  @Test(
    "What is not the dict of an array is refused",
    arguments: [
      "", "[]", "{", "{,}", "{'descr'}", "{'descr': '<f8", dict(shape: "(3)"), dict(shape: "[3]"),
      dict(shape: "(2 3)"), dict(shape: "(,)"), dict(shape: "(1.0,)"), dict(order: "0"),
      dict() + "x",
    ]
  )
  func malformed(text: String) {
    #expect(
      refusal { () throws(LossError) in try read(text) } == """
        a.npy has a header that is not the Python dict of an array; expected one such as \
        {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}.
        """
    )
  }

  @Test(
    "Wrong keys are named",
    arguments: [
      ("{}", "without 'descr'"), ("{'descr': '<f8'}", "without 'fortran_order'"),
      ("{'descr': '<f8', 'fortran_order': False}", "without 'shape'"),
      ("{'descr': '<f8', 'descr': '<f8'}", "with an unknown or repeated key, \"descr\""),
      ("{'sha\npe': ()}", "with an unknown or repeated key, \"sha pe\""),
    ]
  )
  func keys(text: String, found: String) {
    #expect(
      refusal { () throws(LossError) in try read(text) } == """
        a.npy has a header \(found); \
        expected the keys 'descr', 'fortran_order' and 'shape', each once.
        """
    )
  }

  @Test(
    "Extents that cannot be are refused",
    arguments: [
      ("(-1,)", "the extent -1; expected extents of zero or more that can be counted."),
      (
        "(9223372036854775808,)",
        "the extent 9223372036854775808; expected extents of zero or more that can be counted."
      ),
      (
        "(4611686018427387904, 2)",
        """
        shape [4611686018427387904, 2]; expected extents of zero or more whose product can be \
        counted.
        """
      ),
      ("(" + String(repeating: "1,", count: 65) + ")", "65 axes; expected at most 64."),
    ]
  )
  func extents(shape: String, message: String) {
    #expect(
      refusal { () throws(LossError) in try read(dict(shape: shape)) } == "a.npy has " + message
    )
  }

  @Test("A shape of nothing whose strides cannot be counted is refused too")
  func strides() {
    let text = dict(order: "True", shape: "(0, 4611686018427387904, 4)")
    #expect(refusal { () throws(LossError) in try read(text) }.contains("can be counted"))
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
