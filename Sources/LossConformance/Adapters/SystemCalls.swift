import Foundation

/// The two ends of a pipe, both close-on-exec.
struct PipeEnds {
  let reading: Int32
  let writing: Int32

  init?() {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }
}

/// Starts a program in its own process group.
///
/// Foundation's `Process` does not guarantee a separate process group, without which a shell's
/// children outlive it, nor does it reset signals that this process ignores.
///
/// - Parameters:
///   - command: the path of the program and its arguments.
///   - streams: the descriptors of its standard input, output and error.
/// - Returns: the process id; nil if the program cannot be started.
func spawn(_ command: [String], _ streams: [Int32]) -> pid_t? {
  #if os(Linux)
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
  #else
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
  #endif
  guard posix_spawn_file_actions_init(&actions) == 0 else { return nil }
  defer { posix_spawn_file_actions_destroy(&actions) }
  guard posix_spawnattr_init(&attributes) == 0 else { return nil }
  defer { posix_spawnattr_destroy(&attributes) }
  for (number, stream) in streams.enumerated() {
    posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
  }
  // A child that writes to a closed pipe should be ended by SIGPIPE, as under a shell.
  var signals = sigset_t()
  sigemptyset(&signals)
  posix_spawnattr_setsigmask(&attributes, &signals)
  sigaddset(&signals, SIGPIPE)
  posix_spawnattr_setsigdefault(&attributes, &signals)
  posix_spawnattr_setpgroup(&attributes, 0)
  let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
  posix_spawnattr_setflags(&attributes, Int16(flags))

  let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
  var id: pid_t = 0
  let failure = withCStrings(command) { arguments in
    withCStrings(environment) { environment in
      posix_spawn(&id, command[0], &actions, &attributes, arguments, environment)
    }
  }
  return failure == 0 ? id : nil
}

private func withCStrings<Result>(
  _ texts: [String], _ work: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = texts.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return work(copies + [nil])
}

/// Writes without raising SIGPIPE, whatever signal handling the host program has set up.
///
/// - Returns: the result of the call, and `errno`.
func withoutPipeSignal(_ write: () -> Int) -> (result: Int, error: Int32) {
  var signal = sigset_t()
  var pending = sigset_t()
  var before = sigset_t()
  sigemptyset(&signal)
  sigaddset(&signal, SIGPIPE)
  sigpending(&pending)
  let wasPending = sigismember(&pending, SIGPIPE) == 1
  pthread_sigmask(SIG_BLOCK, &signal, &before)
  let result = write()
  let error = errno
  if result < 0, error == EPIPE, !wasPending {
    sigpending(&pending)
    var caught: Int32 = 0
    // An ignored signal never becomes pending, so that sigwait would block forever.
    if sigismember(&pending, SIGPIPE) == 1 { sigwait(&signal, &caught) }
  }
  pthread_sigmask(SIG_SETMASK, &before, nil)
  return (result, error)
}

/// The time until a deadline in milliseconds, for `poll`; at least 1.
func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
  let remaining = (deadline - ContinuousClock.now) / .milliseconds(1)
  return Int32(min(max(remaining.rounded(.up), 1), 60_000))
}

/// Reads available bytes from a pipe; false at end of file.
func receive(from pipe: Int32, into bytes: inout [UInt8]) -> Bool {
  withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
    let count = read(pipe, buffer.baseAddress, buffer.count)
    if count > 0 { bytes += buffer[..<count] }
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
  }
}
