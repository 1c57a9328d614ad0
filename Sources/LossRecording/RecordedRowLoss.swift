public import LossCore
internal import LossNumerics
internal import Synchronization

/// A loss of one row along the class axis that is given by its value alone.
///
/// Implement `term(_:)` with recorded vectors and numbers; the form differentiates it with respect to
/// every input that has a gradient, and applies masks, weights and the reduction:
///
///     struct SquaredNormLoss: RecordedRowLoss {
///       static let metadata = LossMetadata("my_norm", "…", formula: "‖prediction - target‖²")
///       let options: NoOptions
///       var signature: LossSignature { .vectors }
///
///       func term(_ row: RecordedRow) -> RecordedNumber {
///         let residual = row[0] - row[1]
///         return residual.dot(residual)
///       }
///     }
///
/// It is computed in `Double` for every element type. A loss that is called often gains speed by a
/// derivative of its own, as a `RowwiseLoss`.
public protocol RecordedRowLoss: RowwiseLoss {
  /// The term of one row.
  func term(_ row: RecordedRow) -> RecordedNumber
}

/// One row of each input, recorded.
public struct RecordedRow {
  /// The number of classes, which is the length of the row.
  public let count: Int
  let vectors: [RecordedVector?]
  let classIndices: [Int?]
  let empty: RecordedVector

  /// The elements of an input, by its index in the signature. An input without the class axis has
  /// one element; one of class indices has none.
  public subscript(index: Int) -> RecordedVector {
    vectors.indices.contains(index) ? vectors[index] ?? empty : empty
  }

  /// The class index of an input, by its index in the signature; nil for real numbers.
  public func classIndex(_ index: Int) -> Int? {
    classIndices.indices.contains(index) ? classIndices[index] : nil
  }

  /// A constant.
  public func constant(_ number: Double) -> RecordedNumber { empty.recording.constant(number) }
}

extension RecordedRowLoss {
  /// The term of one row, with its gradients.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    var tape = Tape()
    return withUnsafeMutablePointer(to: &tape) { term(row, $0) }
  }

  /// Evaluates all rows, each worker with memory of its own.
  ///
  /// - Throws: `LossError` of code `invalid_value` if a term of numbers is NaN.
  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    try requireRows(context)
    let context = copy context
    let firstNaN = Atomic(Int.max)
    context.forEachBlock(elementsPerTerm: context.rows.length, inWholeChunks: true) {
      range, terms in
      var tape = Tape()
      withUnsafeMutablePointer(to: &tape) { tape in
        RowKernel.forEachRow(context, range, workspace: 0) { row in
          let term = term(row, tape)
          terms[row.term - range.lowerBound] = term
          if term.isNaN, !row.holdsNaN { firstNaN.min(row.term, ordering: .relaxed) }
        } removed: { term in
          terms[term - range.lowerBound] = 0
        }
      }
    }
    let index = firstNaN.load(ordering: .relaxed)
    if index < Int.max { throw nanError(index, context) }
  }

  private func term<S: LossScalar>(_ row: Row<S>, _ tape: UnsafeMutablePointer<Tape>) -> S {
    tape.pointee.reset()
    let recorded = row.recorded(on: tape)
    let term = term(recorded)
    if row.wantsGradient {
      tape.pointee.differentiate(term.recording.slots) { _ in Double(row.gradientScale) }
      for (index, vector) in recorded.vectors.enumerated() {
        guard let vector, let gradient = row.gradient(index) else { continue }
        tape.pointee.writeDerivatives(vector.recording.slots, to: gradient)
      }
    }
    return S(term.value)
  }

  private func nanError<S: LossScalar>(_ term: Int, _ context: KernelContext<S>) -> LossError {
    var tape = Tape()
    withUnsafeMutablePointer(to: &tape) { tape in
      RowKernel.forEachRow(context, term..<term + 1, workspace: 0) { row in
        _ = self.term(row.recorded(on: tape))
      }
    }
    return tape.nanError(term: term)
  }
}

extension Row {
  /// Whether an element of the row is NaN.
  fileprivate var holdsNaN: Bool {
    (0..<inputCount).contains { index in
      guard let numbers = self[index] else { return false }
      return (0..<length(index)).contains { numbers[$0].isNaN }
    }
  }

  /// The inputs as numbers of a tape.
  fileprivate func recorded(on tape: UnsafeMutablePointer<Tape>) -> RecordedRow {
    let vectors = (0..<inputCount).map { index -> RecordedVector? in
      guard let numbers = self[index] else { return nil }
      return RecordedVector(
        Recording(tape: tape, slots: tape.pointee.input(numbers, length(index))))
    }
    return RecordedRow(
      count: count, vectors: vectors, classIndices: (0..<inputCount).map(classIndex),
      empty: RecordedVector(Recording(tape: tape, slots: Tape.Slots(start: 0, count: 0))))
  }
}
