public import LossCore
import LossDialects

/// Makes each feature of one view tell all of its counterpart in the other, and nothing else.
///
///     Σ_i (1 - c_ii)² + redundancy_weight Σ_{i ≠ j} c_ij²
///     c_ij = (1/n) Σ over the samples of z_i z'_j
///     z = (feature - mean) / (deviation + epsilon)
///
/// - Shape: prediction and target (the views) `[sample, feature]`, equal; one term.
/// - Domain: every finite number. A feature that is the same in all samples has the correlation 0.
/// - Gradient: of the formula, for both views; 0 for a constant feature.
/// - Reference: J. Zbontar et al., "Barlow Twins: Self-Supervised Learning via Redundancy
///   Reduction", 2021.
public struct BarlowTwinsLoss: TwoViewLoss {
  /// What redundancy costs, and what the deviation is.
  public struct Options: LossOptions {
    /// What the correlations of different features weigh.
    public var redundancyWeight = 0.005
    /// What is added to deviations.
    public var epsilon = 0.0
    /// Whether the square of a deviation divides by the samples less one.
    public var unbiased = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number(
        "redundancy_weight", \.redundancyWeight, .atLeast(0),
        "what the correlations of different features weigh"),
      .number("epsilon", \.epsilon, .atLeast(0), "what is added to deviations"),
      .flag("unbiased", \.unbiased, "whether deviations divide by the samples less one"),
    ]
  }

  public static let metadata = LossMetadata(
    "barlow_twins", "Makes each feature tell all of its counterpart and nothing else.",
    formula: """
      Σ_i (1 - c_ii)² + redundancy_weight Σ_{i ≠ j} c_ij²
      c_ij = (1/n) Σ z_i z'_j
      z = (feature - mean) / (deviation + epsilon)
      """,
    domain: "Every finite number. A constant feature has the correlation 0.",
    references: ["J. Zbontar et al., Barlow Twins, 2021"],
    dialectEntries: [
      .monai(
        "BarlowTwinsLoss", options: [.same("lambd", as: "redundancy_weight")],
        overrides: ["epsilon": 1e-6, "unbiased": true]
      ) { $0.classAxis = nil }
    ])

  public let options: Options
  public init(options: Options) { self.options = options }

  /// The correlations of all features, and the way back.
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let pass = copy pass
    let (first, second) = (
      Standardized(pass, input: 0, options), Standardized(pass, input: 1, options)
    )
    let table = Matrix<Double>(rows: first.table.rows, columns: first.table.rows)
    defer {
      first.deallocate()
      second.deallocate()
      table.deallocate()
    }
    table.multiply(pass, first.table, second.table)
    var sum = CompensatedSum()
    let coefficient = pass.isRemoved(0) ? 0 : pass.gradientScale(0).asDouble
    for i in 0..<table.rows {
      let row = table.row(i)
      sum.add((1 - row[i]) * (1 - row[i]))
      let weight = options.redundancyWeight
      sum.add(
        weight * RowMath.compensatedSumOfSquares(count: table.columns) { $0 == i ? 0 : row[$0] })
      let lacking = row[i] - 1
      for j in 0..<table.columns { row[j] *= 2 * weight * coefficient }
      row[i] = 2 * coefficient * lacking
    }
    terms[0] = first.samples == 0 ? 0 : S(sum.value)
    if let gradient = pass.gradient(0) {
      first.writeGradient(pass, second.table, coefficient, into: gradient) { rows, columns, _ in
        table.part(rows, columns)
      }
    }
    if let gradient = pass.gradient(1) {
      second.writeGradient(pass, first.table, coefficient, into: gradient) { rows, columns, _ in
        table.transposedTile(rows, columns)
      }
    }
  }

  /// A view, each feature less its mean and over its deviation; the products of two are correlations.
  struct Standardized<S: LossScalar> {
    let rows: CenteredFeatures<S>
    let table: Matrix<Double>
    /// What each feature less its mean was divided by.
    let divisors: [Double]
    /// What a deviation is of its divisor.
    let shares: [Double]

    var samples: Int { rows.samples }

    init(_ pass: borrowing KernelContext<S>, input: Int, _ options: Options) {
      rows = CenteredFeatures(pass, input: input)
      table = Matrix<Double>(rows: rows.features, columns: rows.samples)
      var (divisors, shares): ([Double], [Double]) = ([], [])
      let count = Double(rows.samples)
      let freedom = options.unbiased ? max(1, count - 1) : count
      for feature in 0..<rows.features {
        let row = table.row(feature)
        let length = NormalizedRows<Double>.normalize(
          rows.table.row(feature), rows.samples, into: row)
        let deviation = length / freedom.squareRoot()
        let raised = deviation + options.epsilon / rows.unit
        let share = raised == 0 ? 0 : deviation / raised
        let factor = (freedom / count).squareRoot() * share
        for sample in 0..<rows.samples { row[sample] *= factor }
        divisors.append(raised * count.squareRoot())
        shares.append(share)
      }
      (self.divisors, self.shares) = (divisors, shares)
    }

    func deallocate() {
      rows.deallocate()
      table.deallocate()
    }

    /// Writes the gradient from that with respect to the correlations.
    func writeGradient(
      _ pass: borrowing KernelContext<S>, _ others: Matrix<Double>, _ coefficient: Double,
      into gradient: UnsafeMutablePointer<S>,
      _ derivatives: (
        _ rows: Range<Int>, _ others: Range<Int>, _ workspace: UnsafeMutablePointer<Double>
      ) -> Matrix<Double>.Factor
    ) {
      gradient.update(repeating: 0, count: rows.samples * rows.features)
      guard coefficient != 0 else { return }
      others.forEachProduct(pass, rows: rows.features, derivatives) { feature, derivative in
        let own = table.row(feature)
        let square = RowMath.compensatedSumOfSquares(count: rows.samples) { own[$0] }
        let along = RowMath.compensatedSum(count: rows.samples) { own[$0] * derivative[$0] }
        let back = square == 0 ? 0 : along / square * shares[feature]
        let divisor = divisors[feature]
        for sample in 0..<rows.samples {
          derivative[sample] = square == 0 ? 0 : (derivative[sample] - back * own[sample]) / divisor
        }
        rows.add(derivative, times: 1 / rows.unit, of: feature, to: gradient)
      }
    }
  }
}
