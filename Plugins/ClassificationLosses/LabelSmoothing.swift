public import LossCore
import LossDialects

/// Targets drawn towards the even distribution: a function of the target, not a loss of its own.
///
///     (1 - s) target + s / C        over C classes, or 2 where each element is a yes or a no
///
/// - Shape: target `[..., class]`; the result has the same shape. Its default reduction is none.
/// - Domain: every real number.
/// - Gradient: `1 - s`.
/// - Reference: C. Szegedy et al., "Rethinking the Inception Architecture", 2016.
public struct LabelSmoothing: BatchLoss {
  /// How much is spread, and over what.
  public struct Options: LossOptions {
    /// How much of the target is spread evenly.
    public var smoothing = 0.1
    /// Whether each element is a yes or a no of its own.
    public var binary = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("smoothing", \.smoothing, .from(0, to: 1), "how much of the target is spread"),
      .flag("binary", \.binary, "whether each element is a yes or a no of its own"),
    ]
  }

  public static var kind: LossKind { .transform }
  public static let metadata = LossMetadata(
    "label_smoothing", "Targets drawn towards the even distribution: a function, not a loss.",
    formula: "(1 - smoothing) target + smoothing / classes",
    domain: "Every real number; the result has the shape of target.",
    references: ["C. Szegedy et al., Rethinking the Inception Architecture, 2016"],
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
        "smooth_labels", options: [.same("alpha", as: "smoothing"), .classAxis()],
        arguments: [.optaxTarget]),
    ])
  private static let rows = LossSignature(
    .real(.target, "... class", .distribution), terms: "... class", classAxis: "class")

  public let options: Options
  /// The function.
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] { [.range(0...1)] }
  /// A number for each class.
  public var signature: LossSignature { Self.rows }
  /// The smoothed targets themselves.
  public var defaultReduction: Reduction { .unreduced }

  /// Every smoothed target; the gradient if wanted.
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let target = pass.real(0) else { return }
    let kept = S(1 - options.smoothing)
    let spread = S(options.smoothing / (options.binary ? 2 : Double(pass.rows.length)))
    for i in 0..<pass.termCount {
      terms[i] = kept * target[i] + spread
      pass.gradient(0)?[i] = pass.isRemoved(i) ? 0 : kept * pass.gradientScale(i)
    }
  }
}

extension DialectOption {
  /// How much Flux spreads: strictly between 0 and 1.
  static let fluxAlpha = DialectOption("alpha", "α", summary: "how much of the target is spread") {
    (value, selection) throws(LossError) in
    guard let alpha = Double(optionValue: value), alpha > 0, alpha < 1 else {
      throw LossError(
        .invalidOption, subject: "alpha", found: "is \(value.text)",
        expected: "a number strictly between 0 and 1")
    }
    selection.options["smoothing"] = value
  }

  /// Flux's class axis: 1 for classes along the first, 0 for a yes or a no each.
  static let fluxSmoothingDims = DialectOption("dims", summary: "1, or 0 for a yes or a no each") {
    (value, selection) throws(LossError) in
    guard let dims = Int(optionValue: value), dims == 0 || dims == 1 else {
      throw LossError(
        .invalidOption, subject: "dims", found: "is \(value.text)", expected: "0 or 1")
    }
    selection.options["binary"] = .flag(dims == 0)
  }
}
