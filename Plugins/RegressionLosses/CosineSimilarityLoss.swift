public import LossCore
import LossDialects

/// The cosine of the angle between two vectors: 1 for equal directions. Minimising it turns the
/// vectors away from each other; `CosineDistanceLoss` does the opposite.
///
///     prediction · target / max(|prediction| |target|, ε)
///
/// - Shape: prediction and target `[..., feature]`, equal; the class axis is the feature axis; one
///   term a row.
/// - Domain: every finite vector, however long or short; a zero vector has cosine 0 and, without
///   epsilon, gradient 0.
/// - Gradient: `(target / |target| - cos · prediction / |prediction|) / |prediction|`, and its
///   mirror for target.
public struct CosineSimilarityLoss: RowwiseLoss {
  /// The name, the formula and how others spell it.
  public static let card = LossCard(
    "cosine_similarity", "The cosine of the angle between two vectors: 1 for equal directions.",
    formula: "prediction · target / max(|prediction| |target|, epsilon)",
    domain: "Every finite vector; a zero vector has cosine 0 and, without epsilon, gradient 0.",
    spellings: [
      .axon(
        "cosine_similarity",
        options: [.same("eps", as: "epsilon"), .axonAxes], fixed: ["epsilon": 1e-6]
      ) { selection in
        selection.classAxis = selection.classAxis ?? 1
      },
      .torchRows(
        "cosine_similarity", class: "CosineSimilarity",
        options: [.classAxis("dim"), .same("eps", as: "epsilon")], fixed: ["epsilon": 1e-8],
        arguments: [SpelledArgument(.prediction, "x1"), SpelledArgument(.target, "x2")]
      ) { $0.reduction = Reduction.none },
      .keras("cosine_similarity", class: "CosineSimilarity", options: [.classAxis()]) {
        $0.scale = -1
      },
      .optax("cosine_similarity", options: [.classAxis(), .same("epsilon")]),
      .mlx(
        "cosine_similarity_loss", options: [.classAxis(), .same("eps", as: "epsilon")],
        fixed: ["epsilon": 1e-8],
        arguments: [SpelledArgument(.prediction, "x1"), SpelledArgument(.target, "x2")]
      ) { $0.classAxis = $0.classAxis ?? 1 },
    ])
  /// Two vectors a row.
  public static let pairSignature = LossSignature(
    .real(.prediction, "... feature"), .real(.target, "... feature"), terms: "...",
    classAxis: "feature")

  /// The smallest product of lengths.
  public let options: CosineOptions
  /// The loss.
  @inlinable public init(options: CosineOptions) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] { [.range(-1...1), .symmetric] }
  /// Two vectors a row.
  public var signature: LossSignature { Self.pairSignature }

  /// The cosine; its gradient if wanted.
  @inlinable
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    Cosine.values(row, options, scale: row.coefficient).cosine
  }
}

extension SpelledOption {
  /// The one axis that Axon's cosine similarity runs over, in a list.
  static let axonAxes = SpelledOption("axes", summary: "the feature axis, in a list") {
    (value, selection) throws(LossError) in
    guard let axes = [Int](optionValue: value), axes.count == 1 else {
      throw LossError(
        .invalidOption, subject: "axes", found: "is \(value.text)", expected: "a list of one axis")
    }
    selection.classAxis = axes[0]
  }
}
