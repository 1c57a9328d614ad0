import LossTensors

extension LossError {
  /// The error for an unreadable file or inline value.
  static func unreadable(
    _ name: String,
    _ found: String,
    expected: String = "",
    hint: String = ""
  ) -> LossError {
    LossError(.unreadableFile, subject: name, found: found, expected: expected, hint: hint)
  }

  /// The beginning of a text on one line, so that every message is one line.
  static func excerpt(_ text: some StringProtocol, limit: Int = 40) -> String {
    let words = text.prefix(10 * limit).split(whereSeparator: \.isWhitespace)
    let line = words.joined(separator: " ")
    return line.count > limit ? line.prefix(limit - 1) + "…" : line
  }

  /// The beginning of a text in quotes, with unprintable characters escaped.
  static func quotation(_ bytes: some Collection<UInt8>) -> String {
    excerpt(String(decoding: bytes.prefix(200), as: UTF8.self)).debugDescription
  }
}
