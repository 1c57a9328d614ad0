import LossFunctions

/// A linear layer with bias: `scores = features · weights + bias`.
struct LinearModel {
  let featureCount: Int
  let scoreCount: Int
  /// Row-major `[feature, score]`; the last row is the bias.
  var weights: [Double]

  init(features: Int, scores: Int) {
    featureCount = features
    scoreCount = scores
    weights = Array(repeating: 0, count: (features + 1) * scores)
  }

  /// The scores of each row of features.
  func scores(of rows: [[Double]]) -> [Double] {
    var scores: [Double] = []
    scores.reserveCapacity(rows.count * scoreCount)
    for row in rows {
      var sums = Array(weights.suffix(scoreCount))
      for (feature, number) in row.enumerated() {
        for score in 0..<scoreCount {
          sums[score] += number * weights[feature * scoreCount + score]
        }
      }
      scores += sums
    }
    return scores
  }

  /// Backpropagation: the gradient of the weights from the gradient of the scores.
  func gradient(of rows: [[Double]], from scoreGradient: [Double]) -> [Double] {
    var gradient = Array(repeating: 0.0, count: weights.count)
    for (index, row) in rows.enumerated() {
      let derivatives = Array(scoreGradient[index * scoreCount..<(index + 1) * scoreCount])
      for (feature, number) in (row + [1]).enumerated() {
        for score in 0..<scoreCount {
          gradient[feature * scoreCount + score] += number * derivatives[score]
        }
      }
    }
    return gradient
  }
}

/// Gradient descent with momentum.
struct Descent {
  var rate: Double
  var momentum = 0.9
  private var velocity: [Double] = []

  init(rate: Double) { self.rate = rate }

  /// Updates the weights.
  mutating func step(_ weights: inout [Double], against gradient: [Double]) {
    if velocity.isEmpty { velocity = Array(repeating: 0, count: weights.count) }
    for index in weights.indices {
      velocity[index] = momentum * velocity[index] - rate * gradient[index]
      weights[index] += velocity[index]
    }
  }
}
