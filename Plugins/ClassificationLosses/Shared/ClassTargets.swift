public import LossCore

/// In which form a loss over classes takes its target.
public enum TargetForm: String, OptionChoice {
  /// Class indices or a number for each class, told apart by their shape.
  case any
  /// Class indices only.
  case indices
  /// Class indices only, also with a last axis of extent 1.
  case indexColumn = "index_column"
  /// A number for each class only: one-hot or probabilities.
  case dense

  /// Prediction with a class axis, logits or probabilities, and the target in this form.
  @usableFromInline
  func signature(fromLogits: Bool) -> LossSignature {
    switch self {
    case .any: Self.anySignatures[fromLogits ? 0 : 1]
    case .indices: Self.indicesSignatures[fromLogits ? 0 : 1]
    case .indexColumn: Self.columnSignatures[fromLogits ? 0 : 1]
    case .dense: Self.denseSignatures[fromLogits ? 0 : 1]
    }
  }

  /// Logarithms of probabilities with a class axis, and the target in this form.
  var logSignature: LossSignature {
    switch self {
    case .any: Self.anySignatures[2]
    case .indices: Self.indicesSignatures[2]
    case .indexColumn: Self.columnSignatures[2]
    case .dense: Self.denseSignatures[2]
    }
  }

  private static let anySignatures = signatures(
    .classes(.target, of: "class", "...", orReal: "... class"))
  private static let indicesSignatures = signatures(.classes(.target, of: "class", "..."))
  private static let columnSignatures = signatures(
    .classes(.target, of: "class", "...", or: "... 1"))
  private static let denseSignatures = signatures(.real(.target, "... class", .distribution))

  private static func signatures(_ target: InputSpecification) -> [LossSignature] {
    [InputSpecification.Domain.any, .distribution, .logDistribution].map { domain in
      LossSignature(
        .real(.prediction, "... class", domain), target, terms: "...", classAxis: "class")
    }
  }
}

/// How much each class of a row is the true one, and what it weighs.
@usableFromInline struct ClassTargets<S: LossScalar> {
  @usableFromInline let index: Int?
  @usableFromInline let dense: UnsafePointer<S>?
  @usableFromInline let weights: [Double]
  @usableFromInline let kept: S
  @usableFromInline let spread: S

  /// The targets of a row: `(1 - smoothing) target + smoothing / count`, each times its weight.
  @inlinable
  init(_ row: Row<S>, weights: [Double], smoothing: Double = 0) {
    index = row.classIndex(1)
    dense = row[1]
    self.weights = weights
    kept = S(1 - smoothing)
    spread = S(smoothing / Double(row.count))
  }

  /// What a class weighs; 1 if no weights are given.
  @inlinable @inline(__always)
  func weight(_ j: Int) -> S { weights.isEmpty ? 1 : S(weights[j]) }

  /// How much a class is the true one, times its weight.
  @inlinable @inline(__always)
  func mass(_ j: Int) -> S {
    let target = dense.map { $0[j] } ?? (index == j ? 1 : 0)
    return weight(j) * (kept * target + spread)
  }
}

extension ClassTargets {
  /// Σ q and Σ q · surprise(j) over the classes; a class with q of 0 does not enter the second.
  @inlinable @inline(__always)
  func sums(count: Int, _ surprise: (Int) -> S) -> (mass: Double, sum: Double) {
    // The usual case has no choice inside its loop, which then vectorises.
    if let dense, weights.isEmpty {
      let kept = kept
      let spread = spread
      return sums(count: count, surprise) { j in kept * dense[j] + spread }
    }
    return sums(count: count, surprise) { j in mass(j) }
  }

  @inlinable @inline(__always)
  func sums(
    count: Int, _ surprise: (Int) -> S, _ mass: (Int) -> S
  ) -> (mass: Double, sum: Double) {
    let sums = RowMath.sums(count: count) { j in
      let q = mass(j)
      return (q, S.select(q == 0, 0, q * surprise(j)))
    }
    return (sums.0.value, sums.1.value)
  }

  /// gradient[j] = scale · gradient[j] - coefficient · q
  @inlinable @inline(__always)
  func subtract(
    from gradient: UnsafeMutablePointer<S>, count: Int, scale: S, _ coefficient: S
  ) {
    if let dense, weights.isEmpty {
      let kept = kept
      let spread = spread
      for j in 0..<count {
        gradient[j] = scale * gradient[j] - coefficient * (kept * dense[j] + spread)
      }
    } else {
      for j in 0..<count { gradient[j] = scale * gradient[j] - coefficient * mass(j) }
    }
  }
}

extension RowwiseLoss {
  /// What a row weighs: the weight of its class, or the mean weight of its classes; below zero for
  /// the ignored class.
  @inlinable
  func classWeight<S: LossScalar>(_ row: Row<S>, _ weights: [Double], ignoring: Int?) -> S {
    if let index = row.classIndex(1) {
      if index == ignoring { return -1 }
      return weights.indices.contains(index) ? S(weights[index]) : 1
    }
    guard let dense = row[1], !weights.isEmpty else { return 1 }
    var sum = 0.0
    for j in 0..<row.count { sum += weights[j] * Double(dense[j]) }
    return S(max(0, sum))
  }

  /// Refuses a list of weights that has not one for each class.
  @inlinable
  func checkWeights(_ weights: [Double], _ classCount: Int) throws(LossError) {
    guard weights.isEmpty || weights.count == classCount else {
      throw LossError(
        .invalidOption, subject: "class_weights", found: "has \(weights.count) numbers",
        expected: "\(classCount), one for each class")
    }
  }
}
