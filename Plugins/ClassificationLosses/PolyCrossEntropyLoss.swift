public import LossCore
import LossDialects

/// PolyLoss (Poly-1): cross entropy plus a multiple of 1 − p.
///
/// The paper calls `coefficient` ε₁.
///
/// - Shape: prediction `[..., class]`, target `[...]` class indices or `[..., class]`.
public struct PolyCrossEntropyLoss: RowwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Amount added to the weight 1 of the term 1 - p.
    public var coefficient = 1.0
    /// Accepted form of the target.
    public var targets = TargetForm.any
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number(
        "coefficient", \.coefficient, .finite, "amount added to the weight 1 of the term 1 - p"),
      .choice("targets", \.targets, "accepted form of the target"),
    ]
  }

  public static let metadata = LossMetadata(
    "poly_cross_entropy", "PolyLoss (Poly-1): cross entropy plus a multiple of 1 − p.",
    formula: "Σ target (- log p + coefficient (1 - p)),  p = softmax(prediction)",
    domain: "Logits of any size.",
    usage: """
      Tuning cross_entropy by one hyperparameter: a positive coefficient raises the weight \
      of the leading term 1 - p, which the paper finds to help in image classification.
      """,
    related: ["cross_entropy", "focal", "generalized_cross_entropy"],
    alsoKnownAs: ["polyloss", "poly1"],
    references: [
      """
      Z. Leng et al., PolyLoss: A Polynomial Expansion Perspective \
      of Classification Loss Functions, 2022, arXiv:2204.12511
      """
    ],
    dialectEntries: [
      .optax(
        "poly_loss_cross_entropy",
        options: [.same("epsilon", as: "coefficient"), .classAxes, .optaxWhere],
        overrides: ["coefficient": 2, "targets": "dense"]
      ).masking([.prediction: -.infinity, .target: 0])
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    options.coefficient >= -1 ? [.nonNegative, .twiceDifferentiable] : [.twiceDifferentiable]
  }
  public var signature: LossSignature { options.targets.signature(fromLogits: true) }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    PolyFormula(coefficient: options.coefficient).fromLogits(row, ClassTargets(row, weights: []))
  }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    guard context.integers(1) != nil else { return try forEachRow(context) }
    let formula = PolyFormula(coefficient: options.coefficient)
    try forEachRow(context) { formula.fromLogits($0, [], into: $1) }
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    PolyFormula(coefficient: options.coefficient)
      .writeProductsFromLogits(row, ClassTargets(row, weights: []))
    return value
  }
}

/// `- log p + c (1 - p)`
struct PolyFormula: ClassFormula {
  let coefficient: Double

  init(coefficient: Double) { self.coefficient = coefficient }

  @inline(__always)
  func value<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    S(coefficient) * probability.complement - probability.logP
  }

  @inline(__always)
  func derivativeOfLog<S: LossArithmetic>(_ probability: ClassProbability<S>) -> S {
    -(1 + S(coefficient) * probability.p)
  }

  @inline(__always)
  func derivative<S: LossArithmetic>(_ probability: ClassProbability<S>) -> S {
    -(1 / probability.p + S(coefficient))
  }
}
