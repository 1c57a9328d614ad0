public import LossCore
import LossDialects

/// Multiclass perceptron loss: best score minus the score of the true class.
///
/// - Shape: prediction `[..., class]`, target `[...]` class indices.
public struct MulticlassPerceptronLoss: RowwiseLoss {
  public static let metadata = LossMetadata(
    "multiclass_perceptron",
    "Multiclass perceptron loss: best score minus the score of the true class.",
    formula: "max(prediction) - prediction[target]",
    domain: "Every real number; NaN gives NaN.",
    gradient: """
      Of several best classes, the first gets the gradient; 0 where that is the true class.
      """,
    usage: """
      The perceptron update for several classes: only the predicted and the true class \
      change. It asks for no margin; categorical_hinge does and generalises better.
      """,
    related: ["categorical_hinge", "perceptron", "multi_margin"],
    references: [
      """
      M. Collins, Discriminative Training Methods for Hidden Markov Models: Theory \
      and Experiments with Perceptron Algorithms, 2002, doi:10.3115/1118693.1118694
      """
    ],
    dialectEntries: [
      .optax(
        "multiclass_perceptron_loss",
        arguments: [DialectArgument(.prediction, "scores"), .optaxTarget])
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(2.0.squareRoot())] }
  public var signature: LossSignature { TargetForm.indices.signature(fromLogits: true) }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let scores = row[0], let index = row.classIndex(1) else { return 0 }
    let best = RowMath.maximum(scores, count: row.count)
    let value = best.value - scores[index]
    if let gradient = row.gradient(0) {
      let zeroOrNaN = S.select(value.isNaN, value, 0)
      for j in 0..<row.count { gradient[j] = zeroOrNaN }
      gradient[best.index] += row.gradientScale
      gradient[index] -= row.gradientScale
    }
    return value
  }
}
