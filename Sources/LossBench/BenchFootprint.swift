import Foundation
import LossFunctions

/// The memory of a call beyond its inputs and gradients, as reported by the system.
struct BenchFootprint {
  /// The peak increase of resident memory in bytes, without pages of the program file; nil if the
  /// system does not report it.
  let peak: Int?
  /// The number of allocations per call after warm-up; nil without a counter.
  let allocations: Double?

  /// Measures the peak over a few calls, and the allocations over many.
  init(_ calls: BenchWork.Calls) throws(LossError) {
    // Now only inputs, gradients and the program are resident.
    ResidentMemory.trim()
    ResidentMemory.resetPeak()
    let before = ResidentMemory.kilobytes("VmRSS")
    let program = ResidentMemory.kilobytes("RssFile")
    let start = ContinuousClock.now
    _ = try calls(3)
    let seconds = (ContinuousClock.now - start) / .seconds(3)
    let after = ResidentMemory.kilobytes("VmHWM")
    if let before, let after, let program, let loaded = ResidentMemory.kilobytes("RssFile") {
      // The first calls load pages of the program, which do not depend on the input.
      peak = max(0, after - before - (loaded - program)) * 1024
    } else {
      peak = nil
    }

    let count = max(3, min(1000, Int(0.2 / max(seconds, 1e-9))))
    let first = AllocationCounter.count
    _ = try calls(count)
    if let first, let last = AllocationCounter.count {
      allocations = Double(last - first) / Double(count)
    } else {
      allocations = nil
    }
  }

  static let header =
    "case                        peak beyond inputs and gradients   allocations / call"

  /// The row of a case.
  func row(_ name: String) -> String {
    let peak = peak.map { String(format: "%.2f MB", Double($0) / 1e6) } ?? "unknown"
    let allocations = allocations.map { String(format: "%.3g", $0) } ?? "not counted"
    let space = String(repeating: " ", count: max(1, 28 - name.count))
    return name + space + peak.leftPadded(to: 32) + allocations.leftPadded(to: 21)
  }
}

/// The memory statistics of the Linux kernel for this process.
private enum ResidentMemory {
  /// A field of the process status, such as `VmHWM`, the peak resident memory.
  static func kilobytes(_ field: String) -> Int? {
    let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix(field + ":") }
    return line.flatMap { Int($0.filter(\.isNumber)) }
  }

  /// Returns freed memory to the system, which the calls could otherwise reuse.
  static func trim() {
    typealias Trim = @convention(c) (Int) -> Int32
    if let trim = dlsym(nil, "malloc_trim") { _ = unsafeBitCast(trim, to: Trim.self)(0) }
  }

  /// Resets the peak to the current resident memory.
  static func resetPeak() {
    try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
  }
}

/// The counter of `docs/bench/allocations.c`, if it is preloaded.
private enum AllocationCounter {
  private typealias Count = @convention(c) () -> Int

  static var count: Int? {
    dlsym(nil, "losses_allocation_count").map { unsafeBitCast($0, to: Count.self)() }
  }
}

extension String {
  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
