/// How many cases of a kind came to what.
public struct ResultCounts: Sendable {
  /// The name of the loss or the flag.
  public let name: String
  /// The number of cases that came out as expected.
  public private(set) var passed = 0
  /// The number that did not.
  public private(set) var failed = 0
  /// The number that the implementation does not support.
  public private(set) var unsupported = 0

  /// The tallies of results by the losses they are of, by our names, in alphabetical order.
  public static func byLoss(_ results: [CaseResult]) -> [ResultCounts] {
    count(results) { [$0.ourLoss] }
  }

  /// The tallies of results by the bugs they hunt, in alphabetical order.
  public static func byFlag(_ results: [CaseResult]) -> [ResultCounts] {
    count(results, by: \.flags)
  }

  private static func count(_ results: [CaseResult], by names: (CaseResult) -> [String])
    -> [ResultCounts]
  {
    var tallies: [String: ResultCounts] = [:]
    for result in results {
      for name in names(result) {
        switch result.outcome {
        case .passed: tallies[name, default: ResultCounts(name: name)].passed += 1
        case .failed: tallies[name, default: ResultCounts(name: name)].failed += 1
        case .unsupported: tallies[name, default: ResultCounts(name: name)].unsupported += 1
        }
      }
    }
    return tallies.values.sorted { $0.name < $1.name }
  }

  private init(name: String) { self.name = name }
}
