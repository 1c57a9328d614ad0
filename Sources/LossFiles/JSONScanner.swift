import Foundation
import LossTensors

/// Takes a JSON text apart into marks, words and texts in quotes.
struct JSONScanner {
  /// What errors call the text.
  let name: String
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  /// The next byte that is no space, or nil at the end.
  var next: Unicode.Scalar? {
    mutating get {
      skipSpace()
      return position < bytes.count ? Unicode.Scalar(bytes[position]) : nil
    }
  }

  /// Whether the next byte is this mark, which is then behind us.
  mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard next == mark else { return false }
    position += 1
    return true
  }

  mutating func expect(_ mark: Unicode.Scalar) throws(LossError) {
    guard take(mark) else { throw unexpected("\"\(mark)\"") }
  }

  /// Whether a list that has a first element has another: a comma says so, the mark denies it.
  mutating func takeComma(orEnd mark: Unicode.Scalar) throws(LossError) -> Bool {
    if take(mark) { return false }
    guard take(",") else { throw unexpected("\",\" or \"\(mark)\"") }
    return true
  }

  /// Everything up to the next mark or space: a number if all is well, perhaps nothing.
  mutating func word() -> String {
    skipSpace()
    let word = bytes[position...].prefix { $0 > 0x20 && !"[]{},:\"".utf8.contains($0) }
    position = word.endIndex
    return String(decoding: word, as: UTF8.self)
  }

  /// A text in quotes.
  mutating func string() throws(LossError) -> String {
    guard next == "\"" else { throw unexpected("a text in quotes") }
    var hasEscapes = false
    var end = position + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      let isEscape = bytes[end] == UInt8(ascii: "\\")
      hasEscapes = hasEscapes || isEscape
      end += isEscape ? 2 : 1
    }
    guard end < bytes.count else { throw .unreadable(name, "ends inside a text in quotes") }
    let token = bytes[position...end]
    defer { position = token.endIndex }
    if !hasEscapes { return String(decoding: token.dropFirst().dropLast(), as: UTF8.self) }
    // The many rules of escapes are Foundation's to know; no number that we write has one.
    guard let text = try? JSONDecoder().decode(String.self, from: Data(token)) else {
      throw .unreadable(
        name,
        "holds \(LossError.quotation(token.dropFirst().dropLast())) at byte \(position)",
        expected: "a text whose escapes are JSON's"
      )
    }
    return text
  }

  /// The error for what stands next.
  func unexpected(_ expected: String) -> LossError {
    var copy = self
    guard let mark = copy.next else { return .unreadable(name, "ends early", expected: expected) }
    let place = copy.position
    let word = (mark == "\"" ? try? copy.string() : nil) ?? copy.word()
    let found = LossError.quotation((word.isEmpty ? String(mark) : word).utf8)
    return .unreadable(name, "holds \(found) at byte \(place)", expected: expected)
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) {
      position += 1
    }
  }
}
