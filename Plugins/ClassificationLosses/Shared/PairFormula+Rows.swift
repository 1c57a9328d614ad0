import LossCore

extension PairFormula {
  /// Writes the product of the Hessian with the vector for a row whose term is the sum of this
  /// formula over the classes.
  func writeProducts<S: LossScalar>(_ row: Row<S>) {
    guard let a = row[0], let b = row[1] else { return }
    let (scale, u, v) = (row.gradientScale, row.vector(0), row.vector(1))
    for j in 0..<row.count {
      let product = hessianVectorProduct(a[j], b[j], (u?[j] ?? 0, v?[j] ?? 0))
      row.gradient(0)?[j] = product.0 * scale
      row.gradient(1)?[j] = product.1 * scale
    }
  }
}
