import Foundation
import LossTensors

/// A file that is read in pieces, with system errors as `LossError`.
///
/// Read rather than memory-mapped: reading a mapped file that another program truncates would end the
/// process.
struct InputFile {
  /// The size in bytes when the file was opened.
  let size: Int
  private let name: String
  private let handle: FileHandle

  init(_ path: String) throws(LossError) {
    try FileBytes.requireRegularFile(path)
    name = path
    do {
      handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      size = Int(clamping: try handle.seekToEnd())
      try handle.seek(toOffset: 0)
    } catch {
      throw .unreadable(path, FileBytes.reason(for: error, verb: "read"))
    }
  }

  func seek(to offset: Int) throws(LossError) { try seek { _ in UInt64(offset) } }

  /// Skips bytes; beyond the end of the file there is nothing to read.
  func skip(_ count: Int) throws(LossError) {
    try seek { min($0.addingReportingOverflow(UInt64(count)).partialValue, UInt64(size)) }
  }

  private func seek(_ target: (UInt64) -> UInt64) throws(LossError) {
    do {
      try handle.seek(toOffset: target(handle.offset()))
    } catch {
      throw .unreadable(name, FileBytes.reason(for: error, verb: "read"))
    }
  }

  /// The next bytes, fewer at the end of the file.
  func read(upTo count: Int) throws(LossError) -> [UInt8] {
    try FileBytes.requireMemory(count, name: name)
    let descriptor = handle.fileDescriptor
    var isUnreadable = false
    // A file that ends early allocates no more than it has.
    let bytes = [UInt8](unsafeUninitializedCapacity: min(count, size)) { buffer, initializedCount in
      while initializedCount < buffer.count, let start = buffer.baseAddress {
        // A system call may return fewer bytes than there are.
        let read = Foundation.read(
          descriptor, start + initializedCount, buffer.count - initializedCount)
        if read > 0 {
          initializedCount += read
        } else if read == 0 || errno != EINTR {
          isUnreadable = read < 0
          break
        }
      }
    }
    guard !isUnreadable else {
      throw .unreadable(name, "cannot be read")
    }
    return bytes
  }

  /// The next bytes.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file has become shorter.
  func read(exactly count: Int) throws(LossError) -> [UInt8] {
    let bytes = try read(upTo: count)
    guard bytes.count == count else {
      throw .unreadable(
        name, "was truncated while it was read", expected: "\(size) bytes, as when it was opened")
    }
    return bytes
  }
}
