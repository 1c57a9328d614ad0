import LossCore
import Testing

@Suite struct OptionValueJSONTests {
  static let values: [OptionValue] = [
    nil, true, false, 0, -0.0, 0.1, .number(.leastNonzeroMagnitude), 1e300, -1e-7,
    9_007_199_254_740_993, "", "nan",
    "a \"word\" with \\ and \n, τ and 😀, \u{1}", [], [1, [2, [nil]]], [:],
    ["kind": "mean", "axes": [0, -1], "first": ["kind": "sum"]],
  ]

  @Test("Values survive a round trip", arguments: values.indices)
  func roundTrip(index: Int) throws {
    let value = Self.values[index]
    let decoded = try OptionValue(json: value.json.utf8)
    #expect(decoded == value)
    if case .number(let number) = value, case .number(let decodedNumber) = decoded {
      #expect(decodedNumber.bitPattern == number.bitPattern)
    }
  }

  @Test("NaN and infinities are written as strings")
  func words() {
    #expect(OptionValue.number(.infinity).json == "\"inf\"")
    #expect(OptionValue.number(-.infinity).json == "\"-inf\"")
    #expect(OptionValue.number(.nan).json == "\"nan\"")
  }

  static let texts: [(text: String, value: OptionValue)] = [
    (" [ 1 ,\t2.5e1 ]\n", [1, 25]), (#"{"a":{"b":null}}"#, ["a": ["b": nil]]),
    (#""\u0041\/\b\f\n\r\t\"\\""#, "A/\u{8}\u{c}\n\r\t\"\\"),
    (#""\ud83d\ude00 \uD83D\uDE00""#, "😀 😀"), ("[-0.5E+1, 0e0]", [-5, 0]),
  ]

  @Test("JSON in other notations is read", arguments: texts.indices)
  func reads(index: Int) throws {
    #expect(try OptionValue(json: Self.texts[index].text.utf8) == Self.texts[index].value)
  }

  static let malformed = [
    "", " ", "[", "[1", "[1,", "[1,]", "[1 2]", "{", "{\"a\"", "{\"a\":", "{\"a\":1,}", "{1:2}",
    "\"",
    "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "nul", "0x1p3", "inf", "nan", "1e999", "1 2",
    "+", "+1", ".5", "1.", "01", "-", "1e", "-01", "1.e2", "\u{b}1", "1\u{c}",
    #""\ud800""#, #""\ud800\n""#, #""\udc00""#, #""\ud83d\u0041""#, #""\u+123""#, "\"\n\"",
    #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":1}"#, "{\"é\":1,\"e\u{301}\":1}",
    #"[{"b":{"a":1,"b":2,"a":3}}]"#,
    String(repeating: "[", count: 100_000),
  ]

  @Test("Invalid JSON is rejected", arguments: malformed)
  func rejects(text: String) {
    let error = #expect(throws: LossError.self) { try OptionValue(json: text.utf8) }
    #expect(error?.code == .invalidValue)
  }

  @Test("An error names a repeated key")
  func repeatedKey() {
    let error = #expect(throws: LossError.self) {
      try OptionValue(json: #"{"kind":"sum","kind":"mean"}"#.utf8)
    }
    #expect(
      error?.description == #"JSON has the key "kind" twice; expected keys that differ."#)
  }
}
