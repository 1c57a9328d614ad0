import Dispatch
import Synchronization

/// Threads that share a loop over chunks.
@usableFromInline enum Workers {
  /// The number of workers: at most the number of threads or chunks, and at least 1, the caller.
  @inlinable
  static func count(threads: Int, chunks: Int) -> Int { max(1, min(threads, chunks)) }

  /// Calls a function for each chunk, from several threads at once, and returns when all are done.
  ///
  /// The function must write to disjoint memory for different chunks.
  @inlinable
  static func forEach(_ chunks: Int, threads: Int, _ work: (Int) -> Void) {
    forEach(chunks, workers: threads) { chunk, _ in work(chunk) }
  }

  /// The same, passing the index of the worker; each worker is one thread.
  ///
  /// The function must write to disjoint memory for different chunks, or for different workers.
  @inlinable
  static func forEach(_ chunks: Int, workers: Int, _ work: (Int, Int) -> Void) {
    let workers = count(threads: workers, chunks: chunks)
    guard workers > 1 else {
      for chunk in 0..<chunks { work(chunk, 0) }
      return
    }
    share(chunks, among: workers, work)
  }

  @usableFromInline
  static func share(_ chunks: Int, among workers: Int, _ work: (Int, Int) -> Void) {
    withoutActuallyEscaping(work) { work in
      let shared = SharedWork(chunks, work)
      for worker in 1..<workers {
        DispatchQueue.global(qos: .userInitiated).async { shared.join(as: worker) }
      }
      shared.finish()
    }
  }
}

/// A queue of chunks that threads process until it is empty.
///
/// The caller is a worker too. It waits only for workers that have started. Waking a sleeping
/// thread can take longer than a short chunk, so that late workers return immediately;
/// `concurrentPerform` would wait for them.
///
/// `@unchecked`, because `work` is a plain variable and writes plain memory. Neither is a data
/// race:
///
/// - Workers write to disjoint memory for different chunks or workers, as `Workers` requires.
/// - A worker reads `work` only if it entered (added 2 to `state`) before `isClosed` was set. The
///   caller changes `work` only after it has set `isClosed` and all workers that entered have left.
/// - The writes of all workers happen before `finish` returns. Each worker leaves by a
///   read-modify-write of `state` with acquiring and releasing ordering, and these operations are
///   totally ordered: the last worker to leave has acquired the writes of all earlier ones. The
///   caller acquires them from `state`, when it closes it or finds that all have left, or through
///   the semaphore that the last worker signals.
private final class SharedWork: @unchecked Sendable {
  private let chunks: Int
  private var work: ((Int, Int) -> Void)?
  private let next = Atomic<Int>(0)
  /// Twice the number of workers that have entered and not left, plus `isClosed` once the caller
  /// has finished.
  private let state = Atomic<Int>(0)
  private let allHaveLeft = DispatchSemaphore(value: 0)

  private static let isClosed = 1
  private static let oneWorker = 2

  init(_ chunks: Int, _ work: @escaping (Int, Int) -> Void) {
    self.chunks = chunks
    self.work = work
  }

  /// Processes chunks until none is left; does nothing if the caller has finished.
  func join(as worker: Int) {
    let before = state.wrappingAdd(Self.oneWorker, ordering: .acquiring).oldValue
    if before & Self.isClosed == 0 { processChunks(as: worker) }
    let after = state.wrappingSubtract(Self.oneWorker, ordering: .acquiringAndReleasing).newValue
    if after == Self.isClosed { allHaveLeft.signal() }
  }

  /// Processes chunks, and returns when every chunk is done and no worker is active.
  func finish() {
    processChunks(as: 0)
    let others = state.wrappingAdd(Self.isClosed, ordering: .acquiringAndReleasing).oldValue
    if others > 0, !othersFinishSoon() { allHaveLeft.wait() }
    work = nil
  }

  /// Whether the other workers leave within some microseconds, the remaining time of a short chunk.
  /// Spinning is cheaper than sleeping and waking up for so short a time.
  private func othersFinishSoon() -> Bool {
    for _ in 0..<1 << 14 where state.load(ordering: .acquiring) == Self.isClosed { return true }
    return false
  }

  /// Not inlined, so that its reference to `work` ends before the worker leaves.
  @inline(never)
  private func processChunks(as worker: Int) {
    guard let work else { return }
    while true {
      let chunk = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard chunk < chunks else { return }
      work(chunk, worker)
    }
  }
}
