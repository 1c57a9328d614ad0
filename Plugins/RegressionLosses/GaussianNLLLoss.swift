public import LossCore
import LossDialects

/// Gaussian negative log-likelihood with predicted mean and variance.
public struct GaussianNLLLoss: TernaryElementwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Whether to add the constant ½ log 2π.
    public var full = false
    /// Lower bound of the variance.
    public var epsilon = 1e-6
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("full", \.full, "whether to add the constant ½ log 2π"),
      .number("epsilon", \.epsilon, .atLeast(0), "lower bound of the variance"),
    ]
  }

  public static let metadata = LossMetadata(
    "gaussian_nll", "Gaussian negative log-likelihood with predicted mean and variance.",
    formula: "½ (log v + (prediction - target)² / v)     with v = max(variance, epsilon)",
    domain: """
      Every real mean and target; a variance of at least 0. A variance below epsilon is replaced \
      by epsilon. A variance of 0, without epsilon, gives -∞ for an exact mean and otherwise ∞; \
      NaN gives NaN.
      """,
    gradient: "For the variance 0 below epsilon; at epsilon the derivative from above.",
    usage: """
      Heteroscedastic regression: the model predicts each target and its uncertainty. With a \
      constant variance use mean_squared_error.
      """,
    related: ["mean_squared_error", "poisson_nll", "gamma_deviance"],
    alsoKnownAs: ["normal_nll"],
    references: [
      "D. A. Nix and A. S. Weigend, Estimating the Mean and Variance of the Target "
        + "Probability Distribution, 1994, doi:10.1109/ICNN.1994.374138"
    ],
    dialectEntries: [
      .torch(
        "gaussian_nll_loss", class: "GaussianNLLLoss",
        options: [.same("full"), .same("eps", as: "epsilon")],
        arguments: [.torchInput, .torchTarget, DialectArgument(.variance, "var")]
      ).preparing(.variance(.variance)),
      .mlx(
        "gaussian_nll_loss", reduction: .mean,
        options: [.same("full"), .same("eps", as: "epsilon")],
        arguments: [.mlxPrediction, .mlxTarget, DialectArgument(.variance, "vars")]
      ).preparing(.variance(.variance)),
    ])
  private static let normals = LossSignature(
    .real(.prediction, "..."), .real(.target, "..."), .real(.variance, "...", .nonNegative),
    terms: "...")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var signature: LossSignature { Self.normals }

  @inline(__always)
  public func value<S: LossArithmetic>(_ prediction: S, _ target: S, _ variance: S) -> S {
    let variance = S.maximumPropagatingNaN(variance, S(options.epsilon))
    let residual = prediction - target
    let constant = S.select(options.full, S.log(2 * S.pi), 0)
    let square = residual * ratio(residual, variance)
    // An infinite square exceeds the logarithm of a variance of 0.
    let logarithm = S.select(square == .infinity, 0, S.log(variance))
    return (logarithm + square + constant) / 2
  }

  /// `residual / variance`, and 0 where both are 0.
  @inline(__always)
  private func ratio<S: LossArithmetic>(_ residual: S, _ variance: S) -> S {
    residual / S.select(variance == 0, S.select(residual == 0, 1, variance), variance)
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S, _ variance: S) -> (S, S, S) {
    let epsilon = S(options.epsilon)
    let clamped = S.maximumPropagatingNaN(variance, epsilon)
    let residual = prediction - target
    let derivative = ratio(residual, clamped)
    let varianceDerivative = (1 - residual * derivative) / (2 * clamped)
    return (derivative, -derivative, S.select(variance < epsilon, 0, varianceDerivative))
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S, _ variance: S) -> S {
    1 / S.maximumPropagatingNaN(variance, S(options.epsilon))
  }
}

extension Role {
  /// The predicted variance of the target.
  public static var variance: Role { "variance" }
}
