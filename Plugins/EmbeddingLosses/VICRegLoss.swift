public import LossCore

/// Keeps two views alike, their features spread, and their features different from each other.
///
///     invariance mean((a - b)²) + variance (v(a) + v(b)) / 2 + covariance (c(a) + c(b))
///     v(a) = mean over the features of max(0, 1 - √(variance of the feature + epsilon))
///     c(a) = Σ_{i ≠ j} (covariance of two features)² / number of features
///
/// - Shape: prediction and target (the views) `[sample, feature]`, equal; one term.
/// - Domain: every finite number. Variances and covariances divide by the number of samples less
///   one; those of one sample are 0.
/// - Gradient: of the formula, for both views; that of `v` is 0 where the root is 1.
/// - Reference: A. Bardes et al., "VICReg: Variance-Invariance-Covariance Regularization for
///   Self-Supervised Learning", 2022.
public struct VICRegLoss: TwoViewLoss {
  /// What the three parts weigh.
  public struct Options: LossOptions {
    /// What the distance of the views weighs.
    public var invariance = 25.0
    /// What a lack of spread weighs.
    public var variance = 25.0
    /// What the covariance of features weighs.
    public var covariance = 1.0
    /// What is added to a variance before its root.
    public var epsilon = 1e-4
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("invariance", \.invariance, .atLeast(0), "what the distance of the views weighs"),
      .number("variance", \.variance, .atLeast(0), "what a lack of spread weighs"),
      .number("covariance", \.covariance, .atLeast(0), "what the covariance of features weighs"),
      .number("epsilon", \.epsilon, .above(0), "what is added to a variance before its root"),
    ]
  }

  public static let metadata = LossMetadata(
    "vicreg", "Keeps two views alike, their features spread and different from each other.",
    formula: """
      invariance mean((a - b)²) + variance (v(a) + v(b)) / 2 + covariance (c(a) + c(b))
      v(a) = mean of max(0, 1 - √(variance of a feature + epsilon))
      c(a) = Σ_{i ≠ j} (covariance of two features)² / number of features
      """,
    domain: "Every finite number. The variance of one sample is 0.",
    references: ["A. Bardes et al., VICReg, 2022"])

  public let options: Options
  public init(options: Options) { self.options = options }

  /// The three parts, and the way back.
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let first = pass.real(0), let second = pass.real(1), let input = pass.inputs[0] else {
      return
    }
    terms[0] = 0
    let count = input.count
    let coefficient = pass.isRemoved(0) ? 0 : pass.gradientScale(0).asDouble
    let distance = RowMath.compensatedSum(count: count) { i in
      let difference = Double(first[i]) - Double(second[i])
      return difference * difference
    }
    let pull = 2 * coefficient * options.invariance / Double(count)
    for index in 0..<2 {
      guard let gradient = pass.gradient(index) else { continue }
      for i in 0..<count {
        let difference = Double(first[i]) - Double(second[i])
        gradient[i] = pull == 0 ? 0 : S((index == 0 ? pull : -pull) * difference)
      }
    }
    guard count > 0 else { return }
    let spread = spread(pass, 0, coefficient) + self.spread(pass, 1, coefficient)
    terms[0] = S(options.invariance * distance / Double(count) + spread)
  }

  /// What one view adds by itself; adds the gradient of that.
  func spread<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, _ index: Int, _ coefficient: Double
  ) -> Double {
    let view = CenteredFeatures(pass, input: index)
    let covariances = Matrix<Double>(rows: view.features, columns: view.features)
    defer {
      view.deallocate()
      covariances.deallocate()
    }
    covariances.multiply(pass, view.table)
    let freedom = Double(max(1, view.samples - 1))
    let (unit, features) = (view.unit, Double(view.features))
    let square = unit * unit
    let weight = options.covariance / features
    let share = options.variance / (2 * features)
    var (lack, redundancy) = (CompensatedSum(), CompensatedSum())
    for i in 0..<view.features {
      let row = covariances.row(i)
      for j in 0..<view.features { row[j] /= freedom }
      let root = (row[i] * square + options.epsilon).squareRoot()
      lack.add(Double.relu(1 - root))
      redundancy.add(
        RowMath.compensatedSumOfSquares(count: view.features) { $0 == i ? 0 : row[$0] })
      for j in 0..<view.features { row[j] *= 4 * weight * square / freedom * coefficient }
      row[i] = root >= 1 ? 0 : -share / (freedom * root) * coefficient
    }
    if let gradient = pass.gradient(index), coefficient != 0 {
      view.table.forEachProduct(pass, rows: view.features) { rows, columns, _ in
        covariances.part(rows, columns)
      } _: { feature, derivatives in
        view.add(derivatives, times: unit, of: feature, to: gradient)
      }
    }
    let redundant = weight == 0 ? 0 : weight * redundancy.value * square * square
    return share * lack.value + redundant
  }
}
