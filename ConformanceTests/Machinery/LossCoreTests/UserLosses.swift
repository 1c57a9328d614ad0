import LossFunctions

// Losses as a user would write them, one for each form.

/// Squared errors with an importance, a third input with a gradient.
struct ImportanceLoss: TernaryElementwiseLoss {
  static let metadata = LossMetadata(
    "weighed_squares", "Weighted squared error.", formula: "i (p - t)²")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(
      .real(.prediction, "..."), .real(.target, "..."), .real("importance", "...", .nonNegative),
      terms: "...")
  }
  func value<N: LossArithmetic>(_ p: N, _ t: N, _ i: N) -> N { i * (p - t) * (p - t) }
}

/// A squared margin loss on labels, without options.
struct MarginLoss: ElementwiseLoss {
  static let metadata = LossMetadata("margin", "Squared margin error.", formula: "(1 - t p)²")
  let options: NoOptions
  func value<N: LossArithmetic>(_ p: N, _ t: N) -> N { (1 - t * p) * (1 - t * p) }
}

/// The sum of squares of a row around its target, which is one number per row.
struct SpreadLoss: RowwiseLoss {
  static let metadata = LossMetadata(
    "spread", "Sum of squared distances of a row from its centre.", formula: "Σ (p - t)²")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(
      .real(.prediction, "... class"), .real(.target, "..."), terms: "...", classAxis: "class")
  }
  func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let prediction = row[0], let centre = row[1]?.pointee else { return 0 }
    var sum: S = 0
    var residualSum: S = 0
    for j in 0..<row.count {
      let residual = prediction[j] - centre
      sum += residual * residual
      residualSum += residual
      row.gradient(0)?[j] = 2 * row.gradientScale * residual
    }
    row.gradient(1)?.pointee = -2 * row.gradientScale * residualSum
    return sum
  }
}

/// A smooth dissimilarity of two sums over a region: 1 - 2 P T / (P² + T² + 1).
struct BalanceLoss: RegionLoss, SmoothRegionFormula {
  static let metadata = LossMetadata(
    "balance", "Dissimilarity of two sums.", formula: "1 - 2PT / (P² + T² + 1)")
  let options: NoOptions
  static var sumCount: Int { 2 }
  var region: RegionScope { .sample }
  func summands<S: LossScalar>(_ p: S, _ t: S) -> (S, S, S, S) { (p, t * t, 0, 0) }
  func gradient<N: LossArithmetic>(_ p: N, _ t: N, _ derivatives: (N, N, N, N)) -> (N, N) {
    (derivatives.0, 2 * t * derivatives.1)
  }
  func value(_ sums: SIMD4<Double>, count: Double) -> Double {
    1 - 2 * sums[0] * sums[1] / (sums[0] * sums[0] + sums[1] * sums[1] + 1)
  }
  func derivative<N: LossArithmetic>(_ sums: (N, N, N, N), count: Double) -> (N, N, N, N) {
    let (p, t) = (sums.0, sums.1)
    let d = p * p + t * t + 1
    return (4 * p * p * t / d / d - 2 * t / d, 4 * p * t * t / d / d - 2 * p / d, 0, 0)
  }
  var rolesWithHessianVectorProduct: [Role] { [.prediction, .target] }
}

/// The squared error of score differences, over all pairs of a batch.
struct PairsLoss: BatchLoss {
  static let metadata = LossMetadata(
    "pairs", "Squared error of pairwise score differences.",
    formula: "Σ_j (p_i - p_j - t_i + t_j)²")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(.real(.prediction, "sample"), .real(.target, "sample"), terms: "sample")
  }
  func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let p = context.real(0), let t = context.real(1) else { return }
    let count = context.termCount
    for i in 0..<count {
      terms[i] = 0
      context.gradients[0]?[i] = 0
      context.gradients[1]?[i] = 0
    }
    for i in 0..<count where !context.isRemoved(i) {
      for j in 0..<count {
        let difference = p[i] - p[j] - t[i] + t[j]
        let derivative = 2 * context.gradientScale(i) * difference
        terms[i] += difference * difference
        if let gradient = context.gradients[0] {
          gradient[i] += derivative; gradient[j] -= derivative
        }
        if let gradient = context.gradients[1] {
          gradient[i] -= derivative; gradient[j] += derivative
        }
      }
    }
  }
}

/// The negative sum of the scores of the true classes: one term per batch.
struct TrueScoreLoss: BatchLoss {
  static let metadata = LossMetadata(
    "true_score", "Negative sum of the true-class scores.", formula: "-Σ p[t]")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(
      .real(.prediction, "sample class"), .classes(.target, of: "class", "sample"), terms: "",
      classAxis: "class")
  }
  func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let p = context.real(0), let classes = context.integers(1) else { return }
    let (count, length) = (context.extent("sample"), context.extent("class"))
    terms[0] = 0
    for i in 0..<count * length { context.gradients[0]?[i] = 0 }
    if context.isRemoved(0) { return }
    for i in 0..<count {
      terms[0] -= p[i * length + classes[i]]
      context.gradients[0]?[i * length + classes[i]] = -context.gradientScale(0)
    }
  }
}

/// A squared error with a scalar target, which does not fit its form.
struct OneTargetLoss: ElementwiseLoss {
  static let metadata = LossMetadata(
    "one_target", "Squared error from a scalar target.", formula: "(p - t)²")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(.real(.prediction, "..."), .real(.target, ""), terms: "...")
  }
  func value<N: LossArithmetic>(_ p: N, _ t: N) -> N { (p - t) * (p - t) }
}

/// The dot product of every row with one shared row, which does not fit its form.
struct SharedRowLoss: RowwiseLoss {
  static let metadata = LossMetadata(
    "shared_row", "Dot product with a shared row.", formula: "Σ p t")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(
      .real(.prediction, "... class"), .real(.target, "class"), terms: "...", classAxis: "class")
  }
  func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let prediction = row[0], let target = row[1] else { return 0 }
    return (0..<row.count).reduce(0) { $0 + prediction[$1] * target[$1] }
  }
}

/// A loss with more named axes than the core supports.
struct ManyAxesLoss: BatchLoss {
  static let metadata = LossMetadata("many_axes", "Nine axes.", formula: "p")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(.real(.prediction, "a b c d e f g h i"), terms: "")
  }
  func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    terms[0] = context.real(0)?[0] ?? 0
  }
}
