import Foundation
import LossCore

/// Whole files of text.
enum TextFile {
  /// Writes a file or, if that fails, leaves what was there.
  ///
  /// - Throws: `LossError` of code `unreadable_file` with what the system says.
  static func write(_ text: String, to path: String) throws(LossError) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw LossError(
        .unreadableFile, subject: path,
        found: "cannot be written: \(error.localizedDescription)",
        expected: "a place to write a file")
    }
  }
}
