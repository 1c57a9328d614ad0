import Foundation
import Testing

@testable import LossTool

/// The result of a command line.
struct Run {
  let status: Int32
  let output: String
  let errors: String

  /// Runs the tool in this process.
  init(_ words: [String]) {
    let output = Memory()
    let errors = Memory()
    status = Tool.run(arguments: words, output: output.writer(), errors: errors.writer())
    self.output = output.text
    self.errors = errors.text
  }

  init(_ words: String...) { self.init(words) }
}

/// Collects output in memory.
final class Memory {
  private(set) var bytes: [UInt8] = []
  var text: String { String(decoding: bytes, as: UTF8.self) }

  func writer() -> TextWriter {
    TextWriter { [self] in
      bytes += $0
      return 0
    }
  }
}

/// Runs a function with a temporary folder.
func withTemporaryFolder(_ work: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try work(folder.path)
}

/// Decodes a JSON object.
func json(_ text: String) throws -> [String: Any] {
  let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
  return try #require(value as? [String: Any])
}
