public import LossCore
import LossDialects

/// By how much the best score exceeds that of the true class.
///
///     max over j of s[j]  -  s[y]
///
/// - Shape: prediction `[..., class]`; target `[...]` class indices; one term a row.
/// - Domain: every score; NaN gives NaN.
/// - Gradient: 1 for the best class, the first of several, and -1 for the true one; 0 where the true
///   class is the first of the best.
/// - Reference: M. Collins, "Discriminative Training Methods for Hidden Markov Models: Theory and
///   Experiments with Perceptron Algorithms", 2002, doi:10.3115/1118693.1118694.
public struct MulticlassPerceptronLoss: RowwiseLoss {
  public static let metadata = LossMetadata(
    "multiclass_perceptron", "By how much the best score exceeds that of the true class.",
    formula: "max(prediction) - prediction[target]", domain: "Every score.",
    references: ["M. Collins, Discriminative Training Methods for Hidden Markov Models, 2002"],
    dialectEntries: [
      .optax(
        "multiclass_perceptron_loss",
        arguments: [DialectArgument(.prediction, "scores"), .optaxTarget])
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(2.0.squareRoot())] }
  /// Scores with a class axis and the true class.
  public var signature: LossSignature { TargetForm.indices.signature(fromLogits: true) }

  /// The term of one row; its gradient if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let scores = row[0], let index = row.classIndex(1) else { return 0 }
    let best = RowMath.maximum(scores, count: row.count)
    let value = best.value - scores[index]
    if let gradient = row.gradient(0) {
      let unknown = S.select(value.isNaN, value, 0)
      for j in 0..<row.count { gradient[j] = unknown }
      gradient[best.index] += row.gradientScale
      gradient[index] -= row.gradientScale
    }
    return value
  }
}
