import Foundation
package import LossTensors

/// Reads and writes whole files, with system errors as `LossError`.
package enum FileBytes {
  /// The contents of a file.
  package static func read(path: String) throws(LossError) -> [UInt8] {
    let file = try InputFile(path)
    return try file.read(exactly: file.size)
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

  /// Refuses what is no file: a device may have no end, and a pipe no size.
  static func requireRegularFile(_ path: String) throws(LossError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      // Opening the file gives the reason for any other error.
      if errno == ELOOP { throw .unreadable(path, "is a symbolic link to itself") }
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: throw .unreadable(path, "is a folder", expected: "a file")
    default: throw .unreadable(path, "is a device or a pipe", expected: "a file")
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
