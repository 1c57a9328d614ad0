import LossConformance
import LossFunctions
import Testing

@Test("The corpus is well-formed and covers every loss")
func corpusIsValid() throws {
  let findings = try Corpus.builtIn().lint(against: .linked)
  #expect(findings.isEmpty, "\n\(findings.joined(separator: "\n"))")
}
