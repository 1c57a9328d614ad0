import Foundation
import LossCore

/// Text files.
enum TextFile {
  /// Writes a file atomically: on failure, an existing file is unchanged.
  ///
  /// - Throws: `LossError` of code `unreadable_file` with the system error.
  static func write(_ text: String, to path: String) throws(LossError) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw LossError(
        .unreadableFile, subject: path,
        found: "cannot be written: \(error.localizedDescription)",
        expected: "a writable path")
    }
  }
}
