import Foundation
public import LossCore

/// Another implementation of the losses, in any language: a command that evaluates cases over a pipe.
///
///     let adapter = try Adapter(command: "python3 docs/adapters/pytorch_torchvision.py")
///     let results = try Corpus.builtIn().cases.map { $0.check(with: adapter) }
///
/// The command is started once, and restarted after it exits or exceeds the time limit; the pending
/// case then fails with the reason. `docs/Adapters.md` describes the protocol.
public final class Adapter {
  /// The protocol version of this library.
  public static let protocolVersion = 1

  /// The name and version that the adapter reports: `PyTorch 2.15.0`.
  public private(set) var implementation: String
  /// The first distinct output lines that were neither greeting nor response, truncated.
  public private(set) var chatter: [String] = []
  /// The number of output lines that were neither greeting nor response.
  public private(set) var chatterCount = 0

  let registry: LossRegistry
  private let command: String
  private let timeLimit: Duration
  private var process: AdapterProcess?
  private var lastID = 0
  private var consecutiveFailures = 0

  /// The command is not restarted after this many consecutive cases without a response.
  private static let maximumConsecutiveFailures = 20
  private static let startupTimeLimit = Duration.seconds(120)

  /// Starts the command.
  ///
  /// - Parameters:
  ///   - command: a command line for `/bin/sh`.
  ///   - timeLimit: the time limit for each response.
  ///   - registry: the registry that translates the names and options of the cases.
  /// - Throws: `LossError` of code `unreadable_file` if the command exits or times out before its
  ///   greeting, or uses another protocol version.
  public init(
    command: String, timeLimit: Duration = .seconds(10), registry: LossRegistry = .linked
  ) throws(LossError) {
    self.command = command
    self.timeLimit = timeLimit
    self.registry = registry
    implementation = command
    if let failure = start() {
      throw LossError(
        .unreadableFile, subject: "the adapter \"\(command)\"", found: failure,
        expected: "a first line such as {\"protocol\": \(Self.protocolVersion)}")
    }
  }

  deinit { process?.end(within: .seconds(1)) }

  /// Sends a case to the adapter and waits for its response.
  public func response(_ conformanceCase: ConformanceCase) -> AdapterResponse {
    guard consecutiveFailures < Self.maximumConsecutiveFailures else {
      return .noResponse(
        "not sent, after \(Self.maximumConsecutiveFailures) consecutive cases without a response")
    }
    if process == nil, let failure = start() {
      consecutiveFailures += 1
      return .noResponse("the restarted adapter \(failure)")
    }
    let request = AdapterRequest(conformanceCase, in: registry)
    lastID += 1
    process?.send(line: request.line(id: lastID))
    let response = request.restored(awaitedResponse())
    consecutiveFailures = process == nil ? consecutiveFailures + 1 : 0
    return response
  }

  /// Starts the process and waits for its greeting; returns the reason of a failure.
  private func start() -> String? {
    guard let process = AdapterProcess(command: command) else { return "cannot be started" }
    self.process = process
    let deadline = ContinuousClock.now + max(Self.startupTimeLimit, timeLimit)
    while true {
      switch process.nextLine(until: deadline) {
      case .failure(let ending):
        let reason = stop(ending, before: "its greeting")
        return chatter.first.map { "\(reason); its first line was \"\($0)\", which is no greeting" }
          ?? reason
      case .success(let line):
        guard case .greeting(let version, let name)? = AdapterMessage(line) else {
          recordChatter(line)
          continue
        }
        implementation = name ?? implementation
        guard version != Self.protocolVersion else { return nil }
        self.process = nil
        return "uses protocol version \(version), not \(Self.protocolVersion)"
      }
    }
  }

  /// The response to the last request; other output lines are recorded as chatter.
  private func awaitedResponse() -> AdapterResponse {
    let deadline = ContinuousClock.now + timeLimit
    while let process {
      switch process.nextLine(until: deadline) {
      case .failure(let ending): return .noResponse(stop(ending, before: "a response"))
      case .success(let line):
        guard case .response(let id, let response)? = AdapterMessage(line) else {
          recordChatter(line)
          continue
        }
        if id == lastID { return response }
        recordChatter(line)
        // A repeated response to an earlier request is ignored; any other id is an error.
        if id < 1 || id > lastID {
          return .noResponse("the adapter responded to request \(id); expected request \(lastID)")
        }
      }
    }
    return .noResponse("the adapter is not running")
  }

  /// Ends a process that did not respond, and returns the reason.
  private func stop(_ ending: AdapterProcess.Ending, before expected: String) -> String {
    guard let process else { return "is not running" }
    self.process = nil
    var reason: String
    switch ending {
    case .timedOut: reason = "timed out and was killed before \(expected)"
    case .endlessLine: reason = "wrote a line that exceeds the length limit"
    case .closedOutput, .closedInput:
      let pipe = ending == .closedOutput ? "output" : "input"
      reason =
        process.exitDescription(within: .milliseconds(500)).map { "\($0) before \(expected)" }
        ?? "closed its standard \(pipe) before \(expected)"
    }
    let unfinished = process.unfinishedLine
    if !unfinished.isEmpty {
      reason += "; incomplete line: \(Self.excerpt(unfinished))"
    }
    let errors = process.takeErrors()
    if !errors.isEmpty { reason += "; standard error: \(errors)" }
    process.end()
    return reason
  }

  private func recordChatter(_ line: ArraySlice<UInt8>) {
    chatterCount += 1
    let text = Self.excerpt(line)
    if chatter.count < 10, !chatter.contains(text) { chatter.append(text) }
  }

  private static func excerpt(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(120), as: UTF8.self)
    return bytes.count > 120 ? text + "…" : text
  }
}
