public import LossCore
import LossDialects

/// Probabilities from logits: a function of the prediction, not a loss of its own.
///
///     exp(x) / Σ exp(x)        along the class axis
///
/// - Shape: prediction `[..., class]`; the result has the same shape. Its default reduction is none.
/// - Domain: logits of any size; -∞ gives 0.
/// - Gradient: `p (g - Σ g p)` for an upstream `g`.
public struct Softmax: BatchLoss {
  public static var kind: LossKind { .transform }
  public static let metadata = LossMetadata(
    "softmax", "Probabilities from logits: a function, not a loss.",
    formula: "exp(prediction) / Σ exp(prediction)",
    domain: "Logits of any size; the result has the shape of prediction.",
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
  /// A number for each class.
  public var signature: LossSignature { Self.rows }
  /// The probabilities themselves.
  public var defaultReduction: Reduction { .unreduced }

  /// Every probability; the gradient if wanted.
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let logits = pass.real(0) else { return }
    let (outer, length, inner) = (pass.rows.outer, pass.rows.length, pass.rows.inner)
    guard length > 0 else { return }
    for row in 0..<(outer * inner) {
      let start = (row / inner) * length * inner + row % inner
      var top = logits[start]
      for j in 1..<length { top = S.maximumPropagatingNaN(top, logits[start + j * inner]) }
      var sum = 0.0
      for j in 0..<length {
        let place = start + j * inner
        terms[place] = S.exp(logits[place] - top)
        sum += Double(terms[place])
      }
      var pull = 0.0
      for j in 0..<length {
        let place = start + j * inner
        terms[place] = S(Double(terms[place]) / sum)
        if !pass.isRemoved(place) { pull += Double(pass.gradientScale(place) * terms[place]) }
      }
      guard let gradient = pass.gradient(0) else { continue }
      for j in 0..<length {
        let place = start + j * inner
        let own = pass.isRemoved(place) ? 0 : pass.gradientScale(place)
        // Where nothing pulls the gradient is 0, even if a masked row is not a number.
        gradient[place] = own == S(pull) ? 0 : terms[place] * (own - S(pull))
      }
    }
  }
}
