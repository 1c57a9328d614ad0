import LossCore

/// Some vectors of an input, divided by their lengths if angles are what counts.
struct NormalizedRows<S: LossScalar> {
  /// One vector a row; a zero vector stays one.
  let table: Matrix<S>
  /// The place in the input of each row.
  let places: [Int]
  /// What each vector was divided by; 0 for a zero vector, none if vectors stay as they are.
  let lengths: [Double]
  /// How many vectors the input has.
  let total: Int

  /// The vectors of an input at some places, in this order.
  init(_ pass: borrowing KernelContext<S>, input: Int, at places: [Int], normalized: Bool = true) {
    let extents = pass.inputs[input]?.shape.extents ?? [0, 0]
    let width = extents[1]
    let table = Matrix<S>(rows: places.count, columns: width)
    total = extents[0]
    self.places = places
    self.table = table
    guard let numbers = pass.real(input) else {
      lengths = []
      return
    }
    if normalized {
      lengths = places.indices.map {
        Self.normalize(numbers + places[$0] * width, width, into: table.row($0))
      }
    } else {
      lengths = []
      for row in places.indices {
        table.row(row).update(from: numbers + places[row] * width, count: width)
      }
    }
  }

  func deallocate() { table.deallocate() }

  /// Writes a vector divided by its length, which it gives back.
  static func normalize(
    _ vector: UnsafePointer<S>, _ width: Int, into unit: UnsafeMutablePointer<S>
  ) -> Double {
    let square = RowMath.compensatedSumOfSquares(count: width) { Double(vector[$0]) }
    // Squares that overflow or lose digits are those of the vector divided by its largest element.
    if square > 0x1p-960, square < 0x1p960 {
      let length = square.squareRoot()
      for j in 0..<width { unit[j] = S(Double(vector[j]) / length) }
      return length
    }
    let top = RowMath.magnitude(vector, count: width)
    guard top != 0 else { return 0 }
    let length = RowMath.compensatedSumOfSquares(count: width) { Double(vector[$0]) / top }
      .squareRoot()
    for j in 0..<width { unit[j] = S(Double(vector[j]) / top / length) }
    return top * length
  }

  /// Writes the gradient with respect to the vectors, from that with respect to their products with
  /// the rows of another table; 0 for a vector that is not among these, or is zero.
  func writeGradient(
    _ pass: borrowing KernelContext<S>, _ others: Matrix<S>,
    into gradient: UnsafeMutablePointer<S>,
    _ derivatives: (
      _ rows: Range<Int>, _ others: Range<Int>, _ workspace: UnsafeMutablePointer<S>
    ) -> Matrix<S>.Factor
  ) {
    let width = table.columns
    gradient.update(repeating: 0, count: total * width)
    others.forEachProduct(pass, rows: table.rows, derivatives) { row, derivative in
      finish(derivative, row, into: gradient + places[row] * width)
    }
  }

  /// Takes away the part along the vector itself, which changes no direction.
  func finish(
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
    let along = RowMath.compensatedSum(count: width) { Double(derivative[$0]) * Double(unit[$0]) }
    for j in 0..<width {
      gradient[j] = S((Double(derivative[j]) - along * Double(unit[j])) / length)
    }
  }
}
