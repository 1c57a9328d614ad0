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
}
