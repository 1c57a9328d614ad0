/// A number, or true or false, as it is written.
///
/// The text is kept until it is known what kind of element it makes: `1` and `1.0` mean different
/// kinds, and a detour through `Double` would round a `Float` twice and an `Int` beyond 2⁵³.
struct JSONNumber: Hashable {
  enum Form { case whole, real, flag }

  let text: String
  let form: Form

  /// A bare word, or nil if it is none that stands for a number, true or false.
  init?(word: String) {
    if word == "true" || word == "false" {
      self.init(text: word, form: .flag)
    } else if let special = JSONNumber.specials[word] {
      self.init(text: special, form: .real)
    } else {
      // Double's own reader also knows hexadecimal numbers and words.
      let isDecimal = word.utf8.allSatisfy {
        JSONNumber.isDigit($0) || ".eE+-".utf8.contains($0)
      }
      guard isDecimal, Double(word) != nil else { return nil }
      self.init(text: word, form: word.utf8.contains(where: ".eE".utf8.contains) ? .real : .whole)
    }
  }

  /// A text in quotes, or nil if it is none that stands for a number that JSON cannot write.
  init?(quoted text: String) {
    guard let special = JSONNumber.specials[text] else { return nil }
    self.init(text: special, form: .real)
  }

  private init(text: String, form: Form) {
    self.text = text
    self.form = form
  }

  /// The nearest number of a kind, or nil for true and false and for what is too large to be one.
  func real<Scalar: BinaryFloatingPoint & LosslessStringConvertible>(
    as _: Scalar.Type = Scalar.self
  ) -> Scalar? {
    guard form != .flag, let number = Scalar(text) else { return nil }
    // What is written in digits has a value; infinity would be another one.
    let isSpecial = text.utf8.last.map(JSONNumber.isLetter) == true
    return number.isFinite || isSpecial ? number : nil
  }

  /// The whole number, or nil if it is not written as one or too large.
  var whole: Int? { form == .whole ? Int(text) : nil }

  /// True or false, or nil for a number.
  var flag: Bool? { form == .flag ? text == "true" : nil }

  /// The words for numbers that JSON cannot write: our own, and those of Python's and
  /// JavaScript's writers.
  private static let specials = [
    "nan": "nan", "inf": "inf", "-inf": "-inf", "+inf": "inf",
    "NaN": "nan", "Infinity": "inf", "-Infinity": "-inf",
  ]

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
}
