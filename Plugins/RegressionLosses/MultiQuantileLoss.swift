public import LossCore

/// Mean of the quantile losses of several quantiles of one target.
///
/// The last axis of the prediction, or the class axis, has a number for each quantile, in the order
/// of the option. Nothing keeps the numbers of a row in ascending order.
///
/// - Shape: prediction `[..., quantile]`, target `[...]`.
public struct MultiQuantileLoss: RowwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Quantile that each number of a row estimates.
    public var quantiles = [0.1, 0.5, 0.9]
    public init() {}
    public static let fields: [OptionField<Self>] = [
      OptionField(
        "quantiles", \.quantiles, range: "a list of at least one number from zero to 1",
        "quantile that each number of a row estimates"
      ) { quantiles in
        !quantiles.isEmpty && quantiles.allSatisfy { (0...1).contains($0) }
      }
    ]
  }

  public static let metadata = LossMetadata(
    "multi_quantile", "Mean of the quantile losses of several quantiles of one target.",
    formula: """
      mean over quantiles max(q (target - p), (1 - q) (p - target))
      with p the prediction of the quantile q
      """,
    domain: "Every real number; NaN gives NaN.",
    gradient: "That of quantile for each number; 0 where it equals the target.",
    usage: """
      Probabilistic forecasts with one output per quantile, as in MQ-RNN and the Temporal Fusion \
      Transformer. Twice the loss, with many quantiles, approximates the continuous ranked \
      probability score. GluonTS and PyTorch Forecasting multiply by 2.
      """,
    related: ["quantile", "expectile", "gaussian_nll"],
    alsoKnownAs: ["mqloss", "multi_pinball"],
    references: [
      "R. Koenker and G. Bassett, Regression Quantiles, 1978, doi:10.2307/1913643",
      "R. Wen et al., A Multi-Horizon Quantile Recurrent Forecaster, 2017, arXiv:1711.11053",
    ])
  private static let rows = LossSignature(
    .real(.prediction, "... quantile"), .real(.target, "..."), terms: "...", classAxis: "quantile")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative] }
  public var signature: LossSignature { Self.rows }

  public func check(classCount: Int) throws(LossError) {
    guard options.quantiles.count == classCount else {
      throw LossError(
        .invalidOption, subject: "quantiles", found: "has \(options.quantiles.count) numbers",
        expected: "\(classCount), one for each position of the quantile axis of prediction")
    }
  }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let prediction = row[0], let target = row[1]?[0] else { return 0 }
    let gradient = row.gradient(0)
    let scale = row.gradientScale / S(row.count)
    var (sum, derivatives) = (CompensatedSum(), CompensatedSum())
    for j in 0..<row.count {
      var level = QuantileLoss.Options()
      level.level = options.quantiles[j]
      let quantile = QuantileLoss(options: level)
      let residual = prediction[j] - target
      let derivative = quantile.derivative(residual)
      sum.add(quantile.value(residual).asDouble)
      derivatives.add(derivative.asDouble)
      gradient?[j] = scale * derivative
    }
    row.gradient(1)?[0] = -S(derivatives.value) * scale
    return S(sum.value / Double(row.count))
  }

  public var rolesWithSecondDerivative: [Role] { [.prediction, .target] }

  public func secondDerivativeTerm<S: LossScalar>(_ row: Row<S>) -> S {
    // This also writes the gradient, into the memory that is overwritten below.
    let value = term(row)
    row.gradient(0)?.update(repeating: 0, count: row.count)
    row.gradient(1)?[0] = 0
    return value
  }
}
