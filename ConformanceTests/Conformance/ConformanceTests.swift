import Foundation
import LossConformance
import LossFunctions
import Testing

/// Every case of the corpus, held against the linked losses.
///
/// `LOSS_FIXTURES=regression/huber#inside-the-knee swift test` runs the cases whose name contains
/// the text.
@Suite struct ConformanceTests {
  /// A filter that finds nothing fails, as a corpus that does not load does.
  static func cases() throws -> [ConformanceCase] {
    let wanted = ProcessInfo.processInfo.environment["LOSS_FIXTURES"]
    let cases = try Corpus.builtIn().matching(wanted).cases
    try #require(!cases.isEmpty)
    return cases
  }

  @Test("corpus", arguments: try cases())
  func conforms(_ one: ConformanceCase) {
    let result = one.check(with: .linked)
    if !result.isPassed { Issue.record("\n\(result.report)") }
  }
}
