import Foundation
import LossConformance
import LossFunctions
import Testing

/// Every law, for every linked loss.
///
/// `LOSS_LAWS=mask-is-removal swift test --filter LawTests` runs the cases whose name, `law: loss`,
/// contains the text.
@Suite struct LawTests {
  static let cases: [LawCase] = {
    let wanted = ProcessInfo.processInfo.environment["LOSS_LAWS"]
    return Laws.cases(of: .linked).filter { one in
      wanted.map { one.description.contains($0) } ?? true
    }
  }()

  @Test("laws", arguments: cases)
  func holds(_ one: LawCase) {
    let violations = one.check()
    #expect(violations.isEmpty, "\n\(violations.map(\.description).joined(separator: "\n"))")
  }

  @Test("each law is asked of some loss, and each loss is asked something by most laws")
  func asks() {
    let names = Set(LossRegistry.linked.names).subtracting(composedLosses.losses.map(\.card.name))
    #expect(Set(Laws.cases(of: .linked).map(\.entry.card.name)) == names)
    #expect(Set(Law.all.map(\.name)).count == Law.all.count)
    // A huber loss is asked by all laws but those of classes.
    let asked = Laws.cases(of: .linked).filter {
      $0.entry.card.name == "huber" && !$0.law.name.contains("thread")
    }
    .filter { $0.outcome().asked > 0 }
    #expect(asked.count >= Law.all.count - 4)
  }
}
