/// The text of a number or boolean.
///
/// The text is kept until the element type is known: `1` and `1.0` imply different types, and a
/// conversion through `Double` would round a `Float` twice and an `Int` beyond 2⁵³.
package struct JSONNumber: Hashable {
  package enum Kind { case integer, real, flag }

  let text: String
  let kind: Kind

  /// Parses an unquoted word; nil if it is neither a number nor a boolean.
  init?(word: String) {
    if word == "true" || word == "false" {
      self.init(text: word, kind: .flag)
    } else if let special = JSONNumber.specials[word] {
      self.init(text: special, kind: .real)
    } else {
      // `Double.init` also accepts hexadecimal numbers and words.
      let isDecimal = word.utf8.allSatisfy {
        JSONNumber.isDigit($0) || ".eE+-".utf8.contains($0)
      }
      guard isDecimal, Double(word) != nil else { return nil }
      self.init(text: word, kind: word.utf8.contains(where: ".eE".utf8.contains) ? .real : .integer)
    }
  }

  /// Parses a quoted word; nil if it is not NaN or an infinity.
  init?(quoted text: String) {
    guard let special = JSONNumber.specials[text] else { return nil }
    self.init(text: special, kind: .real)
  }

  /// A number or boolean from its text, which must be valid.
  package init(text: String, kind: Kind) {
    self.text = text
    self.kind = kind
  }

  /// The nearest number of a floating-point type; nil for a boolean or an overflow.
  func real<Scalar: BinaryFloatingPoint & LosslessStringConvertible>(
    as _: Scalar.Type = Scalar.self
  ) -> Scalar? {
    guard kind != .flag, let number = Scalar(text) else { return nil }
    // Digits that overflow to infinity are rejected.
    let isSpecial = text.utf8.last.map(JSONNumber.isLetter) == true
    return number.isFinite || isSpecial ? number : nil
  }

  /// The integer; nil for another notation or an overflow.
  var integer: Int? { kind == .integer ? Int(text) : nil }

  /// The boolean; nil for a number.
  var flag: Bool? { kind == .flag ? text == "true" : nil }

  /// The words for NaN and infinities: ours, and those of Python and JavaScript.
  private static let specials = [
    "nan": "nan", "inf": "inf", "-inf": "-inf", "+inf": "inf",
    "NaN": "nan", "Infinity": "inf", "-Infinity": "-inf",
  ]

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
}
