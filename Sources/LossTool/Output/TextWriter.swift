import Foundation

/// Writes text in large pieces: to a file descriptor, or wherever a test wants it.
///
/// It never stops the program: when the reader goes away the rest is dropped, as it is by a program
/// that the pipe's signal ends, and any other failure is kept for the end.
final class TextWriter {
  /// Whether a person is reading along.
  let isTerminal: Bool
  /// What the system said when the text could not be written.
  private(set) var failure: String?

  private var bytes: [UInt8] = []
  private var isOpen = true
  /// Takes the bytes, and returns the system's number of the error or zero.
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

/// Writes all bytes to a file descriptor, however many the system takes at once.
private func sendAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if count >= 0 {
      rest = rest.dropFirst(count)
    } else if errno != EINTR {
      return errno
    }
  }
  return 0
}
