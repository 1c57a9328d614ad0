public import LossCore
import LossDialects

/// A convex surrogate of the mean Jaccard loss of several classes.
///
/// The Lovász extension of a class: with the errors `e` of the places, `1 - p` where the class is
/// true and `p` elsewhere, in falling order,
///
///     Σ e[i] (J[i] - J[i-1])        J[i]: the Jaccard loss if the first i places, and no other, are wrong
///
/// and its mean over the classes.
///
/// - Shape: prediction `[..., class]`, target `[...]` class indices; one term, or one a sample. A mask
///   has the shape of prediction and takes elements out of the places of their class.
/// - Domain: logits of any size, or probabilities. With `classes` present a class that is nowhere true
///   is left out of the mean; with `all` it costs its largest error. No class at all: 0.
/// - Gradient: plus or minus the weight of a place's error. Where errors tie, those of the class
///   count as the larger, and the others weigh the same; an error of 0 has the gradient 0.
/// - Reference: M. Berman, A. R. Triki, M. B. Blaschko, "The Lovász-Softmax Loss", 2018.
public struct LovaszSoftmaxLoss: BatchLoss {
  /// What the prediction is, which classes count and what is sorted together.
  public struct Options: LossOptions {
    /// Whether the prediction holds logits; otherwise probabilities.
    public var fromLogits = true
    /// Which classes the mean is over.
    public var classes = Classes.present
    /// Which places are sorted together.
    public var per = SampleScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .choice("classes", \.classes, "which classes the mean is over"),
      .choice("per", \.per, "which places are sorted together, and so what a term is"),
    ]
  }

  /// Which classes a mean is over.
  public enum Classes: String, OptionChoice {
    /// Those that are true somewhere.
    case present
    /// All of them.
    case all
  }

  public static let metadata = LossMetadata(
    "lovasz_softmax", "A convex surrogate of the mean Jaccard loss of several classes.",
    formula: "mean over classes Σ e[i] (J[i] - J[i-1])    e: errors in falling order",
    domain: "Logits of any size, or probabilities; class indices for target.",
    references: ["M. Berman, A. R. Triki, M. B. Blaschko, The Lovász-Softmax Loss, 2018"],
    dialectEntries: [
      .smp("LovaszLoss", options: [.lovaszMode, .lovaszPerImage])
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    [.range(0...1)] + (options.per == .all ? [.batchDependent] : [])
  }
  /// Predictions with a class axis and class indices.
  public var signature: LossSignature {
    Self.signatures[options.per == .all ? 1 : 0][options.fromLogits ? 1 : 0]
  }

  // Made once, since they are made of text.
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

  /// Sorts the errors of each class.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let pass = copy pass
    let layout = try pass.layout(of: options.per.region)
    try checkPlaces(layout.allPositions * layout.classes)
    ClassErrors.with(pass, layout, fromLogits: options.fromLogits) { all in
      let count = layout.segments * layout.classes
      withUnsafeTemporaryAllocation(of: Double?.self, capacity: max(1, count)) { results in
        guard let results = results.baseAddress else { return }
        LovaszErrors.forEachRegion(pass, count, places: layout.positions) { region, errors in
          let (segment, j) = region.quotientAndRemainder(dividingBy: layout.classes)
          results[region] = result(of: j, in: segment, all, &errors)
        }
        for term in 0..<pass.termCount {
          terms[term] = S(mean(term, results + term * layout.classes, all))
        }
      }
    }
  }

  /// Sorts the errors of a class, and leaves their weights as derivatives; nil if it does not count.
  @specialized(where S == Float)
  @specialized(where S == Double)
  private func result<S: LossScalar>(
    of j: Int, in segment: Int, _ all: ClassErrors<S>, _ errors: inout LovaszErrors<S>
  ) -> Double? {
    let (layout, labels) = (all.layout, all.labels)
    let own = all.values + j * layout.inner
    let mask = all.pass.elementMask.map { $0 + j * layout.inner }
    layout.forEachRun(segment: segment) { run in
      for i in 0..<run.count {
        let place = run.start + i * layout.step
        if let mask, !mask[place] { continue }
        errors.add(own[place], place: place, isForeground: labels[run.position + i] == j)
      }
    }
    let hasGradient = all.pass.gradient(0) != nil
    if hasGradient { scale(j, in: segment, all, by: nil) }
    guard options.classes == .all || errors.hasForeground else { return nil }
    return errors.sum { place, weight, isTrue in
      if hasGradient { own[place] = isTrue ? -weight : weight }
    }
  }

  /// Multiplies the derivatives of a class; nil makes them 0.
  private func scale<S: LossScalar>(
    _ j: Int, in segment: Int, _ all: ClassErrors<S>, by factor: S?
  ) {
    let (layout, step) = (all.layout, all.layout.step)
    layout.forEachRun(segment: segment) { run in
      let own = all.values + (run.start + j * layout.inner)
      if let factor {
        for i in 0..<run.count { own[i * step] *= factor }
      } else {
        for i in 0..<run.count { own[i * step] = 0 }
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
    let isRemoved = all.pass.isRemoved(term) || count == 0
    if all.pass.gradient(0) != nil {
      let factor = isRemoved ? nil : all.pass.gradientScale(term) / S(count)
      for j in 0..<all.layout.classes { scale(j, in: term, all, by: factor) }
    }
    return isRemoved ? 0 : sum.value / Double(count)
  }
}

/// Refuses more places than a record of the sort can tell apart.
func checkPlaces(_ count: Int) throws(LossError) {
  let most = 1 << 31
  guard count <= most else {
    throw LossError(
      .invalidValue, subject: Role.prediction.name, found: "has \(count) places to sort together",
      expected: "at most \(most)")
  }
}

extension DialectOption {
  /// What the target is; the two-class modes are a loss of their own.
  static let lovaszMode = DialectOption("mode", summary: "multiclass") {
    (value, _) throws(LossError) in
    guard value == "multiclass" else {
      throw LossError(
        .invalidOption, subject: "mode", found: "is \(value.text)", expected: "\"multiclass\"",
        hint: "For binary and multilabel targets there is lovasz_hinge.")
    }
  }

  /// Whether each image is sorted by itself.
  static let lovaszPerImage = DialectOption("per_image", summary: "whether an image is a term") {
    (value, selection) throws(LossError) in
    guard let isPerImage = Bool(optionValue: value) else {
      throw refusal("per_image", value, "true or false")
    }
    selection.options["per"] = isPerImage ? "sample" : "all"
  }
}
