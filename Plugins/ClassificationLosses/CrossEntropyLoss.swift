public import LossCore
import LossDialects

/// Softmax cross entropy: negative log-likelihood of the true class.
///
/// Probabilities are used without normalisation; `epsilon` applies to them only. `weighted_mean`
/// divides by `Σ w target`, or by the rows of a dense target without `counts_dense_weights`. Rows of
/// the ignored class are removed, as by a mask.
///
/// - Shape: prediction `[..., class]`, target `[...]` class indices or `[..., class]`.
/// - Accuracy: within 4 ulp for class indices, also for confident predictions; a dense target adds
///   the rounding of its products.
public struct CrossEntropyLoss: ClassWeightedLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Whether prediction holds logits, not probabilities.
    public var fromLogits = true
    /// Weight of each class; empty for 1 each.
    public var classWeights: [Double] = []
    /// Share of the target spread evenly over all classes.
    public var labelSmoothing = 0.0
    /// Class index whose rows are removed.
    public var ignoreIndex: Int?
    /// Constant added to a probability before the logarithm.
    public var epsilon: Epsilon = 0
    /// Accepted form of the target.
    public var targets = TargetForm.any
    /// Whether weighted_mean divides by the class weights of a dense target.
    public var countsDenseWeights = true
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .numbers(
        "class_weights", \.classWeights, .atLeast(0), "weight of each class; empty for 1 each"),
      .number(
        "label_smoothing", \.labelSmoothing, .from(0, to: 1),
        "share of the target spread evenly over all classes"),
      .integer("ignore_index", \.ignoreIndex, "class index whose rows are removed"),
      .epsilon("epsilon", \.epsilon, "constant added to a probability before the logarithm"),
      .choice("targets", \.targets, "accepted form of the target"),
      .flag(
        "counts_dense_weights", \.countsDenseWeights,
        "whether weighted_mean divides by the class weights of a dense target"),
    ]
  }

  public static let metadata = LossMetadata(
    "cross_entropy", "Softmax cross entropy: negative log-likelihood of the true class.",
    formula: """
      - Σ w q log p                    with p = softmax(prediction) from logits
      q = (1 - s) target + s / classes  with s = label_smoothing, w = class_weights
      """,
    domain: """
      Logits of any size, also -∞ where the target is 0. Probabilities from 0 to \
      1; 0 log 0 is 0, and a target above 0 on a probability of 0 gives infinity.
      """,
    gradient: "With respect to a dense target, 0 where target and probability are both 0.",
    usage: """
      The default for single-label classification; pass logits, not \
      softmax outputs. Against class imbalance use class_weights or focal, \
      against noisy labels label_smoothing or generalized_cross_entropy.
      """,
    related: ["binary_cross_entropy", "focal", "nll", "linear_cross_entropy"],
    alsoKnownAs: ["ce", "softmax_loss", "multinomial_logistic"],
    references: [
      "I. J. Good, Rational Decisions, 1952",
      "C. Szegedy et al., Rethinking the Inception Architecture for Computer Vision, 2016",
    ],
    dialectEntries: [
      .fluxRows(
        "crossentropy", options: [.fluxEpsilon, .fluxWeight],
        overrides: ["from_logits": false, "epsilon": "machine", "targets": "dense"]),
      .fluxRows("logitcrossentropy", options: [.fluxWeight], overrides: ["targets": "dense"]),
      .fluxRows(
        "sparsecrossentropy", overrides: ["from_logits": false, "targets": "indices"],
        arguments: [.fluxPrediction, .fluxClasses], keepsClassAxis: false),
      .fluxRows(
        "logitsparsecrossentropy", overrides: ["targets": "indices"],
        arguments: [.fluxPrediction, .fluxClasses], keepsClassAxis: false),
      .axon(
        "categorical_cross_entropy",
        options: [.same("from_logits"), .same("class_weights").tensor, .axonSparse],
        overrides: ["from_logits": false, "targets": "dense"]
      ) { resolution in
        // Axon's mean divides by the sum of the weights.
        if resolution.given.contains("class_weights"), resolution.reduction?.kind == .mean {
          resolution.reduction?.kind = .weightedMean
        }
      },
      .torchRows(
        "cross_entropy", class: "CrossEntropyLoss",
        options: [.torchClassWeight, .same("ignore_index"), .same("label_smoothing")],
        overrides: ["ignore_index": -100, "counts_dense_weights": false]
      ) { resolution in
        resolution.divideByWeights()
        // PyTorch ignores class indices only.
        if resolution.given.contains("ignore_index"),
          case .number(0...)? = resolution.options["ignore_index"]
        {
          resolution.options["targets"] = "indices"
        }
      }.followed(by: .weight).preparing(.torchUnbatched),
      .keras(
        "categorical_crossentropy", class: "CategoricalCrossentropy",
        options: [.same("from_logits"), .same("label_smoothing"), .classAxis()],
        overrides: ["from_logits": false, "targets": "dense"]),
      .keras(
        "sparse_categorical_crossentropy", class: "SparseCategoricalCrossentropy",
        options: [
          .same("from_logits"), .same("ignore_class", as: "ignore_index"), .classAxis(),
        ], overrides: ["from_logits": false, "targets": "indices"]),
      .optax(
        "softmax_cross_entropy", "safe_softmax_cross_entropy", options: [.classAxes, .optaxWhere],
        overrides: ["targets": "dense"]
      ).masking([.prediction: -.infinity, .target: 0], takesRows: true),
      .optax(
        "softmax_cross_entropy_with_integer_labels", "multiclass_logistic_loss",
        options: [.classAxes, .optaxWhere], overrides: ["targets": "indices"]
      ).masking([.prediction: -.infinity]),
      .mlx("cross_entropy", options: [.classAxis(), .same("label_smoothing"), .input("weights")])
        .withMLXWeights,
      .smp(
        "SoftCrossEntropyLoss",
        options: [
          .smpReduction, .classAxis("dim"), .ignoredTarget(isCounted: true),
          .same("smooth_factor", as: "label_smoothing").orNull,
        ], overrides: ["targets": "indices"]
      ) { resolution in
        resolution.ignoreDefault(isCounted: true)
        // The class axis stays where targets can be ignored.
        resolution.keepsDimensions = resolution.ignored != nil
      },
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    if options.fromLogits {
      let heaviest = options.classWeights.max() ?? 1
      return [
        .convex, .nonNegative, .lipschitz(heaviest * 2.0.squareRoot()), .twiceDifferentiable,
      ]
    }
    // epsilon can push a probability above 1.
    return options.epsilon == 0 ? [.convex, .nonNegative] : [.convex]
  }

  public var signature: LossSignature {
    options.targets.ignoring(options.ignoreIndex).signature(fromLogits: options.fromLogits)
  }
  public var ignoredClass: Int? { options.ignoreIndex }
  public var classWeights: [Double] { options.classWeights }
  public var countsDenseWeights: Bool { options.countsDenseWeights }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    let targets = ClassTargets(
      row, weights: options.classWeights, smoothing: options.labelSmoothing)
    guard options.fromLogits else { return fromProbabilities(row, targets) }
    if let index = targets.index, options.labelSmoothing == 0 {
      return NegativeLogLikelihood()
        .fromLogits(row, index: index, weight: targets.classWeight(index))
    }
    return fromLogits(row, targets)
  }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    guard options.fromLogits else { return try forEachRow(context) }
    let (weights, smoothing) = (options.classWeights, options.labelSmoothing)
    if smoothing == 0, context.integers(1) != nil {
      return try forEachRow(context) { NegativeLogLikelihood().fromLogits($0, weights, into: $1) }
    }
    try forEachRow(context) { rows, terms in
      rows.weighTargets(weights, smoothing: smoothing)
      fromLogits(rows, into: terms)
    }
  }

  public var rolesWithSecondDerivative: [Role] { [.prediction] }

  public func secondDerivativeTerm<S: LossScalar>(_ row: Row<S>) -> S {
    // This also writes the gradient, into the memory that is overwritten below.
    let value = term(row)
    guard let secondDerivative = row.gradient(0), let prediction = row[0] else { return value }
    let targets = ClassTargets(
      row, weights: options.classWeights, smoothing: options.labelSmoothing)
    guard options.fromLogits else {
      let epsilon = options.epsilon(S.self)
      for j in 0..<row.count {
        let q = targets.weight(of: j)
        let p = prediction[j] + epsilon
        secondDerivative[j] = q == 0 ? 0 : row.gradientScale * q / p / p
      }
      return value
    }
    let weight = targets.totalWeight(count: row.count)
    let largest = RowMath.maximum(prediction, count: row.count)
    let sum = RowMath.exponentials(
      prediction, count: row.count, largest: largest, into: secondDerivative)
    let scale = row.gradientScale * S(weight)
    let normalizer = S(1 / sum.total)
    for j in 0..<row.count {
      let p = secondDerivative[j] * normalizer
      secondDerivative[j] = scale * p * (1 - p)
    }
    // 1 - p would cancel for p near 1; it is the probability of the other classes.
    secondDerivative[largest.index] =
      scale * S(sum.maxExponential / sum.total) * S(sum.sumExcludingMax / sum.total)
    return value
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    // This also writes the gradients, into the memory that is overwritten below.
    let value = term(row)
    guard let prediction = row[0] else { return value }
    let targets = ClassTargets(
      row, weights: options.classWeights, smoothing: options.labelSmoothing)
    guard options.fromLogits else {
      writeProducts(row, targets, ofProbabilities: prediction)
      return value
    }
    let softmax = SoftmaxDirection(prediction, row.vector(0), count: row.count)
    let scale = row.gradientScale
    if let product = row.gradient(0) {
      let coefficient = scale * S(targets.totalWeight(count: row.count))
      for j in 0..<row.count {
        product[j] = coefficient * (softmax.probability(j) * S(softmax.logDerivative(j)))
      }
      product[softmax.best] =
        coefficient * (softmax.probabilityOfBest * S(softmax.logDerivative(softmax.best)))
      if let changes = targets.along(row.vector(1)) {
        let change = changes.totalWeight(count: row.count)
        for j in 0..<row.count where j != softmax.best {
          product[j] += scale * (S(change) * softmax.probability(j) - changes.weight(of: j))
        }
        // As in the gradient, without the p - 1 that would cancel.
        let changeOfOthers = S(change - changes.weight(of: softmax.best).asDouble)
        product[softmax.best] +=
          scale * (changeOfOthers - S(change) * softmax.complementOfBest)
      }
    }
    if let product = row.gradient(1) {
      let factor = -scale * targets.hardShare
      for j in 0..<row.count {
        product[j] = factor * targets.classWeight(j) * S(softmax.logDerivative(j))
      }
    }
    return value
  }

  /// The products for probabilities `p`, with the gradients `-q / (p + ε)` and `-w log(p + ε)`.
  private func writeProducts<S: LossScalar>(
    _ row: Row<S>, _ targets: ClassTargets<S>, ofProbabilities p: UnsafePointer<S>
  ) {
    let epsilon = options.epsilon(S.self)
    let (vector, changes) = (row.vector(0), targets.along(row.vector(1)))
    for j in 0..<row.count {
      let (x, v) = (p[j] + epsilon, vector?[j] ?? 0)
      let (q, change) = (targets.weight(of: j), changes?.weight(of: j) ?? 0)
      let own = q == 0 || v == 0 ? 0 : q / x * (v / x)
      row.gradient(0)?[j] = row.gradientScale * (own - (change == 0 ? 0 : change / x))
      row.gradient(1)?[j] =
        v == 0 ? 0 : -row.gradientScale * targets.hardShare * targets.classWeight(j) * v / x
    }
  }

  /// For a dense or smoothed target.
  func fromLogits<S: LossScalar>(_ row: Row<S>, _ targets: ClassTargets<S>) -> S {
    guard let logits = row[0] else { return 0 }
    let (top, sum) = RowMath.exponentials(logits, count: row.count, into: row.gradient(0))
    let logOfSum = sum.logarithm
    let sums = targets.sums(count: row.count, of: top, minus: logits)
    let weight = sums.weight.value
    if let gradient = row.gradient(0) {
      scale(gradient, count: row.count, row.gradientScale, sum, targets, weight: weight) {
        RowMath.maximum(logits, count: row.count).index
      }
    }
    writeTargetGradient(row, targets) { j in logOfSum - S.distance(of: logits[j], to: top) }
    return S(weight * logOfSum.asDouble + sums.sum.value)
  }

  /// Makes the exponentials of some classes a gradient for targets of this total weight.
  @inline(__always)
  func scale<S: LossScalar>(
    _ gradient: UnsafeMutablePointer<S>, count: Int, _ factor: S, _ sum: ExponentialSum<S>,
    _ targets: ClassTargets<S>, weight: Double, largest: () -> Int?
  ) {
    targets.subtract(
      from: gradient, count: count, scale: S(factor.asDouble * weight / sum.total), factor)
    guard sum.isDominated, let index = largest() else { return }
    gradient[index] = sum.gradientOfLargest(factor, targets.weight(of: index), of: weight)
  }

  /// The same for sixteen rows of few classes, with the same bits.
  @inline(__always)
  func fromLogits<S: LossScalar>(_ rows: RowGroup<S>, into terms: UnsafeMutablePointer<S>) {
    let (count, sums) = (RowGroup<S>.count, rows.sums)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * count) { memory in
      guard let weights = memory.baseAddress else { return }
      let differences = weights + count
      rows.writeTargetSums(weights, differences)
      for row in 0..<count {
        terms[row] = S(weights[row] * sums[row].logarithm.asDouble + differences[row])
      }
      guard rows.wantsGradient else { return }
      withUnsafeTemporaryAllocation(of: S.self, capacity: 2 * count) { memory in
        guard let factors = memory.baseAddress else { return }
        let scales = factors + count
        for row in 0..<count {
          factors[row] = rows.gradientScale(row)
          scales[row] = S(factors[row].asDouble * weights[row] / sums[row].total)
        }
        for j in 0..<rows.length {
          let (gradient, q) = (rows.gradient(ofClass: j), rows.targets(ofClass: j))
          for row in 0..<count {
            gradient[row] = scales[row] * gradient[row] - factors[row] * q[row]
          }
        }
        for row in 0..<count where sums[row].isDominated {
          let index = (0..<rows.length).first { rows[row, $0] == sums.maxima[row] } ?? 0
          rows.gradient(row, index).pointee = sums[row].gradientOfLargest(
            factors[row], rows.targets(ofClass: index)[row], of: weights[row])
        }
      }
    }
  }

  /// For probabilities, which are not normalised.
  func fromProbabilities<S: LossScalar>(_ row: Row<S>, _ targets: ClassTargets<S>) -> S {
    guard let probabilities = row[0] else { return 0 }
    let epsilon = options.epsilon(S.self)
    var sum = 0.0
    for j in 0..<row.count {
      let q = targets.weight(of: j)
      if q != 0 { sum -= Double(q) * Double(S.log(probabilities[j] + epsilon)) }
    }
    if let gradient = row.gradient(0) {
      for j in 0..<row.count {
        let q = targets.weight(of: j)
        gradient[j] = q == 0 ? 0 : -row.gradientScale * q / (probabilities[j] + epsilon)
      }
    }
    writeTargetGradient(row, targets) { j in -S.log(probabilities[j] + epsilon) }
    return S(sum)
  }

  @inline(__always)
  func writeTargetGradient<S: LossScalar>(
    _ row: Row<S>, _ targets: ClassTargets<S>, _ negativeLogLikelihood: (Int) -> S
  ) {
    guard let gradient = row.gradient(1), let target = row[1] else { return }
    let factor = row.gradientScale * targets.hardShare
    for j in 0..<row.count {
      let negativeLogLikelihood = negativeLogLikelihood(j)
      let isZeroTimesInfinity = target[j] == 0 && negativeLogLikelihood == .infinity
      gradient[j] =
        isZeroTimesInfinity ? 0 : factor * targets.classWeight(j) * negativeLogLikelihood
    }
  }
}

/// `- log p`
struct NegativeLogLikelihood: ClassFormula {
  @inline(__always)
  func value<S: LossScalar>(_ probability: ClassProbability<S>) -> S { -probability.logP }

  @inline(__always)
  func derivativeOfLog<S: LossArithmetic>(_ probability: ClassProbability<S>) -> S { -1 }

  @inline(__always)
  func derivative<S: LossArithmetic>(_ probability: ClassProbability<S>) -> S {
    -1 / probability.p
  }
}

extension ExponentialSum {
  /// Whether one class has at least half of the probability, so that `p - q` may cancel.
  @inline(__always)
  var isDominated: Bool { !(maxExponential < sumExcludingMax) }

  /// `factor (weight p - q)` of the largest logit, from the probability of the other classes.
  @inline(__always)
  func gradientOfLargest(_ factor: S, _ q: S, of weight: Double) -> S {
    let otherWeight = weight - q.asDouble
    return S(factor.asDouble * (otherWeight - weight * (sumExcludingMax / total)))
  }
}

extension DialectOption {
  /// The class weights that Flux had up to v0.10.
  static let fluxWeight = DialectOption("weight", summary: "class weights, as up to v0.10") {
    (value, resolution) in
    resolution.options["class_weights"] = value
  }.tensor.setting("class_weights")

  /// Whether Axon's target holds class indices.
  static let axonSparse = DialectOption("sparse", summary: "whether the target is indices") {
    (value, resolution) throws(LossError) in
    guard let isSparse = Bool(optionValue: value) else {
      throw LossError(
        .invalidOption, subject: "sparse", found: "is \(value.text)", expected: "true or false")
    }
    resolution.options["targets"] = isSparse ? "index_column" : "dense"
  }
}
