import Foundation
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
