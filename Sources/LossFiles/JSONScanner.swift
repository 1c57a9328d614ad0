import Foundation
import LossTensors

/// Scans JSON text into punctuation, words and strings.
struct JSONScanner {
  /// The name of the text in errors.
  let name: String
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  /// The next nonspace byte; nil at the end.
  var next: Unicode.Scalar? {
    mutating get {
      skipSpace()
      return position < bytes.count ? Unicode.Scalar(bytes[position]) : nil
    }
  }

  /// Consumes the next byte if it is the given punctuation mark.
  mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard next == mark else { return false }
    position += 1
    return true
  }

  mutating func expect(_ mark: Unicode.Scalar) throws(LossError) {
    guard take(mark) else { throw unexpected("\"\(mark)\"") }
  }

  /// Consumes a comma and returns true, or the closing mark and returns false.
  mutating func takeComma(orEnd mark: Unicode.Scalar) throws(LossError) -> Bool {
    if take(mark) { return false }
    guard take(",") else { throw unexpected("\",\" or \"\(mark)\"") }
    return true
  }

  /// The characters up to the next punctuation mark or space, possibly none.
  mutating func word() -> String {
    skipSpace()
    let word = bytes[position...].prefix { $0 > 0x20 && !"[]{},:\"".utf8.contains($0) }
    position = word.endIndex
    return String(decoding: word, as: UTF8.self)
  }

  /// A string literal.
  mutating func string() throws(LossError) -> String {
    guard next == "\"" else { throw unexpected("a string") }
    var hasEscapes = false
    var end = position + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      let isEscape = bytes[end] == UInt8(ascii: "\\")
      hasEscapes = hasEscapes || isEscape
      end += isEscape ? 2 : 1
    }
    guard end < bytes.count else { throw .unreadable(name, "ends inside a string") }
    let token = bytes[position...end]
    defer { position = token.endIndex }
    if !hasEscapes { return String(decoding: token.dropFirst().dropLast(), as: UTF8.self) }
    // Escapes are left to Foundation, since no number that we write has any.
    guard let text = try? JSONDecoder().decode(String.self, from: Data(token)) else {
      throw .unreadable(
        name,
        "has \(LossError.quotation(token.dropFirst().dropLast())) at byte \(position)",
        expected: "a string with valid JSON escapes"
      )
    }
    return text
  }

  /// The error for the next token.
  func unexpected(_ expected: String) -> LossError {
    var copy = self
    guard let mark = copy.next else { return .unreadable(name, "ends early", expected: expected) }
    let tokenPosition = copy.position
    let word = (mark == "\"" ? try? copy.string() : nil) ?? copy.word()
    let found = LossError.quotation((word.isEmpty ? String(mark) : word).utf8)
    return .unreadable(name, "has \(found) at byte \(tokenPosition)", expected: expected)
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) {
      position += 1
    }
  }
}
