public import LossCore
import LossDialects

/// How far the first score fails to exceed the second by a margin, or the other way round.
///
///     max(0, - target (first - second) + margin)
///
/// - Shape: first, second and target `[...]`, equal; one term an element.
/// - Domain: every score; target +1 if the first is to rank higher, -1 if the second is.
/// - Gradient: `- target` for first and `target` for second inside the margin, 0 outside and at its
///   edge.
/// - Reference: R. Herbrich et al., "Support Vector Learning for Ordinal Regression", 1999.
public struct MarginRankingLoss: TernaryElementwiseLoss {
  /// The margin.
  public struct Options: LossOptions {
    /// By how much one score is to exceed the other.
    public var margin = 0.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .finite, "by how much one score is to exceed the other")
    ]
  }

  public static let metadata = LossMetadata(
    "margin_ranking", "How far one score fails to exceed another by a margin.",
    formula: "max(0, - target (first - second) + margin)",
    domain: "Every score; a target of -1 or +1.",
    references: ["R. Herbrich et al., Support Vector Learning for Ordinal Regression, 1999"],
    dialectEntries: [
      .flux(
        "margin_ranking_loss", options: [.same("margin")],
        arguments: [
          DialectArgument(.first, "ŷ1", "yhat1"), DialectArgument(.second, "ŷ2", "yhat2"),
          .fluxTarget,
        ]),
      .axon(
        "margin_ranking", options: [.same("margin")],
        arguments: [
          .axonTarget, DialectArgument(.first, "y_pred1"), DialectArgument(.second, "y_pred2"),
        ]),
      .torch(
        "margin_ranking_loss", class: "MarginRankingLoss", options: [.same("margin")],
        arguments: [
          DialectArgument(.first, "input1"), DialectArgument(.second, "input2"), .torchTarget,
        ]),
      .mlx(
        "margin_ranking_loss", options: [.same("margin")],
        arguments: [
          DialectArgument(.first, "inputs1"), DialectArgument(.second, "inputs2"), .mlxTarget,
        ]),
    ])
  private static let pairs = LossSignature(
    .real(.first, "..."), .real(.second, "..."), .labels(.target, "..."), terms: "...")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .lipschitz(2.0.squareRoot())]
  }
  /// Two scores and a label.
  public var signature: LossSignature { Self.pairs }

  /// How far the pair is inside the margin.
  @inline(__always)
  public func value<S: LossScalar>(_ first: S, _ second: S, _ target: S) -> S {
    S.relu(-target * (first - second) + S(options.margin))
  }

  /// The derivatives with respect to both scores.
  @inline(__always)
  public func derivative<S: LossScalar>(_ first: S, _ second: S, _ target: S) -> (S, S, S) {
    let margin = -target * (first - second) + S(options.margin)
    let derivative = S.select(margin <= 0, 0, S.select(margin > 0, -target, margin))
    return (derivative, -derivative, 0)
  }
}
