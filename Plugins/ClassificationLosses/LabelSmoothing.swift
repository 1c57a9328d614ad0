public import LossCore
import LossDialects

/// Label smoothing: mixes targets with the uniform distribution; a transform, not a loss.
///
/// Its default reduction is none.
public struct LabelSmoothing: BatchLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Share of the target spread evenly over the classes.
    public var smoothing = 0.1
    /// Whether each element is a binary label.
    public var binary = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number(
        "smoothing", \.smoothing, .from(0, to: 1),
        "share of the target spread evenly over the classes"),
      .flag("binary", \.binary, "whether each element is a binary label"),
    ]
  }

  public static var kind: LossKind { .transform }
  public static let metadata = LossMetadata(
    "label_smoothing",
    "Label smoothing: mixes targets with the uniform distribution; a transform, not a loss.",
    formula: "(1 - smoothing) target + smoothing / classes",
    domain: "Every real number; the result has the shape of target. With binary, classes is 2.",
    usage: """
      Smoothing targets for a loss that has no such option; \
      cross_entropy and binary_cross_entropy have label_smoothing.
      """,
    related: ["cross_entropy", "binary_cross_entropy", "softmax"],
    references: [
      "C. Szegedy et al., Rethinking the Inception Architecture for Computer Vision, 2016"
    ],
    dialectEntries: [
      .fluxTransform(
        "label_smoothing", options: [.fluxAlpha, .fluxSmoothingDims], arguments: [.fluxTarget]),
      .axon(
        "apply_label_smoothing", options: [.same("smoothing")], arguments: [.axonTarget]
      ) { $0.classAxis = 1 },
      .axon("label_smoothing", options: [.same("smoothing")], arguments: [.axonTarget]) {
        $0.classAxis = 1
      },
      .optax(
        "smooth_labels",
        options: [
          .same("alpha", as: "smoothing"), .classAxes,
          .refused("where", hint: "Smooth the labels of the classes that count."),
        ],
        arguments: [.optaxTarget]),
    ])
  private static let rows = LossSignature(
    .real(.target, "... class", .distribution), terms: "... class", classAxis: "class")

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] { [.range(0...1)] }
  public var signature: LossSignature { Self.rows }
  public var defaultReduction: Reduction { .unreduced }

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let target = context.real(0) else { return }
    let hardShare = S(1 - options.smoothing)
    let uniformShare = S(options.smoothing / (options.binary ? 2 : Double(context.rows.length)))
    for i in 0..<context.termCount {
      terms[i] = hardShare * target[i] + uniformShare
      context.gradient(0)?[i] = context.isRemoved(i) ? 0 : hardShare * context.gradientScale(i)
    }
  }
}

extension DialectOption {
  /// Flux's smoothing factor, strictly between 0 and 1.
  static let fluxAlpha = DialectOption("alpha", "α", summary: "share that is spread evenly") {
    (value, resolution) throws(LossError) in
    guard let alpha = Double(optionValue: value), alpha > 0, alpha < 1 else {
      throw LossError(
        .invalidOption, subject: "alpha", found: "is \(value.text)",
        expected: "a number strictly between 0 and 1")
    }
    resolution.options["smoothing"] = value
  }

  /// Flux's class axis: 1 for classes along the first axis, 0 for binary labels.
  static let fluxSmoothingDims = DialectOption("dims", summary: "1, or 0 for binary labels") {
    (value, resolution) throws(LossError) in
    guard let dims = Int(optionValue: value), dims == 0 || dims == 1 else {
      throw LossError(
        .invalidOption, subject: "dims", found: "is \(value.text)", expected: "0 or 1")
    }
    resolution.options["binary"] = .flag(dims == 0)
  }
}
