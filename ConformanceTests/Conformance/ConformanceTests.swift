import Foundation
import LossConformance
import LossFunctions
import Testing

/// Checks every case of the corpus with the linked losses; those whose inputs are exact in half
/// precision in `float16` and `bfloat16` as well.
///
/// `LOSS_FIXTURES=regression/huber#inside-the-knee swift test` runs the cases whose name contains
/// the text.
@Suite struct ConformanceTests {
  /// Throws for a filter without matches, and for an invalid corpus.
  static func cases() throws -> [ConformanceCase] {
    let filter = ProcessInfo.processInfo.environment["LOSS_FIXTURES"]
    let corpus = try Corpus.builtIn().matching(filter)
    try #require(!corpus.cases.isEmpty)
    return corpus.cases + corpus.casesInHalfPrecision(with: .linked)
  }

  @Test("The linked losses conform to the corpus", arguments: try cases())
  func conforms(_ one: ConformanceCase) {
    let result = one.check(with: .linked)
    if !result.isPassed { Issue.record("\n\(result.report)") }
  }
}
