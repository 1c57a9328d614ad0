import LossConformance
import LossFunctions
import Testing

/// The corpus obeys its own rules and covers every loss.
@Test("corpus lint")
func corpusObeysItsRules() throws {
  let findings = try Corpus.builtIn().lint(against: .linked)
  #expect(findings.isEmpty, "\n\(findings.joined(separator: "\n"))")
}
