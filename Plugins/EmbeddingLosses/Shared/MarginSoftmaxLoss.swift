public import LossCore

/// Softmax cross entropy over similarities to class centres, or to the second view of each pair,
/// with a margin on the target logit.
///
///     - log softmax(scale · product_c), with the margin applied to the target's product
public protocol MarginSoftmaxLoss: BatchLoss {
  /// The factor of the products.
  var scale: Double { get }
  /// Whether products are cosines; otherwise dot products.
  var usesCosines: Bool { get }
  /// The target's product with its margin, and the derivative.
  func withMargin(_ product: Double) -> (value: Double, derivative: Double)
}

extension MarginSoftmaxLoss {
  public var signature: LossSignature { .centredVectors }
  public var properties: [LossProperty] { [.nonNegative] }
  /// Cosines by default.
  public var usesCosines: Bool { true }
  /// No margin by default.
  public func withMargin(_ product: Double) -> (value: Double, derivative: Double) {
    (product, 1)
  }

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let context = copy context
    let classes = context.integers(1)
    let input = classes == nil ? 1 : 2
    let items = (0..<context.termCount).filter { !context.isRemoved($0) }
    let centerIndices =
      classes == nil ? items : Array(0..<(context.inputs[input]?.shape.extents.first ?? 0))
    let vectors = NormalizedRows(context, input: 0, at: items, normalized: usesCosines)
    let centers = NormalizedRows(context, input: input, at: centerIndices, normalized: usesCosines)
    let table = Matrix<S>(rows: items.count, columns: centers.table.rows)
    defer {
      vectors.deallocate()
      centers.deallocate()
      table.deallocate()
    }
    table.addProduct(context, vectors.table, centers.table)
    let isProduct = context.order == .hessianVectorProduct
    let product =
      isProduct
      ? MarginProduct(context, (vectors, context.vector(0)), (centers, context.vector(input))) : nil
    defer { product?.deallocate() }
    table.forEachRow(context, workspace: table.columns) { row, workspace in
      let index = items[row]
      terms[index] = S(
        term(
          table.row(row), table.columns, classes?[index] ?? row,
          context.gradientScale(index).asDouble, workspace, changes: product?.table.row(row)))
    }
    if let product {
      if let memory = context.gradient(0) {
        vectors.writeProduct(
          context, product.vectors, (centers.table, product.centers.table), into: memory
        ) { rows, columns, _ in
          table.tile(rows, columns)
        } changesOfDerivatives: { rows, columns, _ in
          product.table.tile(rows, columns)
        }
      }
      if let memory = context.gradient(input) {
        centers.writeProduct(
          context, product.centers, (vectors.table, product.vectors.table), into: memory
        ) { rows, columns, _ in
          table.transposedTile(rows, columns)
        } changesOfDerivatives: { rows, columns, _ in
          product.table.transposedTile(rows, columns)
        }
      }
      return
    }
    if let gradient = context.gradient(0) {
      vectors.writeGradient(context, centers.table, into: gradient) { rows, columns, _ in
        table.tile(rows, columns)
      }
    }
    if let gradient = context.gradient(input) {
      centers.writeGradient(context, vectors.table, into: gradient) { rows, columns, _ in
        table.transposedTile(rows, columns)
      }
    }
  }

  /// The term of one row of products; replaces the products by their derivatives, and the changes of
  /// the products along a vector by those of the derivatives, for a margin that is constant or none.
  func term<S: LossScalar>(
    _ row: UnsafeMutablePointer<S>, _ count: Int, _ target: Int, _ gradientScale: Double,
    _ exponentials: UnsafeMutablePointer<S>, changes: UnsafeMutablePointer<S>? = nil
  ) -> Double {
    let margin = withMargin(row[target].asDouble)
    row[target] = S(margin.value)
    let scale = S(self.scale)
    for c in 0..<count { row[c] *= scale }
    let largest = RowMath.maximum(row, count: count)
    let difference = largest.value.asDouble - row[target].asDouble
    let sum = RowMath.exponentials(row, count: count, largest: largest, into: exponentials)
    let factor = gradientScale == 0 ? 0 : gradientScale * scale.asDouble
    let normalizer = factor / sum.total
    for c in 0..<count {
      row[c] = S(Double.select(factor == 0, 0, normalizer * exponentials[c].asDouble))
    }
    if let changes {
      changes[target] *= S(margin.derivative)
      // Relative to the change of the most likely class nothing cancels.
      let origin = changes[largest.index].asDouble
      var changeOfSum = CompensatedSum()
      for c in 0..<count {
        changeOfSum.add(exponentials[c].asDouble * (changes[c].asDouble - origin))
      }
      let mean = changeOfSum.value / sum.total
      for c in 0..<count {
        let change = normalizer * scale.asDouble * exponentials[c].asDouble
        changes[c] =
          factor == 0 ? 0 : S(change * ((changes[c].asDouble - origin) - mean))
      }
      changes[target] *= S(margin.derivative)
    }
    // p - 1 would cancel where p is near 1: it is minus the probability of the other classes.
    let targetDerivative =
      target == largest.index ? -normalizer * sum.sumExcludingMax : row[target].asDouble - factor
    row[target] = S(factor == 0 ? 0 : targetDerivative * margin.derivative)
    return difference + Double.log(onePlus: sum.sumExcludingMax / sum.maxExponential)
  }
}

/// The changes of vectors, of centres and of their products along a vector.
private struct MarginProduct<S: LossScalar> {
  let vectors: RowChanges<S>
  let centers: RowChanges<S>
  /// The changes of the products; then those of the derivatives.
  let table: Matrix<S>

  init(
    _ context: borrowing KernelContext<S>,
    _ vectors: (rows: NormalizedRows<S>, vector: UnsafePointer<S>?),
    _ centers: (rows: NormalizedRows<S>, vector: UnsafePointer<S>?)
  ) {
    self.vectors = RowChanges(vectors.rows, along: vectors.vector)
    self.centers = RowChanges(centers.rows, along: centers.vector)
    table = Matrix<S>(rows: vectors.rows.table.rows, columns: centers.rows.table.rows)
    // A product is added to what the matrix holds.
    if vectors.vector != nil { table.addProduct(context, self.vectors.table, centers.rows.table) }
    if centers.vector != nil { table.addProduct(context, vectors.rows.table, self.centers.table) }
  }

  func deallocate() {
    vectors.deallocate()
    centers.deallocate()
    table.deallocate()
  }
}

extension LossSignature {
  /// Embeddings, class indices and class centres.
  static let centredVectors = LossSignature(
    .real(.prediction, "item feature"), .classes(.target, of: "class", "item"),
    .real("class_centers", "class feature"), terms: "item")
}
