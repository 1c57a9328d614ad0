import LossCore

/// The result of checking a case.
public struct CaseResult: Sendable {
  /// The full name of the case.
  public let fullID: String
  /// The name of the loss.
  public let loss: String
  /// The registered name of the loss; the name in the case if it is not registered.
  public let ourLoss: String
  /// The bugs that the case targets: words of `flags.json`.
  public let flags: [String]
  /// Whether the case passed.
  public let outcome: Outcome
  /// The comparisons that were made, in order; empty if the case is not supported.
  public let comparisons: [Comparison]
  /// The failure report: mismatches, inputs, source and flags.
  public let report: String

  /// One comparison of a case.
  public struct Comparison: Sendable {
    /// What was compared: `value`, `gradient of` a role, `error` or `relation`.
    public let subject: String
    /// Whether it succeeded.
    public let isPassed: Bool
  }

  /// The outcome of a case.
  public enum Outcome: Hashable, Sendable {
    /// Every comparison succeeded.
    case passed
    /// At least one comparison failed.
    case failed
    /// The implementation does not support the loss, an option or an input, with the reason.
    case unsupported(String)
  }

  /// Whether every comparison succeeded.
  public var isPassed: Bool { outcome == .passed }

  init(_ conformanceCase: ConformanceCase, ourLoss: String, _ findings: [Finding]) {
    self.init(
      conformanceCase, ourLoss: ourLoss,
      outcome: findings.allSatisfy(\.isPassed) ? .passed : .failed,
      comparisons: findings.map { Comparison(subject: $0.subject, isPassed: $0.isPassed) },
      report: Self.report(conformanceCase, findings))
  }

  init(_ conformanceCase: ConformanceCase, ourLoss: String, unsupported reason: String) {
    self.init(
      conformanceCase, ourLoss: ourLoss, outcome: .unsupported(reason), comparisons: [],
      report: "\(conformanceCase.fullID)   unsupported: \(reason)")
  }

  private init(
    _ conformanceCase: ConformanceCase, ourLoss: String, outcome: Outcome,
    comparisons: [Comparison], report: String
  ) {
    fullID = conformanceCase.fullID
    loss = conformanceCase.loss
    self.ourLoss = ourLoss
    flags = conformanceCase.flags
    self.outcome = outcome
    self.comparisons = comparisons
    self.report = report
  }

  private static func report(_ conformanceCase: ConformanceCase, _ findings: [Finding]) -> String {
    let names = conformanceCase.flags
    let flags = names.isEmpty ? "" : "   [\(names.joined(separator: ", "))]"
    var lines = [
      "\(conformanceCase.fullID)\(flags)   \(conformanceCase.element.rawValue)"
        + "   source \(conformanceCase.fixture.source) (\(conformanceCase.source.title))"
    ]
    func add(_ title: String, _ texts: [String]) {
      let width = max(10, (findings.map(\.subject.count).max() ?? 0) + 2)
      for (index, text) in texts.enumerated() {
        let label = index == 0 ? title : ""
        lines.append("  " + label.padded(to: width) + text)
      }
    }
    for finding in findings {
      add(finding.subject, finding.isPassed ? ["ok"] : finding.lines)
    }
    add("with", [conformanceCase.configuration])
    add("about", [conformanceCase.about])
    for (word, flag) in conformanceCase.flagged { add("hunts", ["\(word): \(flag.hunts)"]) }
    return lines.joined(separator: "\n")
  }
}

extension ConformanceCase {
  /// The loss, the options and the inputs in one line.
  var configuration: String {
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
