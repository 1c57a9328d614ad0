import LossCore

/// Selected rows of an input, divided by their lengths for cosine similarities.
struct NormalizedRows<S: LossScalar> {
  /// One vector per row; a zero vector stays zero.
  let table: Matrix<S>
  /// The index in the input of each row.
  let indices: [Int]
  /// The length of each vector, 0 for a zero vector; empty if vectors are not normalised.
  let lengths: [Double]
  /// The number of vectors in the input.
  let total: Int

  /// The vectors of an input at these indices, in this order.
  init(
    _ context: borrowing KernelContext<S>, input: Int, at indices: [Int], normalized: Bool = true
  ) {
    let extents = context.inputs[input]?.shape.extents ?? [0, 0]
    let width = extents[1]
    let table = Matrix<S>(rows: indices.count, columns: width)
    total = extents[0]
    self.indices = indices
    self.table = table
    guard let values = context.real(input) else {
      lengths = []
      return
    }
    if normalized {
      lengths = indices.indices.map {
        Self.normalize(values + indices[$0] * width, width, into: table.row($0))
      }
    } else {
      lengths = []
      for row in indices.indices {
        table.row(row).update(from: values + indices[row] * width, count: width)
      }
    }
  }

  func deallocate() { table.deallocate() }

  /// Writes a vector divided by its length; returns the length.
  static func normalize(
    _ vector: UnsafePointer<S>, _ width: Int, into unit: UnsafeMutablePointer<S>
  ) -> Double {
    let square = RowMath.compensatedSumOfSquares(count: width) { Double(vector[$0]) }
    // Where squares would overflow or lose digits, divide by the largest magnitude first.
    if square > 0x1p-960, square < 0x1p960 {
      let length = square.squareRoot()
      for j in 0..<width { unit[j] = S(Double(vector[j]) / length) }
      return length
    }
    let largest = RowMath.magnitude(vector, count: width)
    guard largest != 0 else { return 0 }
    let length = RowMath.compensatedSumOfSquares(count: width) { Double(vector[$0]) / largest }
      .squareRoot()
    for j in 0..<width { unit[j] = S(Double(vector[j]) / largest / length) }
    return largest * length
  }

  /// Writes the gradient of the input, given the derivatives with respect to the dot products with
  /// the rows of another matrix; 0 for vectors that are zero or not selected. `rows` are those of the
  /// derivatives; nil for all.
  func writeGradient(
    _ context: borrowing KernelContext<S>, of rows: [Int]? = nil, _ others: Matrix<S>,
    into gradient: UnsafeMutablePointer<S>,
    _ derivatives: (
      _ rows: Range<Int>, _ others: Range<Int>, _ workspace: UnsafeMutablePointer<S>
    ) -> Matrix<S>.Factor
  ) {
    let width = table.columns
    gradient.update(repeating: 0, count: total * width)
    others.forEachProduct(context, rows: rows?.count ?? table.rows, derivatives) {
      index, derivative in
      let row = rows?[index] ?? index
      writeProjected(derivative, row, into: gradient + indices[row] * width)
    }
  }

  /// Removes the component along the vector itself, which normalisation makes irrelevant.
  func writeProjected(
    _ derivative: UnsafeMutablePointer<S>, _ row: Int, into gradient: UnsafeMutablePointer<S>
  ) {
    let width = table.columns
    guard !lengths.isEmpty else {
      gradient.update(from: derivative, count: width)
      return
    }
    let length = lengths[row]
    guard length != 0 else { return }
    let unit = table.row(row)
    let component = RowMath.compensatedSum(count: width) {
      Double(derivative[$0]) * Double(unit[$0])
    }
    for j in 0..<width {
      gradient[j] = S((Double(derivative[j]) - component * Double(unit[j])) / length)
    }
  }
}
