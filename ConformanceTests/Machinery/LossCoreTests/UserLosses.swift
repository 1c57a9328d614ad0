import LossFunctions

// Losses as a user would write them, one for each form.

/// Squared errors with an importance each, an input with a gradient of its own.
struct ImportanceLoss: TernaryElementwiseLoss {
  static let metadata = LossMetadata(
    "weighed_squares", "Squared errors, each with its importance.", formula: "i (p - t)²")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(
      .real(.prediction, "..."), .real(.target, "..."), .real("importance", "...", .nonNegative),
      terms: "...")
  }
  func value<S: LossScalar>(_ p: S, _ t: S, _ i: S) -> S { i * (p - t) * (p - t) }
  func derivative<S: LossScalar>(_ p: S, _ t: S, _ i: S) -> (S, S, S) {
    let residual = p - t
    return (2 * i * residual, -2 * i * residual, residual * residual)
  }
}

/// A hinge on labels, without options.
struct MarginLoss: ElementwiseLoss {
  static let metadata = LossMetadata("margin", "A margin.", formula: "(1 - t p)²")
  let options: NoOptions
  func value<S: LossScalar>(_ p: S, _ t: S) -> S { (1 - t * p) * (1 - t * p) }
  func derivative<S: LossScalar>(_ p: S, _ t: S) -> (S, S) {
    (-2 * t * (1 - t * p), -2 * p * (1 - t * p))
  }
}

/// The variance of a row around the number that is its target: one number for each row.
struct SpreadLoss: RowwiseLoss {
  static let metadata = LossMetadata(
    "spread", "How far a row lies from its centre.", formula: "Σ (p - t)²")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(
      .real(.prediction, "... class"), .real(.target, "..."), terms: "...", classAxis: "class")
  }
  func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let prediction = row[0], let centre = row[1]?.pointee else { return 0 }
    var sum: S = 0
    var pull: S = 0
    for j in 0..<row.count {
      let residual = prediction[j] - centre
      sum += residual * residual
      pull += residual
      row.gradient(0)?[j] = 2 * row.gradientScale * residual
    }
    row.gradient(1)?.pointee = -2 * row.gradientScale * pull
    return sum
  }
}

/// One minus the quotient of the smaller and the larger sum, softly: 1 - 2 P T / (P² + T² + 1).
struct BalanceLoss: RegionLoss {
  static let metadata = LossMetadata(
    "balance", "How unlike two sums are.", formula: "1 - 2PT / (P² + T² + 1)")
  let options: NoOptions
  static var sumCount: Int { 2 }
  var region: RegionScope { .sample }
  func summands<S: LossScalar>(_ p: S, _ t: S) -> (S, S, S, S) { (p, t * t, 0, 0) }
  func gradient<S: LossScalar>(_ p: S, _ t: S, _ derivatives: (S, S, S, S)) -> (S, S) {
    (derivatives.0, 2 * t * derivatives.1)
  }
  func value(_ sums: SIMD4<Double>, count: Double) -> Double {
    1 - 2 * sums[0] * sums[1] / (sums[0] * sums[0] + sums[1] * sums[1] + 1)
  }
  func derivative(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    let (p, t) = (sums[0], sums[1])
    let d = p * p + t * t + 1
    return SIMD4(-2 * t / d + 4 * p * p * t / d / d, -2 * p / d + 4 * p * t * t / d / d, 0, 0)
  }
}

/// Every pair of a batch: the squared gap between the difference of scores and that of targets.
struct PairsLoss: BatchLoss {
  static let metadata = LossMetadata(
    "pairs", "Differences of scores against those of targets.",
    formula: "Σ_j (p_i - p_j - t_i + t_j)²")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(.real(.prediction, "sample"), .real(.target, "sample"), terms: "sample")
  }
  func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let p = pass.real(0), let t = pass.real(1) else { return }
    let count = pass.termCount
    for i in 0..<count {
      terms[i] = 0
      pass.gradients[0]?[i] = 0
      pass.gradients[1]?[i] = 0
    }
    for i in 0..<count where !pass.isRemoved(i) {
      for j in 0..<count {
        let gap = p[i] - p[j] - t[i] + t[j]
        let derivative = 2 * pass.gradientScale(i) * gap
        terms[i] += gap * gap
        if let gradient = pass.gradients[0] { gradient[i] += derivative; gradient[j] -= derivative }
        if let gradient = pass.gradients[1] { gradient[i] -= derivative; gradient[j] += derivative }
      }
    }
  }
}

/// One number for a batch of classes: the mean score of the true classes, negated.
struct TrueScoreLoss: BatchLoss {
  static let metadata = LossMetadata(
    "true_score", "The scores of the true classes.", formula: "-Σ p[t]")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(
      .real(.prediction, "sample class"), .classes(.target, of: "class", "sample"), terms: "",
      classAxis: "class")
  }
  func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let p = pass.real(0), let classes = pass.integers(1) else { return }
    let (count, length) = (pass.extent("sample"), pass.extent("class"))
    terms[0] = 0
    for i in 0..<count * length { pass.gradients[0]?[i] = 0 }
    if pass.isRemoved(0) { return }
    for i in 0..<count {
      terms[0] -= p[i * length + classes[i]]
      pass.gradients[0]?[i * length + classes[i]] = -pass.gradientScale(0)
    }
  }
}

/// Squared errors whose target is one number for all of them.
struct OneTargetLoss: ElementwiseLoss {
  static let metadata = LossMetadata("one_target", "One target for all.", formula: "(p - t)²")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(.real(.prediction, "..."), .real(.target, ""), terms: "...")
  }
  func value<S: LossScalar>(_ p: S, _ t: S) -> S { (p - t) * (p - t) }
  func derivative<S: LossScalar>(_ p: S, _ t: S) -> (S, S) { (2 * (p - t), -2 * (p - t)) }
}

/// A row times numbers that are the same for every row.
struct SharedRowLoss: RowwiseLoss {
  static let metadata = LossMetadata("shared_row", "One row of factors for all.", formula: "Σ p t")
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

/// A loss with more named axes than any of ours.
struct ManyAxesLoss: BatchLoss {
  static let metadata = LossMetadata("many_axes", "Nine axes.", formula: "p")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(.real(.prediction, "a b c d e f g h i"), terms: "")
  }
  func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    terms[0] = pass.real(0)?[0] ?? 0
  }
}
