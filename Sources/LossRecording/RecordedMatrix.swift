/// The rows of an input of a batch.
public struct RecordedMatrix {
  let recording: Recording
  /// The number of rows.
  public let rowCount: Int
  /// The number of elements of a row.
  public let columnCount: Int

  init(_ recording: Recording, columns: Int) {
    self.recording = recording
    columnCount = columns
    rowCount = columns == 0 ? 0 : recording.slots.count / columns
  }

  /// A row; without elements outside the matrix.
  public subscript(row: Int) -> RecordedVector {
    let isInside = 0..<rowCount ~= row
    let slots = Tape.Slots(
      start: recording.slots.start + (isInside ? row * columnCount : 0),
      count: isInside ? columnCount : 0)
    return RecordedVector(Recording(tape: recording.tape, slots: slots))
  }

  /// All elements, row by row.
  public var elements: RecordedVector { RecordedVector(recording) }

  /// A matrix of rows of equal length; nil for none, or for different lengths.
  public init?(rows: [RecordedVector]) {
    guard let first = rows.first, rows.allSatisfy({ $0.count == first.count }) else { return nil }
    let slots = rows.flatMap { row in
      (0..<row.count).lazy.map { Double(row.recording.slots.start + $0) }
    }
    self.init(first.gather(slots).recording, columns: first.count)
  }

  /// The dot products of every row with every row of another matrix: `self · otherᵀ`. Rows of
  /// different lengths give an empty matrix.
  public func products(with other: RecordedMatrix) -> RecordedMatrix {
    let isValid = columnCount == other.columnCount
    let count = isValid ? rowCount * other.rowCount : 0
    return RecordedMatrix(
      recording.applying(
        .products, other.recording, constant: Double(columnCount), count: count),
      columns: isValid ? other.rowCount : 0)
  }
}
