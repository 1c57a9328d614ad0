import Foundation
import LossConformance
import LossFunctions
import Testing

/// Every gradient of every linked loss against central differences.
///
/// `LOSS_GRADIENT_TABLE=1 swift test --filter GradientTests` prints the table of `docs/Gradients.md`;
/// `LOSS_LAWS=huber` leaves the losses whose name contains the text.
@Suite struct GradientTests {
  static let names = LossRegistry.linked.names.filter { name in
    let inputs = LossRegistry.linked.entry(named: name)?.signature.inputs ?? []
    let isWanted = ProcessInfo.processInfo.environment["LOSS_LAWS"].map(name.contains) ?? true
    return isWanted && inputs.contains { $0.isDifferentiable }
  }

  @Test("gradient is the derivative", arguments: names)
  func isTheDerivative(_ name: String) throws {
    let entry = try #require(LossRegistry.linked.entry(named: name))
    let findings = try GradientLaw().check(entry, in: .linked)
    #expect(!findings.isEmpty)
    if ProcessInfo.processInfo.environment["LOSS_GRADIENT_TABLE"] != nil {
      let roles = Set(findings.map(\.role.name)).sorted().joined(separator: ", ")
      let count = findings.map(\.count).reduce(0, +)
      let kinks = findings.map(\.kinks).reduce(0, +)
      let worst = findings.map(\.worst).max() ?? 0
      let variants = Set(findings.map(\.variant)).count
      print("| \(name) | \(roles) | \(variants) | \(count) | \(kinks) | \(worst) |")
    }
    for finding in findings {
      #expect(finding.worst <= 1e-6, "\(finding)")
      #expect(finding.count > 10 * finding.kinks, "\(finding)")
    }
  }
}
