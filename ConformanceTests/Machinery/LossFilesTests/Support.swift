import Foundation
import LossConformance
import LossTensors
import Testing

/// The error message of a reader; records an issue if it does not throw.
func errorMessage<Result>(
  _ location: SourceLocation = #_sourceLocation,
  of read: () throws(LossError) -> Result
) -> String {
  do throws(LossError) {
    Issue.record("no error, but \(try read())", sourceLocation: location)
    return ""
  } catch {
    #expect(error.code == .unreadableFile, sourceLocation: location)
    return error.description
  }
}

/// Runs a function with a temporary folder.
func withTemporaryFolder(_ work: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try work(folder.path)
}

extension SeededGenerator {
  /// A copy of bytes with random changes, deletions and truncations.
  mutating func corrupted(_ bytes: [UInt8], alphabet: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &self) where !bytes.isEmpty {
      let position = Int.random(in: 0..<bytes.count, using: &self)
      switch Int.random(in: 0..<5, using: &self) {
      case 0: bytes.removeSubrange(position...)
      case 1: bytes.remove(at: position)
      case 2: bytes[position] = UInt8.random(in: 0...255, using: &self)
      default: bytes[position] = alphabet.randomElement(using: &self) ?? 0
      }
    }
    return bytes
  }
}
