import LossCore

/// The result of one comparison of a case.
struct Finding: Sendable {
  /// The compared quantity: value, a gradient, an error, or a relation.
  let subject: String
  /// The mismatches, line by line; empty if there are none.
  let lines: [String]

  var isPassed: Bool { lines.isEmpty }
}

extension ConformanceCase {
  func checkResult(
    _ value: FixtureTensor?, _ derivatives: ExpectedDerivatives, _ response: AdapterResponse
  ) -> [Finding] {
    guard case .result(let result) = response else {
      return [Finding(subject: "value", lines: ["got      \(response.failureDescription ?? "")"])]
    }
    var findings: [Finding] = []
    if let value { findings.append(compare("value", result.value, value)) }
    let kinds = [
      ("gradient", derivatives.gradients, result.gradients),
      ("second derivative", derivatives.secondDerivatives, result.secondDerivatives),
      ("Hessian product", derivatives.hessianVector, result.hessianVectorProducts),
    ]
    for (kind, expected, got) in kinds {
      for (role, expected) in expected.sorted(by: { $0.key < $1.key }) {
        let subject = "\(kind) of \(role)"
        guard let tensor = got[Role(role)] else {
          findings.append(Finding(subject: subject, lines: ["is missing"]))
          continue
        }
        findings.append(compare(subject, tensor, expected))
      }
    }
    return findings
  }

  /// Compares tensors element by element; reports the first three mismatches.
  private func compare(
    _ subject: String, _ got: AnyTensor, _ expected: FixtureTensor
  ) -> Finding {
    guard got.shape == expected.shape else {
      return Finding(
        subject: subject,
        lines: ["got      shape \(got.shape)", "expected shape \(expected.shape)"])
    }
    let tolerances = tolerances
    let half = got.element.isNarrow ? got.element : nil
    var lines: [String] = []
    var count = 0
    for (index, (got, expected)) in zip(got.doubles, expected.doubles).enumerated() {
      let reasons = tolerances.compactMap { tolerance in
        tolerance.mismatch(got, expected, element, roundedTo: half)
      }
      guard reasons.count == tolerances.count, let reason = reasons.first else { continue }
      count += 1
      guard count <= 3 else { continue }
      lines.append("got      \(text(got))\(location(index))")
      lines.append("expected \(text(expected))   \(reason)")
    }
    if count > 3 { lines.append("and \(count - 3) more") }
    return Finding(subject: subject, lines: lines)

    func location(_ index: Int) -> String {
      expected.shape.rank == 0 ? "" : "   at place \(index) of shape \(expected.shape)"
    }
  }

  /// The tolerances of which one must hold: that of the case; in half precision, which is computed in
  /// `Float`, also its bound on rounding errors, and as many ulp, in units of `Float`.
  private var tolerances: [Tolerance] {
    let own = fixture.tolerance ?? .standard(fixtureElement)
    guard halfElement != nil, fixtureElement == .float64 else { return [own] }
    // What is 0 in exact arithmetic may be a residue of numbers near 1.
    return [own, own.inFloat, .standard(.float64), .absolute(0x1p-50)]
  }

  /// The element type of the computation before the inputs were converted to half precision.
  private var fixtureElement: ElementType {
    var original = self
    original.halfElement = nil
    return original.element
  }

  private func text(_ number: Double) -> String {
    element == .float32 && number.isFinite ? "\(Float(number))" : "\(number)"
  }

  func checkError(_ code: String, _ subject: String, _ response: AdapterResponse) -> Finding {
    let got =
      switch response {
      // Code and subject that the implementation does not report are not compared.
      case .rejected(let reportedCode, let reportedSubject, _)
      where (reportedCode ?? code) == code && (reportedSubject ?? subject) == subject:
        ""
      case .result(let result): "the value \(result.value.doubles)"
      case .rejected(let reportedCode, let reportedSubject, let message):
        "\(reportedCode ?? "an error") of \(reportedSubject ?? "an unnamed subject"): \(message)"
      case .unsupported, .noResponse: response.failureDescription ?? ""
      }
    return Finding(
      subject: "error",
      lines: got.isEmpty ? [] : ["got      \(got)", "expected \(code) of \(subject)"])
  }

  /// - Parameter responses: the response to the case, and the response to its reference case.
  func checkRelation(_ relation: Relation, _ responses: [AdapterResponse]) -> Finding {
    var values: [[Double]] = []
    for response in responses {
      guard case .result(let result) = response else {
        return Finding(
          subject: "relation", lines: ["got      \(response.failureDescription ?? "")"])
      }
      values.append(result.value.doubles)
    }
    let other = values.count > 1 ? values[1] : []
    return Finding(subject: "relation", lines: mismatch(relation, values[0], other))
  }

  private func mismatch(_ relation: Relation, _ got: [Double], _ other: [Double]) -> [String] {
    let name = related.first?.fullID ?? ""
    let tolerance = fixture.tolerance ?? .standard(element)
    func lines(_ holds: Bool, _ expected: String) -> [String] {
      holds ? [] : ["got      \(got)", "expected \(expected)"]
    }
    func all(_ compare: (Double, Double) -> Bool) -> Bool {
      got.count == other.count && zip(got, other).allSatisfy(compare)
    }
    return switch relation {
    case .lessThan: lines(all(<), "less than \(other), the value of \(name)")
    case .greaterThan: lines(all(>), "more than \(other), the value of \(name)")
    case .closeTo:
      lines(
        all { tolerance.mismatch($0, $1, element) == nil },
        "within \(tolerance) of \(other), the value of \(name)")
    case .notEqual(let number): lines(got.allSatisfy { $0 != number }, "anything but \(number)")
    case .between(let low, let high):
      lines(got.allSatisfy { $0 > low && $0 < high }, "numbers between \(low) and \(high)")
    }
  }
}
