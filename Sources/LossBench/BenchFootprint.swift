import Foundation
import LossFunctions

/// What a call needs of memory beside its inputs and gradients, as the system counts it.
struct BenchFootprint {
  /// The most that the calls added to the memory of the process, pages of the program apart, in
  /// bytes; nil where the system does not tell.
  let peak: Int?
  /// How often a call allocates, later calls only; nil without a counter.
  let allocations: Double?

  /// Calls a few times, then often enough to count.
  init(_ calls: BenchWork.Calls) throws(LossError) {
    // What is resident now is inputs and gradients, and the program.
    ResidentMemory.giveBack()
    ResidentMemory.forgetPeak()
    let before = ResidentMemory.kilobytes("VmRSS")
    let program = ResidentMemory.kilobytes("RssFile")
    let start = ContinuousClock.now
    _ = try calls(3)
    let seconds = (ContinuousClock.now - start) / .seconds(3)
    let after = ResidentMemory.kilobytes("VmHWM")
    if let before, let after, let program, let read = ResidentMemory.kilobytes("RssFile") {
      // The first calls read the program from its file: that is the same for any input.
      peak = max(0, after - before - (read - program)) * 1024
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

  static let head =
    "case                        peak beside inputs and gradients   allocations a call"

  /// The row of a case.
  func row(_ name: String) -> String {
    let peak = peak.map { String(format: "%.2f MB", Double($0) / 1e6) } ?? "unknown"
    let allocations = allocations.map { String(format: "%.3g", $0) } ?? "not counted"
    let space = String(repeating: " ", count: max(1, 28 - name.count))
    return name + space + peak.leftPadded(to: 32) + allocations.leftPadded(to: 21)
  }
}

/// What the Linux kernel counts for this process.
private enum ResidentMemory {
  /// A line of the process's status, such as `VmHWM`, the most that was resident.
  static func kilobytes(_ field: String) -> Int? {
    let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix(field + ":") }
    return line.flatMap { Int($0.filter(\.isNumber)) }
  }

  /// Gives back to the system what making the data left, which the calls would take instead of more.
  static func giveBack() {
    typealias Trim = @convention(c) (Int) -> Int32
    if let trim = dlsym(nil, "malloc_trim") { _ = unsafeBitCast(trim, to: Trim.self)(0) }
  }

  /// Makes the peak what is resident now.
  static func forgetPeak() {
    try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
  }
}

/// The counter of `docs/bench/allocations.c`, where the process was started with it.
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
