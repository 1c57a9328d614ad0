import Foundation
import LossFunctions
import Testing

@testable import LossTool

@Suite struct JSONTextTests {
  @Test("A value survives a round trip, with any characters in strings")
  func roundTrip() throws {
    let text = "a\"b\\c\nd\te\u{1}f é ŷ 👍 \u{2028} /"
    let value = JSONText.object([
      ("text", .text(text)), ("null", .null), ("flag", .flag(true)), ("integer", .integer(-3)),
      ("list", .list([.text(text), .list([]), .object([])])), (text, .text("")),
    ])
    let decoded = try json(value.written())
    #expect(decoded["text"] as? String == text)
    #expect(decoded["null"] is NSNull)
    #expect(decoded["flag"] as? Bool == true)
    #expect(decoded["integer"] as? Int == -3)
    #expect((decoded["list"] as? [Any])?.count == 3)
    #expect(decoded[text] as? String == "")
  }

  @Test("The value of an option survives a round trip")
  func options() throws {
    let values: [OptionValue] = [
      nil, true, 1, -0.1, 1e300, 2e-300, "word", [1, [2, "a"]], ["a": ["b": nil]], [], [:],
    ]
    for value in values {
      let data = Data(JSONText(value).written().utf8)
      #expect(try JSONDecoder().decode(OptionValue.self, from: data) == value)
    }
    #expect(JSONText(.number(.infinity)).written() == "\"inf\"")
  }

  @Test("Short values are written on one line, long ones on several")
  func layout() {
    let short = JSONText.object([("a", .list([.integer(1), .integer(2)]))])
    #expect(short.written() == #"{"a": [1, 2]}"#)
    let word = JSONText.text(String(repeating: "x", count: 60))
    let long = JSONText.list([.list([word]), word])
    #expect(long.written().split(separator: "\n").count == 4)
  }
}
