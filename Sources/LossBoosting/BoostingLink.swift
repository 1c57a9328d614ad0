public import LossCore

/// The function between a raw score, the sum of the trees, and the prediction that a loss compares
/// with the target.
public enum BoostingLink: String, OptionChoice {
  /// The score is the prediction.
  case identity
  /// The score is the logarithm of the prediction.
  case log
  /// The score is the logit of the prediction, a probability.
  case logistic
  /// The scores of a row are the logits of its predictions, the probabilities of the classes.
  case softmax
}

extension BoostingLink {
  /// The prediction of a score, and its first and second derivative; for `softmax` those of a class
  /// against all others are in `SoftmaxRow`.
  @inline(__always)
  func prediction<S: LossScalar>(of score: S) -> (value: S, first: S, second: S) {
    switch self {
    case .identity, .softmax: return (score, 1, 0)
    case .log:
      let mean = S.exp(score)
      return (mean, mean, mean)
    case .logistic:
      let (p, q) = (S.sigmoid(score), S.sigmoid(-score))
      return (p, p * q, p * q * (q - p))
    }
  }

  /// The score of a prediction; infinite at the ends of the range of predictions.
  func score(of prediction: Double) -> Double {
    switch self {
    case .identity: prediction
    case .log, .softmax: Double.log(prediction)
    case .logistic: Double.log(prediction) - Double.log(onePlus: -prediction)
    }
  }

  /// The largest magnitude of a score whose prediction is a number other than 0, 1 and infinity.
  var largestScore: Double { self == .identity ? 1e300 : 700 }

  /// The link of a loss's predictions.
  ///
  /// - Parameters:
  ///   - signature: the inputs of the loss.
  ///   - takesLogits: whether the loss has an option to take logits.
  ///   - takesLogarithms: whether it has one to take logarithms of means.
  init(_ signature: LossSignature, takesLogits: Bool, takesLogarithms: Bool) {
    self =
      switch signature.inputs.first?.domain {
      case _ where takesLogits: signature.classAxis == nil ? .logistic : .softmax
      case _ where takesLogarithms: .log
      case .nonNegative: .log
      case .probability: .logistic
      case .distribution: .softmax
      default: .identity
      }
  }
}

/// The softmax of the scores of one row, and its derivatives.
struct SoftmaxRow<S: LossScalar> {
  let probabilities: [S]

  init(_ scores: [S]) {
    var largest = -S.infinity
    for score in scores where score > largest { largest = score }
    let powers = scores.map { S.exp($0 - largest) }
    let sum = powers.reduce(0, +)
    probabilities = powers.map { $0 / sum }
  }

  /// The derivatives with respect to the scores, of a function with these derivatives with respect to
  /// the probabilities, and without mixed ones.
  func derivatives(_ first: [S], _ second: [S]) -> [(first: S, second: S)] {
    var (mean, squares) = (0 as S, 0 as S)
    for (k, p) in probabilities.enumerated() {
      mean += p * first[k]
      squares += p * p * second[k]
    }
    return probabilities.enumerated().map { k, p in
      let excess = first[k] - mean
      let others = squares - p * p * second[k]
      let own = second[k] * (1 - p) * (1 - p)
      return (p * excess, p * p * (own + others) + p * (1 - 2 * p) * excess)
    }
  }
}
