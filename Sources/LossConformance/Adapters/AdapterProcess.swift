import Foundation

/// A command in its own process group, with pipes to standard input, output and error.
///
/// One thread polls all three pipes, so that no full pipe can block another.
final class AdapterProcess {
  /// Why there is no next line.
  enum Ending: Error {
    /// The deadline passed.
    case timedOut
    /// The output was closed, possibly because the process exited.
    case closedOutput
    /// The input was closed before the request was sent.
    case closedInput
    /// A line exceeded the length limit.
    case endlessLine
  }

  private let id: pid_t
  private var input: Int32
  private let output: Int32
  private let errors: Int32
  private var status: Int32?

  /// Received output: lines up to `start` have been returned, and there is no newline before `searched`.
  private var received: [UInt8] = []
  private var start = 0
  private var searched = 0
  private var errorText: [UInt8] = []
  private var unsent: ArraySlice<UInt8> = []
  private var isErrorOpen = true

  private static let maximumLineLength = 1 << 26
  private static let maximumErrorLength = 2048

  /// Held from the creation of the pipes to the spawn: a child that is started before a pipe is marked
  /// close-on-exec would inherit it and keep it open.
  private static let spawnLock = NSLock()

  /// Starts the command with `/bin/sh`; nil if no process can be created.
  init?(command: String) {
    Self.spawnLock.lock()
    defer { Self.spawnLock.unlock() }
    guard let input = PipeEnds(), let output = PipeEnds(), let errors = PipeEnds() else {
      return nil
    }
    let id = spawn(
      ["/bin/sh", "-c", command], [input.reading, output.writing, errors.writing])
    for end in [input.reading, output.writing, errors.writing] { close(end) }
    guard let id else {
      for end in [input.writing, output.reading, errors.reading] { close(end) }
      return nil
    }
    self.id = id
    (self.input, self.output, self.errors) = (input.writing, output.reading, errors.reading)
    for end in [self.input, self.output, self.errors] {
      _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
    }
  }

  deinit {
    end()
    close(output)
    close(errors)
  }

  /// Queues a line, which is sent while waiting for the next line of output.
  func send(line: String) {
    unsent += Array(line.utf8) + [0x0A]
    errorText.removeAll(keepingCapacity: true)
  }

  /// The next line of output without its newline, or the reason why there is none.
  func nextLine(until deadline: ContinuousClock.Instant) -> Result<ArraySlice<UInt8>, Ending> {
    while true {
      if let end = received[searched...].firstIndex(of: 0x0A) {
        defer { (start, searched) = (end + 1, end + 1) }
        return .success(received[start..<end])
      }
      received.removeFirst(start)
      (start, searched) = (0, received.count)
      guard received.count < Self.maximumLineLength else { return .failure(.endlessLine) }
      guard ContinuousClock.now < deadline else { return .failure(.timedOut) }
      if let ending = serve(until: deadline) { return .failure(ending) }
    }
  }

  /// Waits until a pipe is ready, then reads from or writes to each ready pipe.
  private func serve(until deadline: ContinuousClock.Instant) -> Ending? {
    var pipes = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
    if isErrorOpen { pipes.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0)) }
    if !unsent.isEmpty { pipes.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
    guard poll(&pipes, nfds_t(pipes.count), milliseconds(until: deadline)) > 0 else { return nil }
    for pipe in pipes where pipe.revents != 0 {
      switch pipe.fd {
      case output: if !receive(from: output, into: &received) { return .closedOutput }
      case errors: receiveErrors()
      default: if !transmit() { return .closedInput }
      }
    }
    return nil
  }

  /// Writes as much as the pipe accepts; false if its read end is closed.
  private func transmit() -> Bool {
    let count = unsent.withUnsafeBytes { bytes in
      withoutPipeSignal { write(input, bytes.baseAddress, bytes.count) }
    }
    if count.result > 0 { unsent = unsent.dropFirst(count.result) }
    return count.result >= 0 || count.error == EAGAIN || count.error == EINTR
  }

  private func receiveErrors() {
    isErrorOpen = receive(from: errors, into: &errorText)
    if errorText.count > 2 * Self.maximumErrorLength {
      errorText = Array(errorText.suffix(Self.maximumErrorLength))
    }
  }

  /// The standard error since the last request, truncated at its beginning.
  func takeErrors() -> String {
    if isErrorOpen { receiveErrors() }
    let text = String(decoding: errorText.suffix(Self.maximumErrorLength), as: UTF8.self)
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Received output after the last newline.
  var unfinishedLine: ArraySlice<UInt8> { received[start...] }

  /// How the process exited, if it does so in time: `exited with status 3`, `was killed by signal 11`.
  func exitDescription(within time: Duration) -> String? {
    let deadline = ContinuousClock.now + time
    while status == nil, ContinuousClock.now < deadline {
      reap()
      if status == nil { usleep(2000) }
    }
    guard let status else { return nil }
    let signal = status & 0x7F
    return signal == 0
      ? "exited with status \((status >> 8) & 0xFF)" : "was killed by signal \(signal)"
  }

  /// Closes the input, waits for the process to exit, and then kills its process group.
  func end(within time: Duration = .zero) {
    if input >= 0 {
      close(input)
      input = -1
    }
    if time > .zero { _ = exitDescription(within: time) }
    kill(-id, SIGKILL)
    while status == nil { reap(0) }
  }

  private func reap(_ options: Int32 = WNOHANG) {
    var status: Int32 = 0
    let reaped = waitpid(id, &status, options)
    if reaped == id { self.status = status }
    if reaped < 0, errno != EINTR { self.status = 0 }
  }
}
