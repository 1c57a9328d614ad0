import Foundation
public import LossCore

/// Another implementation of the losses, in any language: a command that answers cases over a pipe.
///
///     let adapter = try Adapter(command: "python3 docs/adapters/pytorch.py")
///     let results = try Corpus.builtIn().cases.map { $0.check(with: adapter) }
///
/// The command is started once, and again where it ended, hung or was cut off; the case that it did
/// not answer then fails with the reason. `docs/Adapters.md` describes the lines.
public final class Adapter {
  /// The version of the protocol that this library speaks.
  public static let protocolVersion = 1

  /// What the adapter calls itself: `PyTorch 2.15.0`.
  public private(set) var implementation: String
  /// The first different lines on its output that were neither greeting nor answer, cut to a length.
  public private(set) var chatter: [String] = []
  /// How many such lines there were.
  public private(set) var chatterCount = 0

  let registry: LossRegistry
  private let command: String
  private let timeLimit: Duration
  private var process: AdapterProcess?
  private var lastID = 0
  private var failuresInARow = 0

  /// After how many cases in a row without an answer the command is not started again.
  private static let patience = 20
  private static let startingTime = Duration.seconds(120)

  /// Starts the command.
  ///
  /// - Parameters:
  ///   - command: a command line, which `/bin/sh` reads.
  ///   - timeLimit: how long each answer may take.
  ///   - registry: the losses by whose names and options the cases are asked.
  /// - Throws: `LossError` of code `unreadable_file` if it ends or is silent instead of greeting, or
  ///   speaks another version of the protocol.
  public init(
    command: String, timeLimit: Duration = .seconds(10), registry: LossRegistry = .linked
  ) throws(LossError) {
    self.command = command
    self.timeLimit = timeLimit
    self.registry = registry
    implementation = command
    if let missingRequirement = start() {
      throw LossError(
        .unreadableFile, subject: "the adapter \"\(command)\"", found: missingRequirement,
        expected: "a first line such as {\"protocol\": \(Self.protocolVersion)}")
    }
  }

  deinit { process?.end(within: .seconds(1)) }

  /// What the implementation says to a case.
  public func response(_ asked: ConformanceCase) -> AdapterResponse {
    guard failuresInARow < Self.patience else {
      return .failure("not asked, since \(Self.patience) cases in a row had no answer")
    }
    if process == nil, let missingRequirement = start() {
      failuresInARow += 1
      return .failure("the adapter, started again, \(missingRequirement)")
    }
    let request = AdapterRequest(asked, in: registry)
    lastID += 1
    process?.send(line: request.line(id: lastID))
    let response = request.restored(awaitedResponse())
    failuresInARow = process == nil ? failuresInARow + 1 : 0
    return response
  }

  /// Starts the process and waits for its greeting; says what went wrong.
  private func start() -> String? {
    guard let process = AdapterProcess(command: command) else { return "cannot be started" }
    self.process = process
    let deadline = ContinuousClock.now + max(Self.startingTime, timeLimit)
    while true {
      switch process.nextLine(until: deadline) {
      case .failure(let ending): return stop(ending, after: "its greeting")
      case .success(let line):
        guard case .greeting(let version, let name)? = AdapterMessage(line) else {
          note(line)
          continue
        }
        implementation = name ?? implementation
        guard version != Self.protocolVersion else { return nil }
        self.process = nil
        return "speaks version \(version) of the protocol, not \(Self.protocolVersion)"
      }
    }
  }

  /// The answer to the last question: whatever else is said meanwhile is noted and passed over.
  private func awaitedResponse() -> AdapterResponse {
    let deadline = ContinuousClock.now + timeLimit
    while let process {
      switch process.nextLine(until: deadline) {
      case .failure(let ending): return .failure(stop(ending, after: "an answer"))
      case .success(let line):
        guard case .response(let id, let response)? = AdapterMessage(line) else {
          note(line)
          continue
        }
        if id == lastID { return response }
        note(line)
        // One more answer to an earlier question does no harm. Another number cannot be one.
        if id < 1 || id > lastID {
          return .failure("the adapter answered question \(id), when asked question \(lastID)")
        }
      }
    }
    return .failure("the adapter is not running")
  }

  /// Ends a process that did not answer, and says what it did instead.
  private func stop(_ ending: AdapterProcess.Ending, after awaited: String) -> String {
    guard let process else { return "is not running" }
    self.process = nil
    var reason: String
    switch ending {
    case .late: reason = "hung, and was ended before \(awaited)"
    case .endlessLine: reason = "wrote a line without an end"
    case .closedOutput, .closedInput:
      let pipe = ending == .closedOutput ? "output" : "input"
      reason =
        process.manner(within: .milliseconds(500)).map { "ended \($0) before \(awaited)" }
        ?? "closed its \(pipe) before \(awaited)"
    }
    let unfinished = process.unfinishedLine
    if !unfinished.isEmpty {
      reason += "; it had begun a line: \(Self.shown(unfinished))"
    }
    let errors = process.takeErrors()
    if !errors.isEmpty { reason += "; it said on its standard error: \(errors)" }
    process.end()
    return reason
  }

  private func note(_ line: ArraySlice<UInt8>) {
    chatterCount += 1
    let text = Self.shown(line)
    if chatter.count < 10, !chatter.contains(text) { chatter.append(text) }
  }

  private static func shown(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(120), as: UTF8.self)
    return bytes.count > 120 ? text + "…" : text
  }
}
