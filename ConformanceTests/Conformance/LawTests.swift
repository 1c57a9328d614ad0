import Foundation
import LossConformance
import LossFunctions
import Testing

/// Every law, for every linked loss.
///
/// `LOSS_LAWS=mask-is-removal swift test --filter LawTests` runs the cases whose name, `law: loss`,
/// contains the text.
@Suite struct LawTests {
  /// A filter that finds nothing fails, as plug-ins that claim one name do.
  static func cases() throws -> [LawCase] {
    let wanted = ProcessInfo.processInfo.environment["LOSS_LAWS"]
    let cases = Laws.cases(of: try LossRegistry.linked.checked()).filter { one in
      wanted.map { one.description.contains($0) } ?? true
    }
    try #require(!cases.isEmpty)
    return cases
  }

  /// Where a law is known not to hold, and why; one that holds after all fails here.
  static let exceptions: [String: Comment] = [
    "never-nan: circle":
      "without normalize, products of large numbers are infinities of both signs",
    "never-nan: dice_ce": "with activation none, the overlap of a large number is ∞ / ∞",
    "never-nan: dice_focal": "with activation none, the overlap of a large number is ∞ / ∞",
    "never-nan: generalized_dice_focal": "with activation none, the overlap is ∞ / ∞",
    "never-nan: linear_cross_entropy": "logits are products, and two may overflow",
    "never-nan: n_pairs": "similarities are products, and two may overflow",
    "never-nan: neural_ndcg": "differences of scores overflow to infinities of both signs",
    "never-nan: periodic": "more periods than the largest number have no rest",
    "never-nan: poisson_nll": "of a large count or rate, two parts overflow with opposite signs",
    "never-nan: triplet_margin": "squared distances overflow, and their difference is ∞ - ∞",
    "never-nan: vicreg": "the variance of a large number is ∞ - ∞",
    "never-nan: binary_focal": "epsilon moves a probability of 1 beyond 1",
  ]

  @Test("laws", arguments: try cases())
  func holds(_ one: LawCase) {
    let counterexamples = one.check()
    let report: Comment = "\n\(counterexamples.map(\.description).joined(separator: "\n"))"
    if let reason = Self.exceptions[one.description] {
      withKnownIssue(reason) { #expect(counterexamples.isEmpty, report) }
    } else {
      #expect(counterexamples.isEmpty, report)
    }
  }

  @Test("each loss of a family is asked, and no two laws have one name")
  func asks() {
    let names = Set(LossRegistry.linked.names).subtracting(
      composedLosses.losses.map(\.metadata.name))
    #expect(Set(Laws.cases(of: .linked).map(\.entry.metadata.name)) == names)
    #expect(Set(Law.all.map(\.name)).count == Law.all.count)
  }
}
