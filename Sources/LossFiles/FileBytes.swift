import Foundation
package import LossTensors

/// Reads and writes whole files, with system errors as `LossError`.
package enum FileBytes {
  /// The contents of a file.
  ///
  /// Copied rather than memory-mapped: reading a mapped file that another program truncates would end
  /// the process.
  package static func read(path: String) throws(LossError) -> [UInt8] {
    try requireNoFolder(path)
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw .unreadable(path, reason(for: error, verb: "read"))
    }
  }

  /// The contents of the standard input.
  static func readStandardInput() throws(LossError) -> [UInt8] {
    do {
      return [UInt8](try FileHandle.standardInput.readToEnd() ?? Data())
    } catch {
      throw .unreadable("standard input", reason(for: error, verb: "read"))
    }
  }

  /// Writes a file atomically: on failure, an existing file is unchanged.
  package static func write(_ bytes: [UInt8], to path: String) throws(LossError) {
    try requireNoFolder(path)
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw .unreadable(path, reason(for: error, verb: "written"))
    }
  }

  /// Checked here, since the errors for a folder differ between systems.
  static func requireNoFolder(_ path: String) throws(LossError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else { return }
    throw .unreadable(path, "is a folder", expected: "a file")
  }

  /// A system error as a phrase that follows the file name.
  static func reason(for error: any Error, verb: String) -> String {
    switch (error as? CocoaError)?.code {
    case .fileReadNoSuchFile: "does not exist"
    case .fileNoSuchFile: "is in a folder that does not exist"
    case .fileReadNoPermission, .fileWriteNoPermission: "cannot be \(verb): permission denied"
    case .fileWriteOutOfSpace: "cannot be written: the disk is full"
    default: "cannot be \(verb)"
    }
  }
}
