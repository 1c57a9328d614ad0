public import LossCore
import LossDialects

/// Cross entropy with another weight for the first term of its series.
///
///     Σ t (- log p + c (1 - p))        with p = softmax of the logits
///
/// - Shape: prediction `[..., class]`; target `[...]` class indices, or `[..., class]` one-hot or
///   probabilities; one term a row.
/// - Domain: logits of any size.
/// - Gradient: with `A = - t (1 + c p)` it is `A - p Σ A`; for a dense target
///   `- log p + c (1 - p)`.
/// - Reference: Z. Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss
///   Functions", 2022, arXiv:2204.12511, where c is ε₁.
public struct PolyCrossEntropyLoss: RowwiseLoss {
  /// The added weight.
  public struct Options: LossOptions {
    /// What is added to the weight 1 of the first term, 1 - p.
    public var coefficient = 1.0
    /// In which form the target is taken.
    public var targets = TargetForm.any
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("coefficient", \.coefficient, .finite, "what is added to the weight 1 of 1 - p"),
      .choice("targets", \.targets, "in which form the target is taken"),
    ]
  }

  public static let metadata = LossMetadata(
    "poly_cross_entropy", "Cross entropy with another weight for the first term of its series.",
    formula: "Σ target (- log p + coefficient (1 - p)),  p = softmax(prediction)",
    domain: "Logits of any size.",
    references: ["Z. Leng et al., PolyLoss, 2022"],
    dialectEntries: [
      .optax(
        "poly_loss_cross_entropy",
        options: [.same("epsilon", as: "coefficient"), .classAxis()],
        overrides: ["coefficient": 2, "targets": "dense"])
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    options.coefficient >= -1 ? [.nonNegative, .twiceDifferentiable] : [.twiceDifferentiable]
  }
  /// Prediction with a class axis; indices or numbers for target.
  public var signature: LossSignature { options.targets.signature(fromLogits: true) }

  /// The term of one row; its gradients if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    PolyFormula(coefficient: options.coefficient).fromLogits(row, ClassTargets(row, weights: []))
  }
}

/// `- log p + c (1 - p)`
struct PolyFormula: ClassFormula {
  let coefficient: Double

  init(coefficient: Double) { self.coefficient = coefficient }

  @inline(__always)
  func value<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    S(coefficient) * probability.rest - probability.logP
  }

  @inline(__always)
  func derivativeOfLog<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    -(1 + S(coefficient) * probability.p)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    -(1 / probability.p + S(coefficient))
  }
}
