import Foundation
import LossConformance
import LossFunctions
import Testing

/// Every case of the corpus, held against the linked losses.
///
/// `LOSS_FIXTURES=regression/huber#inside-the-knee swift test` runs the cases whose name contains
/// the text.
@Suite struct ConformanceTests {
  static let cases: [ConformanceCase] = {
    let wanted = ProcessInfo.processInfo.environment["LOSS_FIXTURES"]
    return (try? Corpus.builtIn().matching(wanted).cases) ?? []
  }()

  @Test("corpus", arguments: cases)
  func conforms(_ one: ConformanceCase) {
    let result = one.check(with: .linked)
    if !result.isPassed { Issue.record("\n\(result.report)") }
  }

  @Test("the corpus loads, and the filter finds something")
  func loads() throws {
    _ = try Corpus.builtIn()
    #expect(!Self.cases.isEmpty)
  }
}
