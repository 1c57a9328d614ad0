public import LossCore

/// Lovász hinge: convex surrogate of the Jaccard loss of one class, from logits.
///
/// - Shape: prediction and target `[...]`; the mask has the same shape and removes elements.
public struct LovaszHingeLoss: BatchLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Elements that are sorted together, and so a term.
    public var per = SampleScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .choice("per", \.per, "elements that are sorted together, and so a term")
    ]
  }

  public static let metadata = LossMetadata(
    "lovasz_hinge", "Lovász hinge: convex surrogate of the Jaccard loss of one class, from logits.",
    formula: """
      Σ e[i] (J[i] - J[i-1])    with e = max(0, 1 - s prediction) in descending order
      s = 2 target - 1          J[i] is the Jaccard loss if the first i elements are wrong
      """,
    domain: "Logits of any size; targets of 0 and 1. Without elements the loss is 0.",
    gradient: """
      0 for an error of 0. Of equal errors, those of the foreground \
      count as larger, and the others share their weight.
      """,
    usage: """
      Fine-tuning a binary segmentation for IoU, often after training with binary_cross_entropy. \
      Use lovasz_softmax for several classes; jaccard is smooth and not convex.
      """,
    related: ["lovasz_softmax", "jaccard", "binary_cross_entropy"],
    references: ["J. Yu and M. Blaschko, Learning Submodular Losses with the Lovász Hinge, 2015"])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative] + (options.per == .all ? [.batchDependent] : [])
  }
  public var signature: LossSignature { options.per == .all ? Self.together : Self.bySample }

  private static let together = LossSignature(
    .real(.prediction, "..."), .labels(.target, "...", .binary), terms: "", maskCovers: .elements)
  private static let bySample = LossSignature(
    .real(.prediction, "sample ..."), .labels(.target, "sample ...", .binary), terms: "sample",
    maskCovers: .elements)

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let context = copy context
    let count = (context.inputs[0]?.count ?? 0) / max(1, context.termCount)
    try checkElementCount(count)
    LovaszErrors.forEachRegion(context, context.termCount, capacity: count) { term, errors in
      terms[term] = S(self.term(term, count, context, &errors))
    }
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  private func term<S: LossScalar>(
    _ term: Int, _ count: Int, _ context: KernelContext<S>, _ errors: inout LovaszErrors<S>
  ) -> Double {
    guard let logits = context.real(0), let target = context.real(1) else { return 0 }
    let start = term * count
    let gradient = context.gradient(0).map { $0 + start }
    if let gradient { for i in 0..<count { gradient[i] = 0 } }
    guard !context.isRemoved(term) else { return 0 }
    let coefficient = context.gradientScale(term)
    for i in 0..<count {
      if let mask = context.elementMask, !mask[start + i] { continue }
      let (x, t) = (logits[start + i], target[start + i])
      errors.add(1 - x * (2 * t - 1), index: i, isForeground: t > 0.5)
    }
    return errors.sum { index, weight, isForeground in
      gradient?[index] = coefficient * (isForeground ? -weight : weight)
    }
  }
}
