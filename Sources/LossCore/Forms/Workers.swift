import Dispatch
import Synchronization

/// Threads that share one piece of work.
@usableFromInline enum Workers {
  /// How many workers share some pieces of work: no more than threads or pieces, and the
  /// caller in any case.
  @inlinable
  static func count(threads: Int, pieces: Int) -> Int { max(1, min(threads, pieces)) }

  /// Calls a function for each of some pieces of work, from several threads at once, and returns
  /// when all are done.
  ///
  /// The function must write different memory for different pieces.
  @inlinable
  static func forEach(_ pieces: Int, threads: Int, _ work: (Int) -> Void) {
    forEach(pieces, workers: threads) { piece, _ in work(piece) }
  }

  /// The same, telling the function the number of the worker, one for each thread.
  ///
  /// The function must write different memory for different pieces, or for different workers.
  @inlinable
  static func forEach(_ pieces: Int, workers: Int, _ work: (Int, Int) -> Void) {
    let workers = count(threads: workers, pieces: pieces)
    guard workers > 1 else {
      for piece in 0..<pieces { work(piece, 0) }
      return
    }
    share(pieces, among: workers, work)
  }

  @usableFromInline
  static func share(_ pieces: Int, among workers: Int, _ work: (Int, Int) -> Void) {
    withoutActuallyEscaping(work) { work in
      let shared = SharedWork(pieces, work)
      for worker in 1..<workers {
        DispatchQueue.global(qos: .userInitiated).async { shared.join(as: worker) }
      }
      shared.finish()
    }
  }
}

/// Pieces of work that threads take until there are none.
///
/// The caller is a worker too. It waits for those who have begun and for nobody else: a thread that
/// slept takes as long to wake as a short piece of work does, and who comes too late finds the door
/// closed. `concurrentPerform` would wait for it.
///
/// `@unchecked`: `work` is called by the caller and by those who came in while the door was open; it
/// changes, to nil, when the door is closed and the last of them has left. What it writes is different
/// memory for different pieces or workers, which `Workers` asks for.
private final class SharedWork: @unchecked Sendable {
  private let pieces: Int
  private var work: ((Int, Int) -> Void)?
  private let next = Atomic<Int>(0)
  /// Twice the number of those who are in, and 1 more once the door is closed.
  private let door = Atomic<Int>(0)
  private let lastHasLeft = DispatchSemaphore(value: 0)

  init(_ pieces: Int, _ work: @escaping (Int, Int) -> Void) {
    self.pieces = pieces
    self.work = work
  }

  /// Works as long as there is something to do; does nothing if the caller has finished.
  func join(as worker: Int) {
    let isOpen = door.wrappingAdd(2, ordering: .acquiring).oldValue & 1 == 0
    if isOpen { takePieces(as: worker) }
    if door.wrappingSubtract(2, ordering: .releasing).newValue == 1 { lastHasLeft.signal() }
  }

  /// Works, and returns when every piece is done and nobody is at work.
  func finish() {
    takePieces(as: 0)
    let othersAreIn = door.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue > 0
    if othersAreIn, !isSoonAlone() { lastHasLeft.wait() }
    work = nil
  }

  /// Whether the others leave while they are watched for some microseconds, the rest of a short
  /// piece: to sleep and be woken takes longer.
  private func isSoonAlone() -> Bool {
    for _ in 0..<1 << 14 where door.load(ordering: .acquiring) == 1 { return true }
    return false
  }

  /// Not inlined, so that its hold on `work` ends before the worker leaves.
  @inline(never)
  private func takePieces(as worker: Int) {
    guard let work else { return }
    while true {
      let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard piece < pieces else { return }
      work(piece, worker)
    }
  }
}
