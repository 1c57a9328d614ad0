import Foundation

/// Buffered text output, to a file descriptor or to a test.
///
/// A write error does not end the program: after a closed pipe, further output is discarded; any other
/// failure is kept and reported at the end.
final class TextWriter {
  /// Whether the output is a terminal.
  let isTerminal: Bool
  /// The system error of a failed write.
  private(set) var failure: String?

  private var bytes: [UInt8] = []
  private var isOpen = true
  /// Writes the bytes, and returns `errno` or zero.
  private let send: (UnsafeRawBufferPointer) -> Int32

  private static let capacity = 1 << 16

  init(isTerminal: Bool = false, send: @escaping (UnsafeRawBufferPointer) -> Int32) {
    self.isTerminal = isTerminal
    self.send = send
  }

  convenience init(descriptor: Int32) {
    self.init(isTerminal: isatty(descriptor) == 1) { sendAll($0, to: descriptor) }
  }

  func write(_ text: String) {
    guard isOpen else { return }
    bytes += text.utf8
    if bytes.count >= TextWriter.capacity { flush() }
  }

  func write(line: String) {
    write(line)
    write("\n")
  }

  func flush() {
    guard isOpen, !bytes.isEmpty else { return }
    let error = bytes.withUnsafeBytes(send)
    bytes.removeAll(keepingCapacity: true)
    guard error != 0 else { return }
    isOpen = false
    if error != EPIPE { failure = String(cString: strerror(error)) }
  }
}

/// Writes all bytes to a file descriptor, and returns `errno` or zero.
private func sendAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
  var remaining = bytes[...]
  while !remaining.isEmpty {
    let count = write(
      descriptor, UnsafeRawBufferPointer(rebasing: remaining).baseAddress, remaining.count)
    if count >= 0 {
      remaining = remaining.dropFirst(count)
    } else if errno != EINTR {
      return errno
    }
  }
  return 0
}
