public import LossCore
import LossDialects

/// Multi-label hinge: margin violations of each true class against each other class.
///
/// - Shape: prediction `[..., class]`, target `[..., class]` lists of classes.
/// - Throws: `invalid_class` for an index that is no class, before the end of a list.
public struct MultilabelMarginLoss: FormLoss {
  public static let metadata = LossMetadata(
    "multilabel_margin",
    "Multi-label hinge: margin violations of each true class against each other class.",
    formula: "Σ over true i, other j of max(0, 1 - prediction[i] + prediction[j]) / classes",
    domain: """
      Every real number; NaN gives NaN. A target lists the true classes and ends before \
      the first -1: an empty list gives 0, and a class listed twice counts twice.
      """,
    gradient: "0 at the edge of the margin.",
    usage: """
      Multi-label classification that ranks true classes above the others, with lists of classes \
      as targets. multilabel_soft_margin takes targets of 0 and 1 and gives probabilities.
      """,
    related: ["multilabel_soft_margin", "multi_margin", "binary_cross_entropy"],
    references: ["PyTorch, MultiLabelMarginLoss"],
    dialectEntries: [
      .torch("multilabel_margin_loss", class: "MultiLabelMarginLoss")
    ])
  private static let rows = LossSignature(
    .real(.prediction, "... class"), .sequence(.target, of: "class", "... class", endedBy: -1),
    terms: "...")

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative] }
  public var signature: LossSignature { Self.rows }

  public var termLayout: TermLayout? { .groups }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    guard let scores = context.real(0), let labels = context.integers(1) else { return }
    let context = copy context
    let count = context.extent("class")
    // The class axis is no axis of the signature that is checked, since there is one of labels, too.
    guard count > 0 || context.termCount == 0 else {
      throw LossError(
        .emptyInput, subject: Role.prediction.name,
        found: "has shape \(context.inputs[0]?.shape ?? .scalar)", expected: "at least one class")
    }
    for term in 0..<context.termCount where !context.isRemoved(term) {
      try Self.checkList(labels + term * count, count: count, term: term)
    }
    let gradient = context.gradient(0)
    context.forEachBlock(elementsPerTerm: count) { range, terms in
      for term in range {
        let start = term * count
        let row = gradient.map { $0 + start }
        if let row { for j in 0..<count { row[j] = 0 } }
        terms[term - range.lowerBound] =
          context.isRemoved(term)
          ? 0
          : Self.term(
            scores + start, Self.list(labels + start, count: count), count: count, row,
            context.gradientScale(term) / S(count))
      }
    }
  }

  /// The labels before the first -1.
  static func list(_ labels: UnsafePointer<Int>, count: Int) -> UnsafeBufferPointer<Int> {
    var length = 0
    while length < count, labels[length] >= 0 { length += 1 }
    return UnsafeBufferPointer(start: labels, count: length)
  }

  static func checkList(
    _ labels: UnsafePointer<Int>, count: Int, term: Int
  ) throws(LossError) {
    for index in 0..<count {
      let label = labels[index]
      if label == -1 { return }
      guard label >= 0, label < count else {
        throw LossError(
          .invalidClass, subject: "target", found: "is \(label) in row \(term)",
          expected: "a class in 0 ..< \(count), or -1 for the end of the list")
      }
    }
  }

  /// The term of one row; adds to its gradient, if there is one.
  static func term<S: LossScalar>(
    _ scores: UnsafePointer<S>, _ list: UnsafeBufferPointer<Int>, count: Int,
    _ gradient: UnsafeMutablePointer<S>?, _ factor: S
  ) -> S {
    var sum = CompensatedSum()
    for j in 0..<count where !list.contains(j) {
      for i in list {
        let violation = 1 - (scores[i] - scores[j])
        sum.add(S.relu(violation).asDouble)
        guard let gradient else { continue }
        let derivative = factor * S.select(violation <= 0, 0, S.select(violation > 0, 1, violation))
        gradient[j] += derivative
        gradient[i] -= derivative
      }
    }
    return S(sum.value / Double(count))
  }
}
