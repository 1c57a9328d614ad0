/// Numbers of passed, failed and unsupported cases of one loss or one flag.
public struct ResultCounts: Sendable {
  /// The name of the loss or the flag.
  public let name: String
  /// The number of passed cases.
  public private(set) var passed = 0
  /// The number of failed cases.
  public private(set) var failed = 0
  /// The number of cases that the implementation does not support.
  public private(set) var unsupported = 0

  /// Counts by registered loss name, in alphabetical order.
  public static func byLoss(_ results: [CaseResult]) -> [ResultCounts] {
    count(results) { [$0.ourLoss] }
  }

  /// Counts by flag, in alphabetical order.
  public static func byFlag(_ results: [CaseResult]) -> [ResultCounts] {
    count(results, by: \.flags)
  }

  private static func count(_ results: [CaseResult], by names: (CaseResult) -> [String])
    -> [ResultCounts]
  {
    var counts: [String: ResultCounts] = [:]
    for result in results {
      for name in names(result) {
        switch result.outcome {
        case .passed: counts[name, default: ResultCounts(name: name)].passed += 1
        case .failed: counts[name, default: ResultCounts(name: name)].failed += 1
        case .unsupported: counts[name, default: ResultCounts(name: name)].unsupported += 1
        }
      }
    }
    return counts.values.sorted { $0.name < $1.name }
  }

  private init(name: String) { self.name = name }
}
