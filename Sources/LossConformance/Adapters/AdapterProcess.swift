import Foundation

/// A command in a process group of its own, with a pipe to its input and from its two outputs.
///
/// One thread serves all three pipes, so that none of them can fill up while another is waited for.
final class AdapterProcess {
  /// Why there is no next line.
  enum Ending: Error {
    /// The time is over.
    case late
    /// It closed its output, perhaps by ending.
    case closedOutput
    /// It closed its input before the request was through.
    case closedInput
    /// It wrote more than anyone may without ending the line.
    case endlessLine
  }

  private let id: pid_t
  private var input: Int32
  private let output: Int32
  private let errors: Int32
  private var status: Int32?

  /// What it wrote; the lines up to `start` are handed out, and no line ends before `searched`.
  private var received: [UInt8] = []
  private var start = 0
  private var searched = 0
  private var errorText: [UInt8] = []
  private var unsent: ArraySlice<UInt8> = []
  private var hasErrors = true

  private static let longestLine = 1 << 26
  private static let keptErrors = 2048

  /// Held while pipes are made and inherited: a child that is started between the making of a pipe
  /// and its marking would keep the pipe open.
  private static let starting = NSLock()

  /// Starts the command with a shell; nil if no process can be made.
  init?(command: String) {
    Self.starting.lock()
    defer { Self.starting.unlock() }
    guard let input = PipeEnds(), let output = PipeEnds(), let errors = PipeEnds() else {
      return nil
    }
    let id = spawn(
      ["/bin/sh", "-c", command], [input.reading, output.writing, errors.writing])
    for theirs in [input.reading, output.writing, errors.writing] { close(theirs) }
    guard let id else {
      for ours in [input.writing, output.reading, errors.reading] { close(ours) }
      return nil
    }
    self.id = id
    (self.input, self.output, self.errors) = (input.writing, output.reading, errors.reading)
    for ours in [self.input, self.output, self.errors] {
      _ = fcntl(ours, F_SETFL, fcntl(ours, F_GETFL) | O_NONBLOCK)
    }
  }

  deinit {
    end()
    close(output)
    close(errors)
  }

  /// Takes a line to be sent while the next line is waited for.
  func send(line: String) {
    unsent += Array(line.utf8) + [0x0A]
    errorText.removeAll(keepingCapacity: true)
  }

  /// The next line of its output without its end, or why there is none.
  func nextLine(until deadline: ContinuousClock.Instant) -> Result<ArraySlice<UInt8>, Ending> {
    while true {
      if let end = received[searched...].firstIndex(of: 0x0A) {
        defer { (start, searched) = (end + 1, end + 1) }
        return .success(received[start..<end])
      }
      received.removeFirst(start)
      (start, searched) = (0, received.count)
      guard received.count < Self.longestLine else { return .failure(.endlessLine) }
      guard ContinuousClock.now < deadline else { return .failure(.late) }
      if let ending = serve(until: deadline) { return .failure(ending) }
    }
  }

  /// Waits until a pipe is ready, and serves those that are.
  private func serve(until deadline: ContinuousClock.Instant) -> Ending? {
    var pipes = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
    if hasErrors { pipes.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0)) }
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

  /// Sends what the pipe takes; false if nobody reads it.
  private func transmit() -> Bool {
    let count = unsent.withUnsafeBytes { bytes in
      withoutPipeSignal { write(input, bytes.baseAddress, bytes.count) }
    }
    if count.result > 0 { unsent = unsent.dropFirst(count.result) }
    return count.result >= 0 || count.error == EAGAIN || count.error == EINTR
  }

  private func receiveErrors() {
    hasErrors = receive(from: errors, into: &errorText)
    if errorText.count > 2 * Self.keptErrors {
      errorText = Array(errorText.suffix(Self.keptErrors))
    }
  }

  /// What it wrote to its standard error since the last request, as far as it is kept.
  func takeErrors() -> String {
    if hasErrors { receiveErrors() }
    let text = String(decoding: errorText.suffix(Self.keptErrors), as: UTF8.self)
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// What it wrote of a line that it did not end.
  var unfinishedLine: ArraySlice<UInt8> { received[start...] }

  /// How it ended, if it does so in time: `with status 3`, `by signal 11`.
  func manner(within time: Duration) -> String? {
    let deadline = ContinuousClock.now + time
    while status == nil, ContinuousClock.now < deadline {
      reap()
      if status == nil { usleep(2000) }
    }
    guard let status else { return nil }
    let signal = status & 0x7F
    return signal == 0 ? "with status \((status >> 8) & 0xFF)" : "by signal \(signal)"
  }

  /// Closes its input, gives it a moment to end by itself, and then ends it with all its children.
  func end(within time: Duration = .zero) {
    if input >= 0 {
      close(input)
      input = -1
    }
    if time > .zero { _ = manner(within: time) }
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
