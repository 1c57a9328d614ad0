public import LossCore
import LossDialects

/// Pushes the cross-correlation matrix of two views towards the identity.
///
/// - Shape: prediction and target (the views) `[sample, feature]`; one term.
public struct BarlowTwinsLoss: TwoViewLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Weight of the correlations between different features.
    public var redundancyWeight = 0.005
    /// Constant added to the standard deviations.
    public var epsilon = 0.0
    /// Whether variances divide by the number of samples minus 1.
    public var unbiased = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number(
        "redundancy_weight", \.redundancyWeight, .atLeast(0),
        "weight of the correlations between different features"),
      .number("epsilon", \.epsilon, .atLeast(0), "constant added to the standard deviations"),
      .flag("unbiased", \.unbiased, "whether variances divide by the number of samples minus 1"),
    ]
  }

  public static let metadata = LossMetadata(
    "barlow_twins", "Pushes the cross-correlation matrix of two views towards the identity.",
    formula: """
      Σ_i (1 - c_ii)² + redundancy_weight Σ_{i ≠ j} c_ij²
      c_ij = (1/n) Σ z_i z'_j
      z = (feature - mean) / (deviation + epsilon)
      """,
    domain: "Every finite number. A feature that is constant over the batch has correlation 0.",
    gradient: "0 for a constant feature.",
    usage: """
      Self-supervised learning from two augmented views, without negatives. vicreg regularises \
      each view by itself, ntxent uses negatives.
      """,
    related: ["vicreg", "ntxent", "n_pairs"],
    references: [
      "J. Zbontar et al., Barlow Twins: Self-Supervised Learning via Redundancy Reduction, 2021"
    ],
    dialectEntries: [
      .monai(
        "BarlowTwinsLoss", options: [.same("lambd", as: "redundancy_weight")],
        overrides: ["epsilon": 1e-6, "unbiased": true]
      ) { $0.classAxis = nil }
    ])

  public let options: Options
  public init(options: Options) { self.options = options }

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let context = copy context
    let (first, second) = (
      Standardized(context, input: 0, options), Standardized(context, input: 1, options)
    )
    let correlations = Matrix<Double>(rows: first.table.rows, columns: first.table.rows)
    defer {
      first.deallocate()
      second.deallocate()
      correlations.deallocate()
    }
    correlations.addProduct(context, first.table, second.table)
    var sum = CompensatedSum()
    let gradientScale = context.isRemoved(0) ? 0 : context.gradientScale(0).asDouble
    for i in 0..<correlations.rows {
      let row = correlations.row(i)
      sum.add((1 - row[i]) * (1 - row[i]))
      let weight = options.redundancyWeight
      sum.add(
        weight
          * RowMath.compensatedSumOfSquares(count: correlations.columns) { $0 == i ? 0 : row[$0] })
      let error = row[i] - 1
      for j in 0..<correlations.columns { row[j] *= 2 * weight * gradientScale }
      row[i] = 2 * gradientScale * error
    }
    terms[0] = first.samples == 0 ? 0 : S(sum.value)
    if let gradient = context.gradient(0) {
      first.writeGradient(context, second.table, gradientScale, into: gradient) {
        rows, columns, _ in
        correlations.tile(rows, columns)
      }
    }
    if let gradient = context.gradient(1) {
      second.writeGradient(context, first.table, gradientScale, into: gradient) {
        rows, columns, _ in
        correlations.transposedTile(rows, columns)
      }
    }
  }

  /// A view with standardised features, scaled so that dot products of two views are correlations.
  struct Standardized<S: LossScalar> {
    let rows: CenteredFeatures<S>
    let table: Matrix<Double>
    /// The divisor of each centred feature.
    let divisors: [Double]
    /// deviation / (deviation + epsilon) for each feature.
    let ratios: [Double]

    var samples: Int { rows.samples }

    init(_ context: borrowing KernelContext<S>, input: Int, _ options: Options) {
      rows = CenteredFeatures(context, input: input)
      table = Matrix<Double>(rows: rows.features, columns: rows.samples)
      var (divisors, ratios): ([Double], [Double]) = ([], [])
      let count = Double(rows.samples)
      let degreesOfFreedom = options.unbiased ? max(1, count - 1) : count
      for feature in 0..<rows.features {
        let row = table.row(feature)
        let length = NormalizedRows<Double>.normalize(
          rows.table.row(feature), rows.samples, into: row)
        let deviation = length / degreesOfFreedom.squareRoot()
        let divisor = deviation + options.epsilon / rows.scale
        let ratio = divisor == 0 ? 0 : deviation / divisor
        let factor = (degreesOfFreedom / count).squareRoot() * ratio
        for sample in 0..<rows.samples { row[sample] *= factor }
        divisors.append(divisor * count.squareRoot())
        ratios.append(ratio)
      }
      (self.divisors, self.ratios) = (divisors, ratios)
    }

    func deallocate() {
      rows.deallocate()
      table.deallocate()
    }

    /// Writes the gradient of the view, given the derivatives with respect to the correlations.
    func writeGradient(
      _ context: borrowing KernelContext<S>, _ others: Matrix<Double>, _ gradientScale: Double,
      into gradient: UnsafeMutablePointer<S>,
      _ derivatives: (
        _ rows: Range<Int>, _ others: Range<Int>, _ workspace: UnsafeMutablePointer<Double>
      ) -> Matrix<Double>.Factor
    ) {
      gradient.update(repeating: 0, count: rows.samples * rows.features)
      guard gradientScale != 0 else { return }
      others.forEachProduct(context, rows: rows.features, derivatives) { feature, derivative in
        let standardized = table.row(feature)
        let square = RowMath.compensatedSumOfSquares(count: rows.samples) { standardized[$0] }
        let dot = RowMath.compensatedSum(count: rows.samples) { standardized[$0] * derivative[$0] }
        let projection = square == 0 ? 0 : dot / square * ratios[feature]
        let divisor = divisors[feature]
        for sample in 0..<rows.samples {
          derivative[sample] =
            square == 0 ? 0 : (derivative[sample] - projection * standardized[sample]) / divisor
        }
        rows.add(derivative, times: 1 / rows.scale, of: feature, to: gradient)
      }
    }
  }
}
