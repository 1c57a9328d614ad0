public import LossCore
import LossDialects

/// Lovász-softmax: surrogate of the mean Jaccard loss of several classes.
///
/// - Shape: prediction and mask `[..., class]`, target `[...]` class indices.
public struct LovaszSoftmaxLoss: BatchLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Whether prediction holds logits, not probabilities.
    public var fromLogits = true
    /// Classes of the mean.
    public var classes = Classes.present
    /// Elements that are sorted together, and so a term.
    public var per = SampleScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .choice("classes", \.classes, "classes of the mean"),
      .choice("per", \.per, "elements that are sorted together, and so a term"),
    ]
  }

  /// The classes of a mean.
  public enum Classes: String, OptionChoice {
    /// The classes that are true somewhere.
    case present
    /// All of them.
    case all
  }

  public static let metadata = LossMetadata(
    "lovasz_softmax", "Lovász-softmax: surrogate of the mean Jaccard loss of several classes.",
    formula: """
      mean over classes Σ e[i] (J[i] - J[i-1])    with errors e in descending order
      e = 1 - p for the true class, otherwise p
      J[i] is the Jaccard loss of a class if the first i elements are wrong
      """,
    domain: """
      Logits of any size, or probabilities; class indices as target. A \
      class that is nowhere true is left out of the mean, or costs its \
      largest error with classes all; without any class the loss is 0.
      """,
    gradient: """
      0 for an error of 0. Of equal errors, those of the class \
      count as larger, and the others share their weight.
      """,
    usage: """
      Fine-tuning a segmentation into several classes for mean IoU, with or \
      after cross_entropy. Sorting makes it slower than jaccard and dice.
      """,
    related: ["lovasz_hinge", "jaccard", "dice", "cross_entropy"], alsoKnownAs: ["lovasz"],
    references: [
      """
      M. Berman, A. R. Triki and M. B. Blaschko, The Lovász-Softmax Loss: A Tractable Surrogate \
      for the Optimization of the Intersection-over-Union Measure in Neural Networks, 2018
      """
    ],
    dialectEntries: [
      .smp(
        "LovaszLoss",
        options: [
          .lovaszMode, .lovaszPerImage, .ignoredTarget(),
          .unused("from_logits", summary: "no effect, as there: y_pred holds logits"),
        ])
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    [.range(0...1)] + (options.per == .all ? [.batchDependent] : [])
  }
  public var signature: LossSignature {
    Self.signatures[options.per == .all ? 1 : 0][options.fromLogits ? 1 : 0]
  }

  // Stored, because a signature is parsed from text.
  private static let signatures = [false, true].map { isTogether in
    [.distribution, .any].map { signature($0, isTogether: isTogether) }
  }

  private static func signature(
    _ domain: InputSpecification.Domain, isTogether: Bool
  ) -> LossSignature {
    let (axes, indices, terms): (AxisPattern, AxisPattern, AxisPattern) =
      isTogether ? ("... class", "...", "") : ("sample ... class", "sample ...", "sample")
    return LossSignature(
      .real(.prediction, axes, domain), .classes(.target, of: "class", indices), terms: terms,
      classAxis: "class", maskCovers: .elements)
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let context = copy context
    let layout = try context.layout(of: options.per.region)
    try checkElementCount(layout.allPositions * layout.classes)
    ClassErrors.with(context, layout, fromLogits: options.fromLogits) { all in
      let count = layout.segments * layout.classes
      withUnsafeTemporaryAllocation(of: Double?.self, capacity: max(1, count)) { results in
        guard let results = results.baseAddress else { return }
        LovaszErrors.forEachRegion(context, count, capacity: layout.positions) { region, errors in
          let (segment, j) = region.quotientAndRemainder(dividingBy: layout.classes)
          results[region] = classTerm(j, in: segment, all, &errors)
        }
        for term in 0..<context.termCount {
          terms[term] = S(mean(term, results + term * layout.classes, all))
        }
      }
    }
  }

  /// Sorts the errors of a class and writes their weights as derivatives; nil if it is left out.
  @specialized(where S == Float)
  @specialized(where S == Double)
  private func classTerm<S: LossScalar>(
    _ j: Int, in segment: Int, _ all: ClassErrors<S>, _ errors: inout LovaszErrors<S>
  ) -> Double? {
    let (layout, labels) = (all.layout, all.labels)
    let values = all.values + j * layout.inner
    let mask = all.context.elementMask.map { $0 + j * layout.inner }
    layout.forEachRun(segment: segment) { run in
      for i in 0..<run.count {
        let index = run.start + i * layout.step
        if let mask, !mask[index] { continue }
        errors.add(values[index], index: index, isForeground: labels[run.position + i] == j)
      }
    }
    let hasGradient = all.context.gradient(0) != nil
    if hasGradient { scale(j, in: segment, all, by: nil) }
    guard options.classes == .all || errors.hasForeground else { return nil }
    return errors.sum { index, weight, isTrue in
      if hasGradient { values[index] = isTrue ? -weight : weight }
    }
  }

  /// Multiplies the derivatives of a class; nil sets them to 0.
  private func scale<S: LossScalar>(
    _ j: Int, in segment: Int, _ all: ClassErrors<S>, by factor: S?
  ) {
    let (layout, step) = (all.layout, all.layout.step)
    layout.forEachRun(segment: segment) { run in
      let values = all.values + (run.start + j * layout.inner)
      if let factor {
        for i in 0..<run.count { values[i * step] *= factor }
      } else {
        for i in 0..<run.count { values[i * step] = 0 }
      }
    }
  }

  /// The mean of the classes of a segment; scales their derivatives to match.
  private func mean<S: LossScalar>(
    _ term: Int, _ results: UnsafeMutablePointer<Double?>, _ all: ClassErrors<S>
  ) -> Double {
    var sum = CompensatedSum()
    var count = 0
    for j in 0..<all.layout.classes {
      guard let value = results[j] else { continue }
      sum.add(value)
      count += 1
    }
    let isRemoved = all.context.isRemoved(term) || count == 0
    if all.context.gradient(0) != nil {
      let factor = isRemoved ? nil : all.context.gradientScale(term) / S(count)
      for j in 0..<all.layout.classes { scale(j, in: term, all, by: factor) }
    }
    return isRemoved ? 0 : sum.value / Double(count)
  }
}

/// Refuses more elements than a record of the sort can index.
func checkElementCount(_ count: Int) throws(LossError) {
  let most = 1 << 31
  guard count <= most else {
    throw LossError(
      .invalidValue, subject: Role.prediction.name, found: "has \(count) elements to sort together",
      expected: "at most \(most)")
  }
}

extension DialectOption {
  /// The type of the target; binary and multilabel targets are those of `lovasz_hinge`.
  static let lovaszMode = DialectOption("mode", summary: "multiclass") {
    (value, _) throws(LossError) in
    guard value == "multiclass" else {
      throw LossError(
        .invalidOption, subject: "mode", found: "is \(value.text)", expected: "\"multiclass\"",
        hint: "Use lovasz_hinge for binary and multilabel targets.")
    }
  }

  /// Whether each image is a term.
  static let lovaszPerImage = DialectOption("per_image", summary: "whether an image is a term") {
    (value, resolution) throws(LossError) in
    guard let isPerImage = Bool(optionValue: value) else {
      throw refusal("per_image", value, "true or false")
    }
    resolution.options["per"] = isPerImage ? "sample" : "all"
  }
}
