public import LossCore
import LossDialects

/// The cross entropy of logits that are a linear function of hidden numbers, without the logits.
///
/// With the logits `z = kernel · hidden + bias` of each row, class weights `w` and smoothing `s` over
/// `C` classes, where `y` is the true class:
///
///     (1 - s) w[y] (log Σ exp z - z[y]) + s / C Σ w (log Σ exp z - z)
///
/// It is `cross_entropy` after a linear layer. The logits are computed in tiles of some rows and some
/// classes, and again for the gradients of the layer, so that no more than a tile of them is ever held.
///
/// - Shape: hidden `[..., feature]`, kernel `[class, feature]`, bias `[class]` or none, target `[...]`
///   class indices; one term a row.
/// - Domain: any numbers whose logits are finite. A row of the ignored class is removed, as by a
///   mask, and what it holds is not read.
/// - Accuracy: a logit is computed in the type of the element and off by some ulp of `Σ |hidden kernel|`;
///   what it costs is as in `cross_entropy` of such logits, whose condition number is their size. The
///   bits are the same for any number of threads.
/// - Weighted mean: divides by `Σ w[y]`.
/// - Gradient: with `d = p Σ w q - w q` of each row and class, `q = (1 - s) [class is y] + s / C`:
///   `Σ d kernel` for hidden, `Σ d hidden` for kernel, `Σ d` for bias.
/// - Reference: E. Wijmans et al., "Cut Your Losses in Large-Vocabulary Language Models", 2025.
public struct LinearCrossEntropyLoss: FormLoss {
  /// What the classes weigh and which is ignored.
  public struct Options: LossOptions {
    /// What each class weighs; empty for 1 each.
    public var classWeights: [Double] = []
    /// How much of the target is spread evenly over all classes.
    public var labelSmoothing = 0.0
    /// A class index whose rows are removed.
    public var ignoreIndex: Int?
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .numbers("class_weights", \.classWeights, .atLeast(0), "what each class weighs"),
      .number(
        "label_smoothing", \.labelSmoothing, .from(0, to: 1),
        "how much of the target is spread evenly over all classes"),
      .integer("ignore_index", \.ignoreIndex, "a class index whose rows are removed"),
    ]
  }

  public static let metadata = LossMetadata(
    "linear_cross_entropy", "The cross entropy after a linear layer, without holding its logits.",
    formula: """
      - Σ w q log p                    with p = softmax(kernel · hidden + bias)
      q = (1 - s) target + s / classes  with s = label_smoothing, w = class_weights
      """,
    domain: "Any numbers whose logits are finite.",
    references: ["E. Wijmans et al., Cut Your Losses in Large-Vocabulary Language Models, 2025"],
    dialectEntries: [
      .torch(
        "linear_cross_entropy",
        options: [.torchClassWeight, .same("ignore_index"), .same("label_smoothing")],
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
  /// Hidden numbers, true classes and the layer.
  public var signature: LossSignature { Self.layer }
  /// The class index whose rows are removed.
  public var ignoredClass: Int? { options.ignoreIndex }
  /// Whether rows weigh by their class.
  public var hasTermWeights: Bool { !options.classWeights.isEmpty || options.ignoreIndex != nil }

  /// The weight of each row's class.
  public func termWeights<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    guard let labels = pass.integers(1) else { return }
    for row in termWeights.indices {
      let label = labels[row]
      termWeights[row] =
        label == options.ignoreIndex
        ? -1 : options.classWeights.indices.contains(label) ? S(options.classWeights[label]) : 1
    }
  }

  /// Computes the terms, then the gradients that are wanted.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    let pass = copy pass
    let classes = pass.inputs[2]?.shape.extents.first ?? 0
    guard options.classWeights.isEmpty || options.classWeights.count == classes else {
      throw LossError(
        .invalidOption, subject: "class_weights",
        found: "has \(options.classWeights.count) numbers",
        expected: "\(classes), one for each class")
    }
    guard
      let layer = LinearLayer(
        pass, classes: classes, weights: options.classWeights, smoothing: options.labelSmoothing)
    else { return }
    let rows = UnsafeMutablePointer<LinearRow>.allocate(capacity: max(1, pass.termCount))
    defer { rows.deallocate() }
    layer.forEach(layer.rowBlocks, sums: layer.sumsOfRows) { block, workspace, sums in
      layer.termWeight(block: block, workspace, sums, into: rows)
    }
    if pass.gradient(2) != nil || pass.gradient(3) != nil {
      layer.forEach(layer.classBlocks, sums: type(of: layer).classesInTile) {
        block, workspace, sums in
        layer.writeLayerGradient(block: block, workspace, sums, rows)
      }
    }
    pass.forEachBlock(elementsPerTerm: 1) { range, terms in
      for term in range { terms[term - range.lowerBound] = S(rows[term].value) }
    }
  }
}
