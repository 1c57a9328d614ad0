import LossCore

/// What came of checking a case.
public struct CaseResult: Sendable {
  /// The full name of the case.
  public let fullID: String
  /// The name of the loss.
  public let loss: String
  /// Our name of the loss; the case's own where it names none.
  public let ourLoss: String
  /// The bugs that the case hunts.
  public let flags: [String]
  /// What the case came to.
  public let outcome: Outcome
  /// Everything that is needed to act on a failure, and nothing else.
  public let report: String

  /// What a case can come to.
  public enum Outcome: Hashable, Sendable {
    /// Everything came out as expected.
    case passed
    /// Something did not.
    case failed
    /// The implementation has no such loss, option or input; why.
    case unsupported(String)
  }

  /// Whether everything came out as expected.
  public var isPassed: Bool { outcome == .passed }

  init(_ conformanceCase: ConformanceCase, ourLoss: String, _ findings: [Finding]) {
    self.init(
      conformanceCase, ourLoss: ourLoss,
      outcome: findings.allSatisfy(\.isPassed) ? .passed : .failed,
      report: Self.report(conformanceCase, findings))
  }

  init(_ conformanceCase: ConformanceCase, ourLoss: String, unsupported reason: String) {
    self.init(
      conformanceCase, ourLoss: ourLoss, outcome: .unsupported(reason),
      report: "\(conformanceCase.fullID)   unsupported: \(reason)")
  }

  private init(
    _ conformanceCase: ConformanceCase, ourLoss: String, outcome: Outcome, report: String
  ) {
    fullID = conformanceCase.fullID
    loss = conformanceCase.loss
    self.ourLoss = ourLoss
    flags = conformanceCase.flags
    self.outcome = outcome
    self.report = report
  }

  private static func report(_ one: ConformanceCase, _ findings: [Finding]) -> String {
    let flags = one.flags.isEmpty ? "" : "   [\(one.flags.joined(separator: ", "))]"
    var lines = [
      "\(one.fullID)\(flags)   \(one.element.rawValue)"
        + "   source \(one.fixture.source) (\(one.source.title))"
    ]
    func add(_ title: String, _ texts: [String]) {
      let width = max(10, (findings.map(\.subject.count).max() ?? 0) + 2)
      for (index, text) in texts.enumerated() {
        let head = index == 0 ? title : ""
        lines.append("  " + head.padded(to: width) + text)
      }
    }
    for finding in findings {
      add(finding.subject, finding.isPassed ? ["ok"] : finding.lines)
    }
    add("with", [one.circumstances])
    add("about", [one.about])
    for (word, flag) in one.flagged { add("hunts", ["\(word): \(flag.hunts)"]) }
    return lines.joined(separator: "\n")
  }
}

extension ConformanceCase {
  /// The loss, the options and the inputs in one line.
  var circumstances: String {
    var parts = ["loss \(loss)"]
    if !fixture.options.isEmpty {
      parts.append("options \(OptionValue.object(fixture.options).text)")
    }
    for (role, tensor) in inputs.tensors {
      parts.append("\(role) \(tensor.element.rawValue)\(tensor.shape)")
    }
    if let reduction = fixture.reduction {
      parts.append("reduction \(reduction.optionValue.text)")
    }
    if let classAxis = fixture.classAxis { parts.append("class_axis \(classAxis)") }
    return parts.joined(separator: ", ")
  }
}

extension String {
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
