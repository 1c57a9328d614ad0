import Foundation
import LossTensors

/// Whole files in and out, with the system's errors put into the library's words.
enum FileBytes {
  /// The contents of a file.
  ///
  /// Copied, not mapped into memory: a mapped file that another program cuts short kills the
  /// process when it is read.
  static func read(path: String) throws(LossError) -> [UInt8] {
    try refuseFolder(path)
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw .unreadable(path, reason(for: error, verb: "read"))
    }
  }

  /// Everything that the standard input holds.
  static func readStandardInput() throws(LossError) -> [UInt8] {
    do {
      return [UInt8](try FileHandle.standardInput.readToEnd() ?? Data())
    } catch {
      throw .unreadable("standard input", reason(for: error, verb: "read"))
    }
  }

  /// Writes a whole file or, if that fails, leaves what was there.
  static func write(_ bytes: [UInt8], to path: String) throws(LossError) {
    try refuseFolder(path)
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw .unreadable(path, reason(for: error, verb: "written"))
    }
  }

  /// The systems differ in what they say of a folder, if anything.
  static func refuseFolder(_ path: String) throws(LossError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else { return }
    throw .unreadable(path, "is a folder", expected: "a file")
  }

  /// A system's error as a phrase that follows the file's name.
  static func reason(for error: any Error, verb: String) -> String {
    switch (error as? CocoaError)?.code {
    case .fileReadNoSuchFile: "does not exist"
    case .fileNoSuchFile: "lies in a folder that does not exist"
    case .fileReadNoPermission, .fileWriteNoPermission: "cannot be \(verb): permission denied"
    case .fileWriteOutOfSpace: "cannot be written: the disk is full"
    default: "cannot be \(verb)"
    }
  }
}
