import Foundation
import LossCore

/// The environment of a benchmark run.
enum BenchMachine {
  /// The name of the processor, if the system reports it.
  static var processor: String {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = lines.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":", maxSplits: 1).last
    return name?.trimmingCharacters(in: .whitespaces) ?? architecture
  }

  /// The load averages over 1, 5 and 15 minutes.
  static var loadAverage: [Double] {
    var loads = [0.0, 0.0, 0.0]
    return getloadavg(&loads, 3) == 3 ? loads : []
  }

  static var versions: [String: String] {
    [
      "swift-losses": libraryVersion,
      "swift-losses-build": "\(isDebug ? "debug" : "release"), \(vectors)",
    ]
  }

  /// Whether this is a debug build, in which `assert` evaluates its condition.
  static var isDebug: Bool {
    var isDebug = false
    assert(
      {
        isDebug = true
        return true
      }())
    return isDebug
  }

  private static var vectors: String {
    #if LOSSES_AVX512
      "x86-64-v4"
    #elseif LOSSES_FMA
      "x86-64-v3"
    #else
      architecture
    #endif
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86-64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }
}
