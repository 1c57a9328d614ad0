public import LossCore
import LossDialects

/// How far each true class's score fails to exceed each other class's by a margin of 1, where several
/// classes are true.
///
///     1 / C Σ over true i, other j of max(0, 1 - s[i] + s[j])
///
/// - Shape: prediction `[..., class]`; target `[..., class]` whole numbers, a list of the true
///   classes that ends before the first -1; one term a row.
/// - Domain: every score; NaN gives NaN. A list that begins with -1 costs nothing. A class that is
///   listed twice counts twice.
/// - Gradient: `-1 / C` for a true and `1 / C` for another class, for each pair inside the margin; 0
///   at its edge.
/// - Throws: `invalid_class` for a class before the end of a list that is none.
/// - Reference: PyTorch `MultiLabelMarginLoss`.
public struct MultilabelMarginLoss: FormLoss {
  public static let metadata = LossMetadata(
    "multilabel_margin", "How far each true class's score fails to exceed each other's by 1.",
    formula: "Σ over true i, other j of max(0, 1 - prediction[i] + prediction[j]) / classes",
    domain: "Every score; a list of true classes, ended by -1.",
    references: ["PyTorch, MultiLabelMarginLoss"],
    dialectEntries: [
      .torch("multilabel_margin_loss", class: "MultiLabelMarginLoss")
    ])
  private static let rows = LossSignature(
    .real(.prediction, "... class"), .sequence(.target, of: "class", "... class", endedBy: -1),
    terms: "...")

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative] }
  /// Scores, and lists of the true classes.
  public var signature: LossSignature { Self.rows }

  /// A term for each list of scores.
  public var termLayout: TermLayout? { .groups }
  /// Checks the lists, then walks the rows, block by block.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    guard let scores = pass.real(0), let labels = pass.integers(1) else { return }
    let count = pass.extent("class")
    for term in 0..<pass.termCount where !pass.isRemoved(term) {
      try Self.checkList(labels + term * count, count: count, term: term)
    }
    let pass = copy pass
    let gradient = pass.gradient(0)
    pass.forEachBlock(elementsPerTerm: count) { range, terms in
      for term in range {
        let start = term * count
        let row = gradient.map { $0 + start }
        if let row { for j in 0..<count { row[j] = 0 } }
        terms[term - range.lowerBound] =
          pass.isRemoved(term)
          ? 0
          : Self.term(
            scores + start, Self.list(labels + start, count: count), count: count, row,
            pass.gradientScale(term) / S(count))
      }
    }
  }

  /// The labels up to the first -1.
  static func list(_ labels: UnsafePointer<Int>, count: Int) -> UnsafeBufferPointer<Int> {
    var length = 0
    while length < count, labels[length] >= 0 { length += 1 }
    return UnsafeBufferPointer(start: labels, count: length)
  }

  static func checkList(
    _ labels: UnsafePointer<Int>, count: Int, term: Int
  ) throws(LossError) {
    for place in 0..<count {
      let label = labels[place]
      if label == -1 { return }
      guard label >= 0, label < count else {
        throw LossError(
          .invalidClass, subject: "target", found: "is \(label) in row \(term)",
          expected: "a class in 0 ..< \(count), or -1 for the end of the list")
      }
    }
  }

  /// The term of one row; adds to its gradient if wanted.
  static func term<S: LossScalar>(
    _ scores: UnsafePointer<S>, _ list: UnsafeBufferPointer<Int>, count: Int,
    _ gradient: UnsafeMutablePointer<S>?, _ factor: S
  ) -> S {
    var sum = CompensatedSum()
    for j in 0..<count where !list.contains(j) {
      for i in list {
        let inside = 1 - (scores[i] - scores[j])
        sum.add(S.relu(inside).asDouble)
        guard let gradient else { continue }
        let derivative = factor * S.select(inside <= 0, 0, S.select(inside > 0, 1, inside))
        gradient[j] += derivative
        gradient[i] -= derivative
      }
    }
    return S(sum.value / Double(count))
  }
}
