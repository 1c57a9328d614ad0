public import LossCore

/// Variance, invariance and covariance regularisation of two views.
///
/// - Shape: prediction and target (the views a and b) `[sample, feature]`; one term.
public struct VICRegLoss: TwoViewLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Weight of the distance between the views.
    public var invariance = 25.0
    /// Weight of the variance term.
    public var variance = 25.0
    /// Weight of the covariance term.
    public var covariance = 1.0
    /// Constant added to the variances under the root.
    public var epsilon = 1e-4
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("invariance", \.invariance, .atLeast(0), "weight of the distance between the views"),
      .number("variance", \.variance, .atLeast(0), "weight of the variance term"),
      .number("covariance", \.covariance, .atLeast(0), "weight of the covariance term"),
      .number("epsilon", \.epsilon, .above(0), "constant added to the variances under the root"),
    ]
  }

  public static let metadata = LossMetadata(
    "vicreg", "Variance, invariance and covariance regularisation of two views.",
    formula: """
      invariance mean((a - b)²) + variance (v(a) + v(b)) / 2 + covariance (c(a) + c(b))
      v(a) = mean of max(0, 1 - √(variance of a feature + epsilon))
      c(a) = Σ_{i ≠ j} (covariance of two features)² / number of features
      """,
    domain: """
      Finite numbers with finite differences. Variances and covariances divide by the number of \
      samples minus 1; those of one sample are 0.
      """,
    gradient: "That of v is 0 where √(variance + epsilon) is 1.",
    usage: """
      Self-supervised learning from two views, without negatives. barlow_twins has one weight to \
      tune instead of three; ntxent uses negatives.
      """,
    related: ["barlow_twins", "ntxent", "n_pairs"],
    references: [
      "A. Bardes et al., VICReg: Variance-Invariance-Covariance Regularization for "
        + "Self-Supervised Learning, 2022"
    ])

  public let options: Options
  public init(options: Options) { self.options = options }

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let first = context.real(0), let second = context.real(1), let input = context.inputs[0]
    else {
      return
    }
    terms[0] = 0
    let count = input.count
    let gradientScale = context.isRemoved(0) ? 0 : context.gradientScale(0).asDouble
    let distance = RowMath.compensatedSum(count: count) { i in
      let difference = Double(first[i]) - Double(second[i])
      return difference * difference
    }
    let distanceScale = 2 * gradientScale * options.invariance / Double(count)
    for index in 0..<2 {
      guard let gradient = context.gradient(index) else { continue }
      for i in 0..<count {
        let difference = Double(first[i]) - Double(second[i])
        gradient[i] =
          distanceScale == 0 ? 0 : S((index == 0 ? distanceScale : -distanceScale) * difference)
      }
    }
    guard count > 0 else { return }
    let penalty =
      regularization(context, 0, gradientScale) + regularization(context, 1, gradientScale)
    terms[0] = S(options.invariance * distance / Double(count) + penalty)
  }

  /// The variance and covariance terms of one view; adds their gradient.
  func regularization<S: LossScalar>(
    _ context: borrowing KernelContext<S>, _ index: Int, _ gradientScale: Double
  ) -> Double {
    let view = CenteredFeatures(context, input: index)
    let covariances = Matrix<Double>(rows: view.features, columns: view.features)
    defer {
      view.deallocate()
      covariances.deallocate()
    }
    covariances.addProduct(context, view.table)
    let degreesOfFreedom = Double(max(1, view.samples - 1))
    let (scale, features) = (view.scale, Double(view.features))
    let squaredScale = scale * scale
    let covarianceWeight = options.covariance / features
    let varianceWeight = options.variance / (2 * features)
    var (hinge, squaredCovariances) = (CompensatedSum(), CompensatedSum())
    for i in 0..<view.features {
      let row = covariances.row(i)
      for j in 0..<view.features { row[j] /= degreesOfFreedom }
      let root = (row[i] * squaredScale + options.epsilon).squareRoot()
      hinge.add(Double.relu(1 - root))
      squaredCovariances.add(
        RowMath.compensatedSumOfSquares(count: view.features) { $0 == i ? 0 : row[$0] })
      for j in 0..<view.features {
        row[j] *= 4 * covarianceWeight * squaredScale / degreesOfFreedom * gradientScale
      }
      row[i] = root >= 1 ? 0 : -varianceWeight / (degreesOfFreedom * root) * gradientScale
    }
    if let gradient = context.gradient(index), gradientScale != 0 {
      view.table.forEachProduct(context, rows: view.features) { rows, columns, _ in
        covariances.tile(rows, columns)
      } _: { feature, derivatives in
        view.add(derivatives, times: scale, of: feature, to: gradient)
      }
    }
    let covarianceTerm =
      covarianceWeight == 0
      ? 0 : covarianceWeight * squaredCovariances.value * squaredScale * squaredScale
    return varianceWeight * hinge.value + covarianceTerm
  }
}
