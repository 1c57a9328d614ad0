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
  ///
  /// Links are followed. A character device or a named pipe is written to, since a file renamed to its
  /// path would replace it.
  package static func write(_ bytes: [UInt8], to path: String) throws(LossError) {
    let isStream = isStream(path)
    if !isStream { try requireRegularFile(path) }
    do {
      if isStream {
        try FileHandle(forWritingTo: URL(fileURLWithPath: path)).write(contentsOf: Data(bytes))
      } else {
        try Data(bytes).write(to: URL(fileURLWithPath: resolved(path)), options: .atomic)
      }
    } catch {
      throw .unreadable(path, reason(for: error, verb: "written"))
    }
  }

  /// The path of the file that is written: absolute, with links resolved, also one to a file that does
  /// not exist. Equal for all spellings of a path.
  static func resolved(_ path: String) -> String {
    var url = URL(fileURLWithPath: path)
    var linkCount = 0
    // The limit is that of Linux; a loop of links is refused where it is opened.
    while linkCount < 40,
      let target = try? FileManager.default.destinationOfSymbolicLink(atPath: url.path)
    {
      let folder = target.hasPrefix("/") ? "" : url.deletingLastPathComponent().path + "/"
      url = URL(fileURLWithPath: folder + target)
      linkCount += 1
    }
    guard let folder = realpath(url.deletingLastPathComponent().path, nil) else {
      return url.standardizedFileURL.path
    }
    defer { free(folder) }
    return URL(fileURLWithPath: String(cString: folder))
      .appendingPathComponent(url.lastPathComponent).path
  }

  /// Whether a path leads to what takes bytes in order and holds none: a terminal, `/dev/null`, a pipe.
  private static func isStream(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && [S_IFCHR, S_IFIFO].contains(status.st_mode & S_IFMT)
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

  /// Allocating more than there is would end the process. The bytes and the numbers that they become
  /// are in memory at once.
  static func requireMemory(_ count: Int, name: String) throws(LossError) {
    let memory = ProcessInfo.processInfo.physicalMemory
    guard UInt64(count) <= memory / 2 else {
      throw .unreadable(
        name, "has \(count) bytes to read at once",
        expected: "at most half of the memory, \(memory / 2)")
    }
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
