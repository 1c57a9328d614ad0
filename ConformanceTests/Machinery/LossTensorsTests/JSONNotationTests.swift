import LossTensors
import Testing

@Suite struct JSONNotationTests {
  @Test("Strings have the escapes of the safetensors reference implementation")
  func escapes() {
    #expect(
      JSONNotation.quoted("\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}é😀")
        == #""\"\\/\b\f\n\r\t\u0000\u001f"# + "\u{7f}é😀\"")
  }
}
