public import LossCore

/// Some vectors of an input, divided by their lengths if angles are what counts.
@usableFromInline struct UnitVectors<S: LossScalar> {
  /// One vector a row; a zero vector stays one.
  @usableFromInline let table: NumberTable
  /// The place in the input of each row.
  @usableFromInline let places: [Int]
  /// What each vector was divided by; 0 for a zero vector, none if vectors stay as they are.
  @usableFromInline let lengths: [Double]
  /// How many vectors the input has.
  @usableFromInline let total: Int

  /// The vectors of an input at some places, in this order.
  @inlinable
  init(_ pass: borrowing LossPass<S>, input: Int, at places: [Int], normalized: Bool = true) {
    let extents = pass.inputs[input]?.shape.extents ?? [0, 0]
    total = extents[0]
    self.places = places
    table = NumberTable(rows: places.count, columns: extents[1])
    var lengths: [Double] = []
    if let numbers = pass.real(input) {
      for (row, place) in places.enumerated() {
        let vector = numbers + place * table.columns
        if normalized {
          lengths.append(Self.normalize(vector, table.columns, into: table.row(row)))
        } else {
          let copy = table.row(row)
          for j in 0..<table.columns { copy[j] = vector[j].widened }
        }
      }
    }
    self.lengths = lengths
  }

  @inlinable func deallocate() { table.deallocate() }

  /// Writes a vector divided by its length, which it gives back.
  @inlinable
  static func normalize(
    _ vector: UnsafePointer<S>, _ width: Int, into unit: UnsafeMutablePointer<Double>
  ) -> Double {
    let square = RowMath.wideSum(count: width) { Double(vector[$0]) * Double(vector[$0]) }
    // Squares that overflow or lose digits are those of the vector divided by its largest element.
    let isPlain = square > 0x1p-960 && square < 0x1p960
    let top = isPlain ? 1 : RowMath.magnitude(vector, count: width)
    guard top != 0 else { return 0 }
    for j in 0..<width { unit[j] = Double(vector[j]) / top }
    let length =
      isPlain
      ? square.squareRoot() : RowMath.wideSum(count: width) { unit[$0] * unit[$0] }.squareRoot()
    for j in 0..<width { unit[j] /= length }
    return top * length
  }

  /// Writes the gradient with respect to the vectors, from that with respect to their products with
  /// the rows of another table; 0 for a vector that is not among these, or is zero.
  @inlinable
  func writeGradient(
    _ pass: borrowing LossPass<S>, _ slopes: NumberTable, _ others: NumberTable,
    into gradient: UnsafeMutablePointer<S>
  ) {
    let pass = copy pass
    let width = table.columns
    let sums = NumberTable(rows: table.rows, columns: width)
    defer { sums.deallocate() }
    gradient.update(repeating: 0, count: total * width)
    pass.forEachPiece(sums.bandCount) { band in
      sums.setBand(band, toProductOf: slopes, others)
      for row in sums.band(band) {
        finish(sums.row(row), row, into: gradient + places[row] * width)
      }
    }
  }

  /// Takes away the part along the vector itself, which changes no direction.
  @inlinable
  func finish(
    _ slope: UnsafeMutablePointer<Double>, _ row: Int, into gradient: UnsafeMutablePointer<S>
  ) {
    let width = table.columns
    guard !lengths.isEmpty else {
      for j in 0..<width { gradient[j] = S(slope[j]) }
      return
    }
    let length = lengths[row]
    guard length != 0 else { return }
    let unit = table.row(row)
    let along = RowMath.wideSum(count: width) { slope[$0] * unit[$0] }
    for j in 0..<width { gradient[j] = S((slope[j] - along * unit[j]) / length) }
  }
}
