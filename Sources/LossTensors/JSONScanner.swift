/// Scans JSON text (RFC 8259) into punctuation, words and strings.
///
/// Without Foundation, so that a plug-in depends on the core only. A repeated key is refused: readers
/// differ in which of its values they take.
package struct JSONScanner {
  /// The name of the text in errors.
  package let name: String
  private let code: LossError.Code
  private let bytes: [UInt8]
  private var position = 0

  package init(_ bytes: [UInt8], name: String, code: LossError.Code = .unreadableFile) {
    self.bytes = bytes
    self.name = name
    self.code = code
  }

  /// The next nonspace byte; nil at the end.
  package var next: Unicode.Scalar? {
    mutating get {
      skipSpace()
      return position < bytes.count ? Unicode.Scalar(bytes[position]) : nil
    }
  }

  /// Consumes the next byte if it is the given punctuation mark.
  package mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard next == mark else { return false }
    position += 1
    return true
  }

  package mutating func expect(_ mark: Unicode.Scalar) throws(LossError) {
    guard take(mark) else { throw unexpected("\"\(mark)\"") }
  }

  package mutating func expectEnd() throws(LossError) {
    guard next == nil else { throw unexpected("the end") }
  }

  /// Consumes a comma and returns true, or the closing mark and returns false.
  package mutating func takeComma(orEnd mark: Unicode.Scalar) throws(LossError) -> Bool {
    if take(mark) { return false }
    guard take(",") else { throw unexpected("\",\" or \"\(mark)\"") }
    return true
  }

  /// The next key of an object, up to its value; nil at the end of the object.
  ///
  /// - Parameter keys: the keys before, in UTF-8; none before the opening brace.
  package mutating func key(after keys: inout Set<[UInt8]>) throws(LossError) -> String? {
    if keys.isEmpty {
      try expect("{")
      if take("}") { return nil }
    } else if try !takeComma(orEnd: "}") {
      return nil
    }
    let key = try string()
    // By bytes, since equal strings may have different bytes.
    guard keys.insert(Array(key.utf8)).inserted else { throw repeated(key) }
    try expect(":")
    return key
  }

  /// The characters up to the next punctuation mark or space, possibly none.
  package mutating func word() -> String {
    skipSpace()
    let word = bytes[position...].prefix { $0 > 0x20 && !"[]{},:\"".utf8.contains($0) }
    position = word.endIndex
    return String(decoding: word, as: UTF8.self)
  }

  /// A string literal.
  package mutating func string() throws(LossError) -> String {
    guard next == "\"" else { throw unexpected("a string") }
    var end = position + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard end < bytes.count else { throw error("ends inside a string") }
    let content = bytes[position + 1..<end]
    guard let text = Self.unescaped(content) else {
      throw error(
        "has \(LossError.quotation(content)) at byte \(position)",
        expected: "a string of UTF-8 with valid JSON escapes")
    }
    position = end + 1
    return text
  }

  /// Whether a word is a number of JSON, which has no `+1`, `.5`, `1.` or `01`.
  package static func isNumber(_ word: String) -> Bool {
    var rest = word.utf8[...]
    func digits() -> Int {
      let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      rest = rest[digits.endIndex...]
      return digits.count
    }
    func take(_ marks: String) -> Bool {
      guard let byte = rest.first, marks.utf8.contains(byte) else { return false }
      rest.removeFirst()
      return true
    }
    _ = take("-")
    guard take("0") || digits() > 0 else { return false }
    if take("."), digits() == 0 { return false }
    if take("eE") {
      _ = take("+-")
      if digits() == 0 { return false }
    }
    return rest.isEmpty
  }

  /// The error for a key that an object has twice.
  package func repeated(_ key: String) -> LossError {
    error("has the key \(LossError.quotation(key.utf8)) twice", expected: "keys that differ")
  }

  /// The error for the next token.
  package func unexpected(_ expected: String) -> LossError {
    var copy = self
    guard let mark = copy.next else { return error("ends early", expected: expected) }
    let tokenPosition = copy.position
    let word = (mark == "\"" ? try? copy.string() : nil) ?? copy.word()
    let found = LossError.quotation((word.isEmpty ? String(mark) : word).utf8)
    return error("has \(found) at byte \(tokenPosition)", expected: expected)
  }

  private func error(_ found: String, expected: String = "") -> LossError {
    LossError(code, subject: name, found: found, expected: expected)
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) {
      position += 1
    }
  }

  /// The text of a string literal; nil if it is not UTF-8, has control characters or an escape that
  /// stands for no character, such as half of a surrogate pair.
  private static func unescaped(_ literal: ArraySlice<UInt8>) -> String? {
    guard literal.allSatisfy({ $0 >= 0x20 }) else { return nil }
    var rest = literal
    var text: [UInt8] = []
    while let backslash = rest.firstIndex(of: UInt8(ascii: "\\")) {
      text += rest[..<backslash]
      rest = rest[(backslash + 1)...]
      guard let scalar = escape(&rest) else { return nil }
      text += String(scalar).utf8
    }
    return String(validating: text + rest, as: UTF8.self)
  }

  /// The character of an escape sequence after its backslash.
  private static func escape(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar? {
    guard let letter = rest.popFirst() else { return nil }
    switch Unicode.Scalar(letter) {
    case "\"", "\\", "/": return Unicode.Scalar(letter)
    case "b": return "\u{8}"
    case "f": return "\u{c}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u":
      guard let unit = codeUnit(&rest) else { return nil }
      guard (0xd800..<0xdc00).contains(unit) else { return Unicode.Scalar(unit) }
      // A surrogate pair encodes one scalar outside the basic multilingual plane.
      guard rest.starts(with: "\\u".utf8) else { return nil }
      rest.removeFirst(2)
      guard let low = codeUnit(&rest), (0xdc00..<0xe000).contains(low) else { return nil }
      return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
    default: return nil
    }
  }

  private static func codeUnit(_ rest: inout ArraySlice<UInt8>) -> UInt32? {
    guard rest.count >= 4 else { return nil }
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(rest.removeFirst())).hexDigitValue else {
        return nil
      }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }
}
