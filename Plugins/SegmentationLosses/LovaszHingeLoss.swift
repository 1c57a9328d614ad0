public import LossCore

/// A convex surrogate of the Jaccard loss of one class, from logits.
///
/// The Lovász extension of the Jaccard loss at the hinge errors: with `s` = -1 or +1 for a target of 0
/// or 1 and `e = max(0, 1 - s x)` in falling order,
///
///     Σ e[i] (J[i] - J[i-1])        J[i]: the Jaccard loss if the first i places, and no other, are wrong
///
/// - Shape: prediction and target `[...]`; one term, or one a sample. A mask has the shape of prediction
///   and takes places away.
/// - Domain: logits of any size; targets of 0 and 1. No place at all: 0.
/// - Gradient: `-s` times the weight of a place's error; 0 where the error is not above 0. Where errors
///   tie, those of the foreground count as the larger, and the others weigh the same.
/// - Reference: J. Yu, M. Blaschko, "Learning Submodular Losses with the Lovász Hinge", 2015.
public struct LovaszHingeLoss: BatchLoss {
  /// What is sorted together.
  public struct Options: LossOptions {
    /// Which places are sorted together.
    public var per = SampleScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .choice("per", \.per, "which places are sorted together, and so what a term is")
    ]
  }

  public static let metadata = LossMetadata(
    "lovasz_hinge", "A convex surrogate of the Jaccard loss of one class, from logits.",
    formula: "Σ e[i] (J[i] - J[i-1])    e: max(0, 1 - s prediction) in falling order",
    domain: "Logits of any size; targets of 0 and 1.",
    references: ["J. Yu, M. Blaschko, Learning Submodular Losses with the Lovász Hinge, 2015"])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative] + (options.per == .all ? [.batchDependent] : [])
  }
  /// Logits and what is true.
  public var signature: LossSignature { options.per == .all ? Self.together : Self.bySample }

  private static let together = LossSignature(
    .real(.prediction, "..."), .labels(.target, "...", .binary), terms: "", maskCovers: .elements)
  private static let bySample = LossSignature(
    .real(.prediction, "sample ..."), .labels(.target, "sample ...", .binary), terms: "sample",
    maskCovers: .elements)

  /// Sorts the errors of each region.
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let pass = copy pass
    let places = (pass.inputs[0]?.count ?? 0) / max(1, pass.termCount)
    try checkPlaces(places)
    LovaszErrors.forEachRegion(pass, pass.termCount, places: places) { term, errors in
      terms[term] = S(self.term(term, places, pass, &errors))
    }
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  private func term<S: LossScalar>(
    _ term: Int, _ places: Int, _ pass: KernelContext<S>, _ errors: inout LovaszErrors<S>
  ) -> Double {
    guard let logits = pass.real(0), let target = pass.real(1) else { return 0 }
    let start = term * places
    let gradient = pass.gradient(0).map { $0 + start }
    if let gradient { for i in 0..<places { gradient[i] = 0 } }
    guard !pass.isRemoved(term) else { return 0 }
    let coefficient = pass.gradientScale(term)
    for i in 0..<places {
      if let mask = pass.elementMask, !mask[start + i] { continue }
      let (x, t) = (logits[start + i], target[start + i])
      errors.add(1 - x * (2 * t - 1), place: i, isForeground: t > 0.5)
    }
    return errors.sum { place, weight, isForeground in
      gradient?[place] = coefficient * (isForeground ? -weight : weight)
    }
  }
}
