import LossCore

/// The change of normalised rows along a vector.
struct RowChanges<S: LossScalar> {
  /// The changes of the rows: `(v - (u · v) u) / |x|` for a unit vector u.
  let table: Matrix<S>
  /// The relative changes of the lengths, `u · v / |x|`.
  let stretches: [Double]

  /// The changes of the rows; 0 for a vector that is nil.
  init(_ rows: NormalizedRows<S>, along vector: UnsafePointer<S>?) {
    let width = rows.table.columns
    let table = Matrix<S>(rows: rows.indices.count, columns: width)
    self.table = table
    var stretches = Array(repeating: 0.0, count: rows.indices.count)
    if let vector {
      for row in rows.indices.indices {
        let (v, out) = (vector + rows.indices[row] * width, table.row(row))
        guard !rows.lengths.isEmpty else {
          out.update(from: v, count: width)
          continue
        }
        let (unit, length) = (rows.table.row(row), rows.lengths[row])
        guard length != 0 else { continue }
        let component = RowMath.compensatedSum(count: width) { Double(v[$0]) * Double(unit[$0]) }
        for j in 0..<width { out[j] = S((Double(v[j]) - component * Double(unit[j])) / length) }
        stretches[row] = component / length
      }
    }
    self.stretches = stretches
  }

  func deallocate() { table.deallocate() }
}

extension NormalizedRows {
  /// Writes the product of the Hessian with a vector, given the derivatives with respect to the dot
  /// products with the rows of another matrix, and their changes.
  func writeProduct(
    _ context: borrowing KernelContext<S>, _ changes: RowChanges<S>,
    _ others: (rows: Matrix<S>, changes: Matrix<S>), into product: UnsafeMutablePointer<S>,
    derivatives: TileMaker, changesOfDerivatives: TileMaker
  ) {
    let width = table.columns
    let gradients = Matrix<S>(rows: table.rows, columns: width)
    let gradientChanges = Matrix<S>(rows: table.rows, columns: width)
    defer {
      gradients.deallocate()
      gradientChanges.deallocate()
    }
    product.update(repeating: 0, count: total * width)
    others.rows.forEachProduct(context, rows: table.rows, derivatives) { row, sums in
      gradients.row(row).update(from: sums, count: width)
    }
    others.rows.forEachProduct(context, rows: table.rows, changesOfDerivatives) { row, sums in
      gradientChanges.row(row).update(from: sums, count: width)
    }
    others.changes.forEachProduct(context, rows: table.rows, derivatives) { row, sums in
      let change = gradientChanges.row(row)
      for j in 0..<width { change[j] += sums[j] }
      writeChange(row, gradients.row(row), change, changes, into: product + indices[row] * width)
    }
  }

  typealias TileMaker = (
    _ rows: Range<Int>, _ others: Range<Int>, _ workspace: UnsafeMutablePointer<S>
  ) -> Matrix<S>.Factor

  /// The change of the gradient `(g - (g · u) u) / |x|` of one vector.
  private func writeChange(
    _ row: Int, _ gradient: UnsafeMutablePointer<S>, _ change: UnsafeMutablePointer<S>,
    _ changes: RowChanges<S>, into product: UnsafeMutablePointer<S>
  ) {
    let width = table.columns
    guard !lengths.isEmpty else {
      product.update(from: change, count: width)
      return
    }
    let length = lengths[row]
    guard length != 0 else { return }
    let (unit, unitChange) = (table.row(row), changes.table.row(row))
    let component = RowMath.compensatedSum(count: width) {
      Double(gradient[$0]) * Double(unit[$0])
    }
    let componentChange = RowMath.compensatedSum(count: width) {
      Double(change[$0]) * Double(unit[$0]) + Double(gradient[$0]) * Double(unitChange[$0])
    }
    let stretch = changes.stretches[row]
    for j in 0..<width {
      let (u, du) = (Double(unit[j]), Double(unitChange[j]))
      let projected = Double(gradient[j]) - component * u
      let projectedChange = Double(change[j]) - componentChange * u - component * du
      product[j] = S((projectedChange - projected * stretch) / length)
    }
  }
}
