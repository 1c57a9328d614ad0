public import LossCore

/// The probability that a prediction stands for, and its derivative.
@usableFromInline enum RegionProbability {
  /// The prediction itself, or the sigmoid of a logit.
  @inlinable @inline(__always)
  static func value<S: LossScalar>(_ prediction: S, fromLogits: Bool) -> S {
    fromLogits ? S.sigmoid(prediction) : prediction
  }

  /// What the probability leaves to 1.
  @inlinable @inline(__always)
  static func left<S: LossScalar>(_ prediction: S, fromLogits: Bool) -> S {
    fromLogits ? S.sigmoid(-prediction) : 1 - prediction
  }

  /// 1, or the derivative of the sigmoid.
  @inlinable @inline(__always)
  static func slope<S: LossScalar>(_ prediction: S, fromLogits: Bool) -> S {
    fromLogits ? S.sigmoid(prediction) * S.sigmoid(-prediction) : 1
  }
}
