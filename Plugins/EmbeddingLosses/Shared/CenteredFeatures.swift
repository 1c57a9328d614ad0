import LossCore

/// The features of a batch as rows: one number for each sample, less their mean.
struct CenteredFeatures<S: LossScalar> {
  let table: Matrix<Double>
  /// What all numbers were divided by: 1, unless their fourth powers would leave the range.
  let unit: Double

  var samples: Int { table.columns }
  var features: Int { table.rows }

  /// The features of an input `[sample, feature]`.
  init(_ pass: borrowing KernelContext<S>, input: Int) {
    let extents = pass.inputs[input]?.shape.extents ?? [0, 0]
    let (samples, features) = (extents[0], extents[1])
    table = Matrix(rows: features, columns: samples)
    guard let numbers = pass.real(input) else {
      unit = 1
      return
    }
    let top = RowMath.magnitude(numbers, count: samples * features)
    unit = top > 0x1p200 && top < .infinity ? top : 1
    for feature in 0..<features {
      let row = table.row(feature)
      for sample in 0..<samples {
        row[sample] = numbers[sample * features + feature].asDouble / unit
      }
      // The second time it is the rounding of the mean that is taken off.
      for _ in 0..<2 {
        let mean = RowMath.compensatedSum(count: samples) { row[$0] } / Double(samples)
        for sample in 0..<samples { row[sample] -= mean }
      }
    }
  }

  func deallocate() { table.deallocate() }

  /// Σ of the squares of a feature, in the unit.
  func square(_ feature: Int) -> Double {
    let row = table.row(feature)
    return RowMath.compensatedSumOfSquares(count: samples) { row[$0] }
  }

  /// Adds what goes back to a feature to a gradient `[sample, feature]`.
  func add(
    _ derivatives: UnsafePointer<Double>, times factor: Double, of feature: Int,
    to gradient: UnsafeMutablePointer<S>
  ) {
    for sample in 0..<samples {
      gradient[sample * features + feature] += S(derivatives[sample] * factor)
    }
  }
}
