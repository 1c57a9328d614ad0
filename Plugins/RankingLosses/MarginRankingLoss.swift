public import LossCore
import LossDialects

/// Margin ranking loss: max(0, −target (first − second) + margin).
public struct MarginRankingLoss: TernaryElementwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Margin between the scores of a pair.
    public var margin = 0.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .finite, "margin between the scores of a pair")
    ]
  }

  public static let metadata = LossMetadata(
    "margin_ranking", "Margin ranking loss: max(0, −target (first − second) + margin).",
    formula: "max(0, - target (first - second) + margin)",
    domain: "Real scores. Target +1 if the first should score higher, −1 if the second should.",
    gradient: "0 outside the margin and at its edge.",
    usage: """
      Learning to rank from labelled pairs of scores. For lists with relevances use pairwise_hinge \
      or ranknet.
      """,
    related: ["pairwise_hinge", "ranknet", "triplet_margin", "hinge"],
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
  public var signature: LossSignature { Self.pairs }

  @inline(__always)
  public func value<S: LossArithmetic>(_ first: S, _ second: S, _ target: S) -> S {
    S.relu(-target * (first - second) + S(options.margin))
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ first: S, _ second: S, _ target: S) -> (S, S, S) {
    let violation = -target * (first - second) + S(options.margin)
    let derivative = S.select(violation <= 0, 0, S.select(violation > 0, -target, violation))
    return (derivative, -derivative, 0)
  }
}
