public import LossCore
import LossDialects

/// Cross entropy of a linear layer, computed in tiles without storing the logits.
///
/// `weighted_mean` divides by the sum of the rows' class weights. Rows of the ignored class are
/// removed, as by a mask, and are not read.
///
/// - Shape: hidden `[..., feature]`, kernel `[class, feature]`, bias `[class]`, target `[...]`.
/// - Accuracy: a logit has the precision of the element and an error of some ulp of
///   `Σ |hidden kernel|`; the rest is as for `cross_entropy`. The bits do not depend on `threads`.
public struct LinearCrossEntropyLoss: FormLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Weight of each class; empty for 1 each.
    public var classWeights: [Double] = []
    /// Share of the target spread evenly over all classes.
    public var labelSmoothing = 0.0
    /// Class index whose rows are removed.
    public var ignoreIndex: Int?
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .numbers(
        "class_weights", \.classWeights, .atLeast(0), "weight of each class; empty for 1 each"),
      .number(
        "label_smoothing", \.labelSmoothing, .from(0, to: 1),
        "share of the target spread evenly over all classes"),
      .integer("ignore_index", \.ignoreIndex, "class index whose rows are removed"),
    ]
  }

  public static let metadata = LossMetadata(
    "linear_cross_entropy",
    "Cross entropy of a linear layer, computed in tiles without storing the logits.",
    formula: """
      - Σ w q log p                    with p = softmax(kernel · hidden + bias)
      q = (1 - s) target + s / classes  with s = label_smoothing, w = class_weights
      """,
    domain: "Any numbers whose logits are finite.",
    usage: """
      Language models with a large vocabulary, whose logits do not fit in memory. It \
      equals cross_entropy after the layer; the backward pass computes the logits again.
      """,
    related: ["cross_entropy", "nll"],
    alsoKnownAs: ["cut_cross_entropy", "fused_linear_cross_entropy"],
    references: ["E. Wijmans et al., Cut Your Losses in Large-Vocabulary Language Models, 2025"],
    dialectEntries: [
      .torch(
        "linear_cross_entropy",
        options: [
          .torchClassWeight, .same("ignore_index").orNull, .same("label_smoothing"),
          .refused("options", hint: "Tiles are chosen here."),
        ],
        overrides: ["ignore_index": -100],
        arguments: [
          DialectArgument("hidden", "input"), DialectArgument("kernel", "linear_weight"),
          .torchTarget, DialectArgument("bias", "linear_bias"),
        ]
      ) { $0.divideByWeights() }
    ])

  private static let layer = LossSignature(
    .real("hidden", "... feature"), .classes(.target, of: "class", "..."),
    .real("kernel", "class feature"), .real("bias", "class", isOptional: true), terms: "...")

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] { [.nonNegative] }
  public var signature: LossSignature { Self.layer }
  public var ignoredClass: Int? { options.ignoreIndex }
  public var hasTermWeights: Bool { !options.classWeights.isEmpty || options.ignoreIndex != nil }

  /// The weight of each row's class.
  public func termWeights<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    guard let labels = context.integers(1) else { return }
    for row in termWeights.indices {
      let label = labels[row]
      termWeights[row] =
        label == options.ignoreIndex
        ? -1 : options.classWeights.indices.contains(label) ? S(options.classWeights[label]) : 1
    }
  }

  public func check(classCount: Int) throws(LossError) {
    guard options.classWeights.isEmpty || options.classWeights.count == classCount else {
      throw LossError(
        .invalidOption, subject: "class_weights",
        found: "has \(options.classWeights.count) numbers",
        expected: "\(classCount), one for each class")
    }
  }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    let context = copy context
    let classes = context.inputs[2]?.shape.extents.first ?? 0
    try check(classCount: classes)
    guard
      let layer = LinearLayer(
        context, classes: 0..<classes, of: classes, weights: options.classWeights,
        smoothing: options.labelSmoothing)
    else { return }
    let rows = UnsafeMutablePointer<LogitRow>.allocate(capacity: max(1, context.termCount))
    defer { rows.deallocate() }
    layer.forEach(layer.rowBlocks, sums: layer.sumsOfRows) { block, workspace, sums in
      layer.writeTerms(block: block, workspace, sums, into: rows)
    }
    layer.writeLayerGradient(rows)
    context.forEachBlock(elementsPerTerm: 1) { range, terms in
      for term in range { terms[term - range.lowerBound] = S(rows[term].value) }
    }
  }
}
