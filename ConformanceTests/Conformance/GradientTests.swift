import LossConformance
import LossFunctions
import Testing

/// Every gradient of every linked loss against central differences.
@Suite struct GradientTests {
  static let names = LossRegistry.linked.names.filter { $0 != "sum" }

  @Test("gradient is the derivative", arguments: names)
  func isTheDerivative(_ name: String) throws {
    let entry = try #require(LossRegistry.linked.entry(named: name))
    let findings = try GradientLaw().check(entry, in: .linked)
    #expect(!findings.isEmpty)
    for finding in findings {
      #expect(finding.worst <= 1e-6, "\(finding)")
      #expect(finding.count > 10 * finding.kinks, "\(finding)")
    }
  }
}
