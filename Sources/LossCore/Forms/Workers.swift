import Dispatch
import Synchronization

/// Threads that share one piece of work.
@usableFromInline enum Workers {
  /// How many workers share some pieces of work: no more than threads or pieces, and the
  /// caller in any case.
  @inlinable
  static func count(threads: Int, chunks: Int) -> Int { max(1, min(threads, chunks)) }

  /// Calls a function for each of some pieces of work, from several threads at once, and returns
  /// when all are done.
  ///
  /// The function must write different memory for different pieces.
  @inlinable
  static func forEach(_ chunks: Int, threads: Int, _ work: (Int) -> Void) {
    forEach(chunks, workers: threads) { chunk, _ in work(chunk) }
  }

  /// The same, telling the function the number of the worker, one for each thread.
  ///
  /// The function must write different memory for different pieces, or for different workers.
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

/// Pieces of work that threads take until there are none.
///
/// The caller is a worker too. It waits only for workers that have started: waking a sleeping thread
/// can take longer than a short piece of work does, so a late worker returns at once.
/// `concurrentPerform` would wait for it.
///
/// `@unchecked`, because `work` is a plain variable and what it writes is plain memory. Neither is a
/// race:
///
/// - Workers write different memory for different pieces or workers, which `Workers` asks for.
/// - A worker reads `work` only if it entered (added 2 to `state`) while `isClosed` was not set. The
///   caller changes `work` after it has set `isClosed` and has learnt that all who entered have left.
/// - What workers wrote happens before `finish` returns. Each leaves by a read-modify-write of `state`
///   that releases and acquires, and these operations are totally ordered: the last one to leave has
///   acquired what every earlier one released. The caller acquires it in turn, from `state` itself
///   when it closes it or reads that it is alone, or through the semaphore that the last one signals.
private final class SharedWork: @unchecked Sendable {
  private let chunks: Int
  private var work: ((Int, Int) -> Void)?
  private let next = Atomic<Int>(0)
  /// Twice the number of workers that have entered and not left, plus `isClosed` once the caller
  /// has finished.
  private let state = Atomic<Int>(0)
  private let lastHasLeft = DispatchSemaphore(value: 0)

  private static let isClosed = 1
  private static let oneWorker = 2

  init(_ chunks: Int, _ work: @escaping (Int, Int) -> Void) {
    self.chunks = chunks
    self.work = work
  }

  /// Works as long as there is something to do; does nothing if the caller has finished.
  func join(as worker: Int) {
    let before = state.wrappingAdd(Self.oneWorker, ordering: .acquiring).oldValue
    if before & Self.isClosed == 0 { takePieces(as: worker) }
    let after = state.wrappingSubtract(Self.oneWorker, ordering: .acquiringAndReleasing).newValue
    if after == Self.isClosed { lastHasLeft.signal() }
  }

  /// Works, and returns when every piece is done and nobody is at work.
  func finish() {
    takePieces(as: 0)
    let others = state.wrappingAdd(Self.isClosed, ordering: .acquiringAndReleasing).oldValue
    if others > 0, !isSoonAlone() { lastHasLeft.wait() }
    work = nil
  }

  /// Whether the others leave while they are watched for some microseconds, the rest of a short
  /// piece: to sleep and be woken takes longer.
  private func isSoonAlone() -> Bool {
    for _ in 0..<1 << 14 where state.load(ordering: .acquiring) == Self.isClosed { return true }
    return false
  }

  /// Not inlined, so that its hold on `work` ends before the worker leaves.
  @inline(never)
  private func takePieces(as worker: Int) {
    guard let work else { return }
    while true {
      let chunk = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard chunk < chunks else { return }
      work(chunk, worker)
    }
  }
}
