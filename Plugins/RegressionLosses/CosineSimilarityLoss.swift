public import LossCore
import LossDialects

/// The cosine of the angle between two vectors: 1 for equal directions. Minimising it turns the
/// vectors away from each other; `CosineDistanceLoss` does the opposite.
///
///     prediction · target / max(|prediction| |target|, ε)
///     prediction · target / (max(|prediction|, ε) max(|target|, ε))      with `bounded` `each`
///
/// - Shape: prediction and target `[..., feature]`, equal; the class axis is the feature axis; one
///   term a row.
/// - Domain: every finite vector, however long or short; a zero vector has cosine 0 and, without
///   epsilon, gradient 0.
/// - Gradient: `(target / |target| - cos · prediction / |prediction|) / |prediction|`, and its
///   mirror for target; a length below ε is constant.
public struct CosineSimilarityLoss: RowwiseLoss {
  public static let metadata = LossMetadata(
    "cosine_similarity", "The cosine of the angle between two vectors: 1 for equal directions.",
    formula: """
      prediction · target / max(|prediction| |target|, epsilon)
      prediction · target / (max(|prediction|, epsilon) max(|target|, epsilon))  bounded each
      """,
    domain: "Every finite vector; a zero vector has cosine 0 and, without epsilon, gradient 0.",
    dialectEntries: [
      .axon(
        "cosine_similarity",
        options: [.same("eps", as: "epsilon"), .axonAxes], overrides: ["epsilon": 1e-6]
      ) { selection in
        selection.classAxis = selection.classAxis ?? 1
      },
      .torchRows(
        "cosine_similarity", class: "CosineSimilarity",
        options: [.classAxis("dim"), .same("eps", as: "epsilon")],
        overrides: ["epsilon": 1e-8, "bounded": "each"],
        arguments: [DialectArgument(.prediction, "x1"), DialectArgument(.target, "x2")]
      ) { $0.reduction = Reduction.unreduced },
      .keras("cosine_similarity", class: "CosineSimilarity", options: [.classAxis()]) {
        $0.scale = -1
      },
      .optax(
        "cosine_similarity", options: [.classAxis(), .squaredLength], overrides: ["bounded": "each"]
      ),
      .mlx(
        "cosine_similarity_loss", options: [.classAxis(), .same("eps", as: "epsilon")],
        overrides: ["epsilon": 1e-8],
        arguments: [DialectArgument(.prediction, "x1"), DialectArgument(.target, "x2")]
      ) { $0.classAxis = $0.classAxis ?? 1 },
    ])
  /// Two vectors a row.
  public static let pairSignature = LossSignature(
    .real(.prediction, "... feature"), .real(.target, "... feature"), terms: "...",
    classAxis: "feature")

  public let options: CosineOptions
  public init(options: CosineOptions) { self.options = options }
  public var properties: [LossProperty] { [.range(-1...1), .symmetric] }
  /// Two vectors a row.
  public var signature: LossSignature { Self.pairSignature }

  /// The cosine; its gradient if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    Cosine.values(row, options, scale: row.gradientScale).cosine
  }
}

extension DialectOption {
  /// The smallest square of a length in Optax, whose root is the smallest length.
  static let squaredLength = DialectOption("epsilon", summary: "the smallest squared length") {
    (value, selection) throws(LossError) in
    guard let square = Double(optionValue: value), square >= 0 else {
      throw refusal("epsilon", value, "a number of at least zero")
    }
    selection.options["epsilon"] = .number(square.squareRoot())
  }

  /// The one axis that Axon's cosine similarity runs over, in a list.
  static let axonAxes = DialectOption("axes", summary: "the feature axis, in a list") {
    (value, selection) throws(LossError) in
    guard let axes = [Int](optionValue: value), axes.count == 1 else {
      throw LossError(
        .invalidOption, subject: "axes", found: "is \(value.text)", expected: "a list of one axis")
    }
    selection.classAxis = axes[0]
  }
}
