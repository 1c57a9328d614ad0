public import LossCore
import LossDialects

/// Softmax: probabilities from logits; a transform, not a loss.
///
/// Its default reduction is none.
public struct Softmax: BatchLoss {
  public static var kind: LossKind { .transform }
  public static let metadata = LossMetadata(
    "softmax", "Softmax: probabilities from logits; a transform, not a loss.",
    formula: "exp(prediction) / Σ exp(prediction)",
    domain: "Logits of any size; -∞ gives 0. The result has the shape of prediction.",
    usage: """
      Reading probabilities off logits. Losses that take \
      logits apply it themselves, with less rounding.
      """,
    related: ["cross_entropy", "sparsemax", "label_smoothing"], alsoKnownAs: ["softargmax"],
    references: ["J. S. Bridle, Probabilistic Interpretation of Feedforward Network Outputs, 1990"],
    dialectEntries: [
      .fluxTransform("softmax", options: [.fluxDims], arguments: [.fluxPrediction])
    ])
  private static let rows = LossSignature(
    .real(.prediction, "... class"), terms: "... class", classAxis: "class")

  public init(options: NoOptions) {}
  public var properties: [LossProperty] {
    [.range(0...1), .lipschitz(0.125.squareRoot()), .twiceDifferentiable]
  }
  public var signature: LossSignature { Self.rows }
  public var defaultReduction: Reduction { .unreduced }

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let logits = context.real(0) else { return }
    let (outer, length, inner) = (context.rows.outer, context.rows.length, context.rows.inner)
    guard length > 0 else { return }
    for row in 0..<(outer * inner) {
      let start = (row / inner) * length * inner + row % inner
      var top = logits[start]
      for j in 1..<length { top = S.maximumPropagatingNaN(top, logits[start + j * inner]) }
      var sum = 0.0
      for j in 0..<length {
        let index = start + j * inner
        terms[index] = S.exp(S.distance(of: logits[index], to: top))
        sum += Double(terms[index])
      }
      var mean = 0.0
      for j in 0..<length {
        let index = start + j * inner
        terms[index] = S(Double(terms[index]) / sum)
        if !context.isRemoved(index) { mean += Double(context.gradientScale(index) * terms[index]) }
      }
      guard let gradient = context.gradient(0) else { continue }
      for j in 0..<length {
        let index = start + j * inner
        let upstream = context.isRemoved(index) ? 0 : context.gradientScale(index)
        // An upstream gradient equal to its mean gives 0, even where a masked row holds NaN.
        gradient[index] = upstream == S(mean) ? 0 : terms[index] * (upstream - S(mean))
      }
    }
  }
}
