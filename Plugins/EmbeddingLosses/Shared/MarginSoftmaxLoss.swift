public import LossCore

/// A loss that tells classes apart by the angle to a centre for each, with a margin at the true one.
///
///     - log softmax(scale · cos_c), where the cosine of the true class is made smaller
public protocol MarginSoftmaxLoss: BatchLoss {
  /// What cosines are multiplied by.
  var scale: Double { get }
  /// The cosine of the true class with its margin, and its derivative.
  func withMargin(_ cosine: Double) -> (value: Double, slope: Double)
}

extension MarginSoftmaxLoss {
  /// Vectors, their classes, and a centre for each class.
  public var signature: LossSignature { .centredVectors }

  /// The cosines of vectors and centres, a softmax for each row of them, and the way back.
  @inlinable
  public func terms<S: LossScalar>(
    _ pass: borrowing LossPass<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let classes = pass.integers(1) else { return }
    let pass = copy pass
    let there = (0..<pass.termCount).filter { !pass.isRemoved($0) }
    let vectors = UnitVectors(pass, input: 0, at: there)
    let centers = UnitVectors(pass, input: 2, at: Array(0..<pass.extent("class")))
    let table = NumberTable(rows: there.count, columns: centers.table.rows)
    let across = centers.table.transposed()
    defer {
      vectors.deallocate()
      centers.deallocate()
      table.deallocate()
      across.deallocate()
    }
    pass.forEachPiece(table.bandCount) { band in
      table.setBand(band, toProductOf: vectors.table, across)
      for item in table.band(band) {
        let place = there[item]
        terms[place] = S(
          term(table.row(item), table.columns, classes[place], pass.coefficient(place).widened))
      }
    }
    if let gradient = pass.gradient(0) {
      vectors.writeGradient(pass, table, centers.table, into: gradient)
    }
    if let gradient = pass.gradient(2) {
      let turned = table.transposed()
      defer { turned.deallocate() }
      centers.writeGradient(pass, turned, vectors.table, into: gradient)
    }
  }

  /// The term of one row of cosines; leaves their derivatives in their places.
  @inlinable
  func term(
    _ row: UnsafeMutablePointer<Double>, _ count: Int, _ target: Int, _ coefficient: Double
  ) -> Double {
    let margin = withMargin(row[target])
    row[target] = margin.value
    for c in 0..<count { row[c] *= scale }
    let best = RowMath.maximum(row, count: count)
    let gap = best.value - row[target]
    let sum = RowMath.exponentials(row, count: count, largest: best, into: row)
    let factor = coefficient == 0 ? 0 : coefficient * scale
    for c in 0..<count { row[c] = Double.select(factor == 0, 0, factor * (row[c] / sum.total)) }
    // p - 1 would cancel where p is near 1; it is what the other classes have.
    row[target] = target == best.index ? -factor * (sum.rest / sum.total) : row[target] - factor
    row[target] *= factor == 0 ? 0 : margin.slope
    return gap + sum.logarithm
  }
}

extension LossSignature {
  /// Vectors, their classes, and a centre for each class.
  @usableFromInline static let centredVectors = LossSignature(
    .real(.prediction, "item feature"), .classes(.target, of: "class", "item"),
    .real("class_centers", "class feature"), terms: "item")
}
