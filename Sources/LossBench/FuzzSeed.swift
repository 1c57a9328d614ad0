import Foundation

/// The seed of what a fuzz program does at the moment, for the report of a trap.
enum FuzzSeed {
  /// Written by one thread, and read by the handler of a signal that interrupts it.
  nonisolated(unsafe) static var current: UInt64 = 0

  /// Prints the seed when the process traps, before it ends.
  static func reportTraps() {
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
      signal(number) { number in
        // Nothing else may allocate here.
        var digits = FuzzSeed.current
        let text = "losses-bench: this seed trapped: " as StaticString
        write(2, text.utf8Start, text.utf8CodeUnitCount)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 21) { buffer in
          buffer[20] = 10
          var index = 20
          repeat {
            index -= 1
            buffer[index] = 48 + UInt8(digits % 10)
            digits /= 10
          } while digits > 0
          write(2, buffer.baseAddress.map { $0 + index }, 21 - index)
        }
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }
}
