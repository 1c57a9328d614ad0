import Foundation
import LossConformance
import LossFunctions
import Testing

/// Checks every law with every linked loss.
///
/// `LOSS_LAWS=mask-is-removal swift test --filter LawTests` runs the cases whose name, `law: loss`,
/// contains the text.
@Suite struct LawTests {
  /// Throws for a filter without matches, and for duplicate names of losses.
  static func cases() throws -> [LawCase] {
    let filter = ProcessInfo.processInfo.environment["LOSS_LAWS"]
    let cases = Laws.cases(of: try LossRegistry.linked.checked()).filter { one in
      filter.map { one.description.contains($0) } ?? true
    }
    try #require(!cases.isEmpty)
    return cases
  }

  /// Known exceptions, with the reason. A law that holds despite its exception fails.
  static let exceptions: [String: Comment] = [
    "never-nan: circle":
      "without normalize, products of large numbers overflow to infinities of both signs",
    "never-nan: clip": "logits are products, which may overflow with opposite signs",
    "never-nan: linear_cross_entropy":
      "logits are products, which may overflow with opposite signs",
    "never-nan: n_pairs": "similarities are products, which may overflow with opposite signs",
    "never-nan: neural_ndcg": "differences of scores overflow to infinities of both signs",
    "never-nan: periodic": "the number of periods overflows, and its remainder is NaN",
    "never-nan: poisson_nll": "for a large count or rate, two parts overflow with opposite signs",
    "never-nan: triplet_margin": "squared distances overflow, and their difference is ∞ - ∞",
    "never-nan: vicreg": "the variance of a large number is ∞ - ∞",
  ].merging(withoutFusedProducts) { reason, _ in reason }

  #if LOSSES_FMA
    private static let withoutFusedProducts: [String: Comment] = [:]
  #else
    private static let withoutFusedProducts: [String: Comment] = [
      "never-nan: siglip": "a product of scale overflows before a number of opposite sign is added"
    ]
  #endif

  @Test("The linked losses satisfy the laws", arguments: try cases())
  func holds(_ one: LawCase) {
    let counterexamples = one.check()
    let report: Comment = "\n\(counterexamples.map(\.description).joined(separator: "\n"))"
    if let reason = Self.exceptions[one.description] {
      withKnownIssue(reason) { #expect(counterexamples.isEmpty, report) }
    } else {
      #expect(counterexamples.isEmpty, report)
    }
  }

  @Test("Every loss of a family is covered, and names of laws are unique")
  func coversLosses() {
    let names = Set(LossRegistry.linked.names).subtracting(
      composedLosses.losses.map(\.metadata.name))
    #expect(Set(Laws.cases(of: .linked).map(\.entry.metadata.name)) == names)
    #expect(Set(Law.all.map(\.name)).count == Law.all.count)
  }
}
