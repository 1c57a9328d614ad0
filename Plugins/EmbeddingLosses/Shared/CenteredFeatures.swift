import LossCore

/// The features of a batch as rows, each minus its mean over the samples.
struct CenteredFeatures<S: LossScalar> {
  let table: Matrix<Double>
  /// The divisor of all elements: 1, unless their fourth powers would overflow.
  let scale: Double

  var samples: Int { table.columns }
  var features: Int { table.rows }

  /// The features of an input `[sample, feature]`.
  init(_ context: borrowing KernelContext<S>, input: Int) {
    let extents = context.inputs[input]?.shape.extents ?? [0, 0]
    let (samples, features) = (extents[0], extents[1])
    table = Matrix(rows: features, columns: samples)
    guard let values = context.real(input) else {
      scale = 1
      return
    }
    let largest = RowMath.magnitude(values, count: samples * features)
    scale = largest > 0x1p200 && largest < .infinity ? largest : 1
    for feature in 0..<features {
      let row = table.row(feature)
      for sample in 0..<samples {
        row[sample] = values[sample * features + feature].asDouble / scale
      }
      // The second iteration subtracts the rounding error of the mean.
      for _ in 0..<2 {
        let mean = RowMath.compensatedSum(count: samples) { row[$0] } / Double(samples)
        for sample in 0..<samples { row[sample] -= mean }
      }
    }
  }

  func deallocate() { table.deallocate() }

  /// The sum of squares of a feature, in units of the squared scale.
  func square(_ feature: Int) -> Double {
    let row = table.row(feature)
    return RowMath.compensatedSumOfSquares(count: samples) { row[$0] }
  }

  /// Adds the derivatives of one feature to a gradient `[sample, feature]`.
  func add(
    _ derivatives: UnsafePointer<Double>, times factor: Double, of feature: Int,
    to gradient: UnsafeMutablePointer<S>
  ) {
    for sample in 0..<samples {
      gradient[sample * features + feature] += S(derivatives[sample] * factor)
    }
  }
}
