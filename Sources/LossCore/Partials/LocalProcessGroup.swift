import Dispatch
import Synchronization

/// A group of threads instead of processes, for tests of programs that use a `ProcessGroup`.
///
///     let results = try LocalProcessGroup.run(4) { group in
///       try loss.evaluate(shards[group.rank], over: group)
///     }
public struct LocalProcessGroup: ProcessGroup {
  /// The index of this thread, from 0.
  public let rank: Int
  /// The number of threads.
  public var count: Int { exchange.count }
  private let exchange: Exchange

  /// Calls a function in each of some threads, and returns the results in the order of the ranks.
  ///
  /// - Throws: the error of the first rank that has thrown one. The others that wait for it throw too.
  public static func run<Result: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (LocalProcessGroup) throws(LossError) -> Result
  ) throws(LossError) -> [Result] {
    guard count > 0 else {
      throw LossError(
        .invalidValue, subject: "processes", found: "are \(count)", expected: "at least 1")
    }
    let exchange = Exchange(count: count)
    let outcomes = Outcomes<Result>(count: count)
    let finished = DispatchGroup()
    for rank in 0..<count {
      // A queue of its own is a thread of its own, also where the others wait.
      DispatchQueue(label: "rank \(rank)").async(group: finished) {
        outcomes.set(rank) { () throws(LossError) in
          try body(LocalProcessGroup(rank: rank, exchange: exchange))
        }
        exchange.end()
      }
    }
    finished.wait()
    return try outcomes.all()
  }

  /// Sends bytes to every thread, and waits for those of all.
  ///
  /// - Throws: `LossError` if a thread has ended.
  public func allGather(_ bytes: [UInt8]) throws(LossError) -> [[UInt8]] {
    guard let all = exchange.gather(bytes, of: rank) else {
      throw LossError(
        .invalidValue, subject: "process group", found: "has lost a process",
        expected: "the same calls of every process")
    }
    return all
  }
}

/// The results of the threads by rank.
private final class Outcomes<Value: Sendable>: Sendable {
  private let results: Mutex<[Result<Value, LossError>?]>

  init(count: Int) { results = Mutex(Array(repeating: nil, count: count)) }

  func set(_ rank: Int, _ body: () throws(LossError) -> Value) {
    let result = Result(catching: body)
    results.withLock { $0[rank] = result }
  }

  func all() throws(LossError) -> [Value] {
    var values: [Value] = []
    for case let result? in results.withLock({ $0 }) { values.append(try result.get()) }
    return values
  }
}

/// The messages of the threads, which are delivered when every thread has sent one.
private final class Exchange: Sendable {
  let count: Int
  private let state: Mutex<State>

  private struct State {
    var messages: [[UInt8]]
    var waiting: [Receiver] = []
    /// Whether a thread has ended, so that no round can be complete any more.
    var hasEnded = false
  }

  /// A thread that waits for the messages of a round.
  private final class Receiver: Sendable {
    private let arrival = DispatchSemaphore(value: 0)
    private let messages = Mutex<[[UInt8]]?>(nil)

    func receive(_ all: [[UInt8]]?) {
      messages.withLock { $0 = all }
      arrival.signal()
    }

    func wait() -> [[UInt8]]? {
      arrival.wait()
      return messages.withLock { $0 }
    }
  }

  init(count: Int) {
    self.count = count
    state = Mutex(State(messages: Array(repeating: [], count: count)))
  }

  /// The messages of all threads; nil if one has ended.
  func gather(_ message: [UInt8], of rank: Int) -> [[UInt8]]? {
    let receiver = Receiver()
    state.withLock { state in
      state.messages[rank] = message
      state.waiting.append(receiver)
      if state.hasEnded || state.waiting.count == count { Self.deliver(&state) }
    }
    return receiver.wait()
  }

  /// Says that a thread sends no more messages.
  func end() {
    state.withLock { state in
      state.hasEnded = true
      Self.deliver(&state)
    }
  }

  private static func deliver(_ state: inout State) {
    for receiver in state.waiting { receiver.receive(state.hasEnded ? nil : state.messages) }
    state.waiting = []
  }
}
