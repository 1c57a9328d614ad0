public import LossCore
import LossDialects

/// The negative log-likelihood of a number under a normal distribution whose mean and variance are
/// predicted.
///
///     ½ (log v + (prediction - target)² / v)     with v = max(variance, ε)
///     + ½ log 2π                                 with `full`
///
/// - Shape: prediction, target and variance `[...]`, equal; one term an element.
/// - Domain: every real number, a variance of at least 0, above 0 if ε is 0; NaN gives NaN. A
///   variance below ε is taken as ε.
/// - Gradient: `(prediction - target) / v`, the same with the other sign for the target, and
///   `½ (1 - (prediction - target)² / v) / v` for the variance, 0 where it is below ε.
/// - Reference: D. A. Nix and A. S. Weigend, "Estimating the Mean and Variance of the Target
///   Probability Distribution", 1994, doi:10.1109/ICNN.1994.374138.
public struct GaussianNLLLoss: TernaryElementwiseLoss, TwiceDifferentiableTriple {
  /// The least variance, and which terms are added.
  public struct Options: LossOptions {
    /// Whether the constant ½ log 2π is added.
    public var full = false
    /// The smallest variance.
    public var epsilon = 1e-6
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("full", \.full, "whether the constant ½ log 2π is added"),
      .number("epsilon", \.epsilon, .atLeast(0), "the smallest variance"),
    ]
  }

  public static let metadata = LossMetadata(
    "gaussian_nll",
    "The negative log-likelihood of a number whose mean and variance are predicted.",
    formula: "½ (log v + (prediction - target)² / v)     with v = max(variance, epsilon)",
    domain: "Every mean and target; a variance of at least 0.",
    references: [
      "D. A. Nix and A. S. Weigend, Estimating the Mean and Variance of the Target Probability"
        + " Distribution, 1994"
    ],
    dialectEntries: [
      .torch(
        "gaussian_nll_loss", class: "GaussianNLLLoss",
        options: [.same("full"), .same("eps", as: "epsilon")],
        arguments: [.torchInput, .torchTarget, DialectArgument(.variance, "var")]),
      .mlx(
        "gaussian_nll_loss", reduction: .mean,
        options: [.same("full"), .same("eps", as: "epsilon")],
        arguments: [.mlxPrediction, .mlxTarget, DialectArgument(.variance, "vars")]),
    ])
  private static let normals = LossSignature(
    .real(.prediction, "..."), .real(.target, "..."), .real(.variance, "...", .nonNegative),
    terms: "...")

  public let options: Options
  public init(options: Options) { self.options = options }
  /// A mean, a number and a variance.
  public var signature: LossSignature { Self.normals }

  /// The term of one number.
  @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S, _ variance: S) -> S {
    let variance = S.maximumPropagatingNaN(variance, S(options.epsilon))
    let residual = prediction - target
    let constant = S.select(options.full, S.log(2 * S.pi), 0)
    return (S.log(variance) + residual * (residual / variance) + constant) / 2
  }

  /// The derivatives with respect to mean, number and variance.
  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S, _ variance: S) -> (S, S, S) {
    let least = S(options.epsilon)
    let used = S.maximumPropagatingNaN(variance, least)
    let residual = prediction - target
    let derivative = residual / used
    let spread = (1 - residual * derivative) / (2 * used)
    return (derivative, -derivative, S.select(variance < least, 0, spread))
  }

  /// `1 / v`
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S, _ variance: S) -> S {
    1 / S.maximumPropagatingNaN(variance, S(options.epsilon))
  }
}

extension Role {
  /// How far a number is expected to lie from its prediction, squared.
  public static var variance: Role { "variance" }
}
