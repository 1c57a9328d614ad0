public import LossCore

/// A loss that tells by its products with some vectors to which of them a vector belongs, with a
/// margin at the true one.
///
///     - log softmax(scale · product_c), where the product of the true one is made smaller
///
/// These vectors are the centres of classes, or the second of couples: then each first belongs to
/// its own second.
public protocol MarginSoftmaxLoss: BatchLoss {
  /// What products are multiplied by.
  var scale: Double { get }
  /// Whether products are cosines; otherwise they are those of the vectors as they are.
  var usesCosines: Bool { get }
  /// The product of the true one with its margin, and its derivative.
  func withMargin(_ product: Double) -> (value: Double, derivative: Double)
}

extension MarginSoftmaxLoss {
  /// Vectors, their classes, and a centre for each class.
  public var signature: LossSignature { .centredVectors }
  /// Each term is that of its own vector.
  public var properties: [LossProperty] { [.nonNegative] }
  /// Only directions count.
  public var usesCosines: Bool { true }
  /// No margin.
  public func withMargin(_ product: Double) -> (value: Double, derivative: Double) {
    (product, 1)
  }

  /// The products of both, a softmax for each row of them, and the way back.
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let pass = copy pass
    let classes = pass.integers(1)
    let input = classes == nil ? 1 : 2
    let there = (0..<pass.termCount).filter { !pass.isRemoved($0) }
    let all = classes == nil ? there : Array(0..<(pass.inputs[input]?.shape.extents.first ?? 0))
    let vectors = NormalizedRows(pass, input: 0, at: there, normalized: usesCosines)
    let centers = NormalizedRows(pass, input: input, at: all, normalized: usesCosines)
    let table = Matrix<S>(rows: there.count, columns: centers.table.rows)
    defer {
      vectors.deallocate()
      centers.deallocate()
      table.deallocate()
    }
    table.multiply(pass, vectors.table, centers.table)
    table.forEachRow(pass, workspace: table.columns) { item, workspace in
      let place = there[item]
      terms[place] = S(
        term(
          table.row(item), table.columns, classes?[place] ?? item,
          pass.gradientScale(place).asDouble, workspace))
    }
    if let gradient = pass.gradient(0) {
      vectors.writeGradient(pass, centers.table, into: gradient) { rows, columns, _ in
        table.part(rows, columns)
      }
    }
    if let gradient = pass.gradient(input) {
      centers.writeGradient(pass, vectors.table, into: gradient) { rows, columns, _ in
        table.transposedTile(rows, columns)
      }
    }
  }

  /// The term of one row of products; leaves their derivatives in their places.
  func term<S: LossScalar>(
    _ row: UnsafeMutablePointer<S>, _ count: Int, _ target: Int, _ coefficient: Double,
    _ exponentials: UnsafeMutablePointer<S>
  ) -> Double {
    let margin = withMargin(row[target].asDouble)
    row[target] = S(margin.value)
    let scale = S(self.scale)
    for c in 0..<count { row[c] *= scale }
    let best = RowMath.maximum(row, count: count)
    let gap = best.value.asDouble - row[target].asDouble
    let sum = RowMath.exponentials(row, count: count, largest: best, into: exponentials)
    let factor = coefficient == 0 ? 0 : coefficient * scale.asDouble
    let share = factor / sum.total
    for c in 0..<count {
      row[c] = S(Double.select(factor == 0, 0, share * exponentials[c].asDouble))
    }
    // p - 1 would cancel where p is near 1; it is what the other classes have.
    let own = target == best.index ? -share * sum.sumExcludingMax : row[target].asDouble - factor
    row[target] = S(factor == 0 ? 0 : own * margin.derivative)
    return gap + Double.log(onePlus: sum.sumExcludingMax / sum.maxExponential)
  }
}

extension LossSignature {
  /// Vectors, their classes, and a centre for each class.
  static let centredVectors = LossSignature(
    .real(.prediction, "item feature"), .classes(.target, of: "class", "item"),
    .real("class_centers", "class feature"), terms: "item")
}
