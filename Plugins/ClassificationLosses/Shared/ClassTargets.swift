public import LossCore

/// The form of target that a loss over classes accepts.
public enum TargetForm: String, OptionChoice {
  /// Class indices or one number per class, told apart by their shape.
  case any
  /// Class indices only.
  case indices
  /// Class indices only, optionally with a last axis of extent 1.
  case indexColumn = "index_column"
  /// One number per class only: one-hot or probabilities.
  case dense

  /// Class indices alone where one of the classes is ignored: no row of a dense target belongs to it.
  func ignoring(_ index: Int?) -> TargetForm {
    self != .indexColumn && index ?? -1 >= 0 ? .indices : self
  }

  /// The signature for logits (or other scores) or probabilities, and targets of this form.
  func signature(fromLogits: Bool) -> LossSignature {
    fromLogits ? signatures.scores : signatures.probabilities
  }

  /// The signature for log-probabilities and targets of this form.
  var logSignature: LossSignature { signatures.logarithms }

  /// The signature for scores and targets of this form that are labels, without a gradient.
  var labelSignature: LossSignature { signatures.labels }

  private var signatures: Signatures {
    switch self {
    case .any: Self.anySignatures
    case .indices: Self.indicesSignatures
    case .indexColumn: Self.columnSignatures
    case .dense: Self.denseSignatures
    }
  }

  private static let anySignatures = Signatures(
    .classes(.target, of: "class", "...", orReal: "... class"),
    label: .classes(
      .target, of: "class", "...", orReal: "... class", .oneHot, isDifferentiable: false))
  private static let indicesSignatures = Signatures(.classes(.target, of: "class", "..."))
  private static let columnSignatures = Signatures(
    .classes(.target, of: "class", "...", or: "... 1"))
  private static let denseSignatures = Signatures(
    .real(.target, "... class", .distribution), label: .labels(.target, "... class", .oneHot))

  /// The signatures of one form of target, by the type of the prediction.
  private struct Signatures {
    let scores, probabilities, logarithms, labels: LossSignature

    init(_ target: InputSpecification, label: InputSpecification? = nil) {
      func signature(
        _ domain: InputSpecification.Domain, _ target: InputSpecification
      ) -> LossSignature {
        LossSignature(
          .real(.prediction, "... class", domain), target, terms: "...", classAxis: "class")
      }
      scores = signature(.any, target)
      probabilities = signature(.distribution, target)
      logarithms = signature(.logDistribution, target)
      labels = signature(.any, label ?? target)
    }
  }
}

/// The target of a row, smoothed and weighted: `q = w ((1 - smoothing) t + smoothing / classes)`.
struct ClassTargets<S: LossScalar> {
  let index: Int?
  let dense: UnsafePointer<S>?
  let weights: [Double]
  let hardShare: S
  let uniformShare: S

  init(_ row: Row<S>, weights: [Double], smoothing: Double = 0) {
    self.init(
      index: row.classIndex(1), dense: row[1], weights: weights, smoothing: smoothing,
      classCount: row.count)
  }

  /// The part of a target that belongs to some of the classes.
  ///
  /// - Parameters:
  ///   - index: the index of the class among these; nil if it is another class, or for a dense target.
  ///   - weights: the weights of these classes.
  ///   - classCount: the number of all classes.
  init(
    index: Int?, dense: UnsafePointer<S>?, weights: [Double], smoothing: Double, classCount: Int
  ) {
    self.index = index
    self.dense = dense
    self.weights = weights
    hardShare = S(1 - smoothing)
    uniformShare = S(smoothing / Double(classCount))
  }

  private init(change vector: UnsafePointer<S>, _ weights: [Double], _ hardShare: S) {
    index = nil
    dense = vector
    self.weights = weights
    self.hardShare = hardShare
    uniformShare = 0
  }

  /// The derivative of the target along a vector, as a target; nil for a vector of zeros.
  func along(_ vector: UnsafePointer<S>?) -> ClassTargets? {
    vector.map { ClassTargets(change: $0, weights, hardShare) }
  }

  /// The weight of a class; 1 if no weights are given.
  @inline(__always)
  func classWeight(_ j: Int) -> S { weights.isEmpty ? 1 : S(weights[j]) }

  /// `q` of a class.
  @inline(__always)
  func weight(of j: Int) -> S {
    let target = dense.map { $0[j] } ?? (index == j ? 1 : 0)
    return classWeight(j) * (hardShare * target + uniformShare)
  }
}

extension ClassTargets {
  /// `Σ q` over the classes.
  func totalWeight(count: Int) -> Double {
    if let index, uniformShare == 0 { return (classWeight(index) * hardShare).asDouble }
    if let dense, weights.isEmpty, uniformShare == 0, hardShare == 1 {
      return BlockedSum.sum(dense, count: count).value
    }
    return RowMath.sum(count: count) { start, count, terms in
      writeWeights(terms, from: start, count: count)
    }.value
  }

  /// `Σ q` and `Σ q (origin - x)`, origin the maximum of x, over the classes; a class with a `q` of 0 is left out of the
  /// second.
  func sums(
    count: Int, of origin: S, minus x: UnsafePointer<S>
  ) -> (weight: CompensatedSum, sum: CompensatedSum) {
    // The usual case reads its targets in place.
    if let dense, weights.isEmpty, uniformShare == 0 {
      let sum = RowMath.sum(count: count, ahead: dense) { start, count, terms in
        let (q, x) = (dense + start, x + start)
        for j in 0..<count {
          terms[j] = S.select(q[j] == 0, 0, -q[j] * S.distance(of: x[j], to: origin))
        }
      }
      return (BlockedSum.sum(dense, count: count), sum)
    }
    let sums = RowMath.sums(count: count) { start, count, q, terms in
      writeWeights(q, from: start, count: count)
      let x = x + start
      for j in 0..<count {
        terms[j] = S.select(q[j] == 0, 0, -q[j] * S.distance(of: x[j], to: origin))
      }
    }
    return sums
  }

  /// Writes `q` of some classes.
  func writeWeights(_ q: UnsafeMutablePointer<S>, from start: Int, count: Int) {
    forEach(start..<start + count) { j, weight in q[j - start] = weight }
  }

  /// `gradient[j] = scale · gradient[j] - coefficient · q[j]`
  @inline(__always)
  func subtract(
    from gradient: UnsafeMutablePointer<S>, count: Int, scale: S, _ coefficient: S
  ) {
    forEach(0..<count) { j, q in gradient[j] = scale * gradient[j] - coefficient * q }
  }

  /// Calls a function with some classes and their `q`, in loops without a branch, which are
  /// vectorised.
  @inline(__always)
  func forEach(_ classes: Range<Int>, _ body: (_ j: Int, _ q: S) -> Void) {
    let (hardShare, uniformShare) = (hardShare, uniformShare)
    weights.withUnsafeBufferPointer { weights in
      guard let dense else {
        let index = index.flatMap { classes.contains($0) ? $0 : nil }
        let split = index ?? classes.upperBound
        for range in [
          classes.lowerBound..<split, min(split + 1, classes.upperBound)..<classes.upperBound,
        ] {
          if weights.isEmpty {
            for j in range { body(j, uniformShare) }
          } else {
            for j in range { body(j, S(weights[j]) * uniformShare) }
          }
        }
        if let index { body(index, weight(of: index)) }
        return
      }
      if weights.isEmpty {
        for j in classes { body(j, hardShare * dense[j] + uniformShare) }
      } else {
        for j in classes { body(j, S(weights[j]) * (hardShare * dense[j] + uniformShare)) }
      }
    }
  }
}

extension RowGroup {
  /// Makes the targets of the rows `q`, as of `ClassTargets`.
  func weighTargets(_ weights: [Double], smoothing: Double) {
    let hardShare = S(1 - smoothing)
    let uniformShare = S(smoothing / Double(length))
    if hasClassIndices {
      for j in 0..<length {
        let q = targets(ofClass: j)
        for row in 0..<Self.count { q[row] = uniformShare }
      }
      for row in 0..<Self.count {
        targets(ofClass: classIndex(1, row))[row] = hardShare + uniformShare
      }
    } else if smoothing != 0 {
      for j in 0..<length {
        let q = targets(ofClass: j)
        for row in 0..<Self.count { q[row] = hardShare * q[row] + uniformShare }
      }
    }
    for (j, weight) in weights.enumerated() {
      let (q, weight) = (targets(ofClass: j), S(weight))
      for row in 0..<Self.count { q[row] *= weight }
    }
  }

  /// Writes `Σ q` and `Σ q (maximum - x)` over the classes of each row, as of `ClassTargets`.
  func writeTargetSums(
    _ weights: UnsafeMutablePointer<Double>, _ differences: UnsafeMutablePointer<Double>
  ) {
    let maxima = sums.maxima
    for j in 0..<length {
      let (q, x, terms) = (targets(ofClass: j), numbers(ofClass: j), scratch(ofClass: j))
      for row in 0..<Self.count {
        terms[row] = S.select(q[row] == 0, 0, -q[row] * S.distance(of: x[row], to: maxima[row]))
      }
    }
    RowMath.sum(ofColumns: targets(ofClass: 0), step: step, count: length, into: weights)
    RowMath.sum(ofColumns: scratch(ofClass: 0), step: Self.count, count: length, into: differences)
  }
}
