public import LossCore

/// A loss whose terms depend on the whole batch, such as all pairs of its rows, that is given by its
/// value alone.
///
/// It is recorded on one tape, in `Double`, by one thread; the memory grows with the operations. Rows
/// that a mask, a weight of 0 or an ignored class removes are left out of the batch.
public protocol RecordedBatchLoss: BatchLoss {
  /// The terms of the batch, one for each of its rows.
  func terms(_ batch: RecordedBatch) -> RecordedVector
}

/// The inputs of a batch, recorded.
public struct RecordedBatch {
  /// The number of terms: of the samples that nothing removes.
  public let termCount: Int
  let matrices: [RecordedMatrix?]
  let indices: [[Int]]
  let empty: RecordedMatrix

  /// An input as rows of its elements: one row for each term, if they divide evenly, else one row of
  /// all elements. One of class indices has no rows.
  public subscript(index: Int) -> RecordedMatrix {
    matrices.indices.contains(index) ? matrices[index] ?? empty : empty
  }

  /// The class indices of an input; none for one of real numbers.
  public func classIndices(_ index: Int) -> [Int] {
    indices.indices.contains(index) ? indices[index] : []
  }

  /// A constant.
  public func constant(_ number: Double) -> RecordedNumber { empty.recording.constant(number) }
}

extension RecordedBatchLoss {
  /// Computes the terms and differentiates them.
  ///
  /// - Throws: `LossError` of code `invalid_value` if a term of numbers is NaN, or if there are not
  ///   as many terms as the signature says.
  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let context = copy context
    var tape = Tape()
    let error = withUnsafeMutablePointer(to: &tape) { tape in
      RecordedTerms(context, tape).evaluate(self, into: terms)
    }
    if let error { throw error }
  }
}

/// One evaluation of a batch. Only what is kept takes part: a removed row is in no pair.
private struct RecordedTerms<S: LossScalar> {
  let context: KernelContext<S>
  let tape: UnsafeMutablePointer<Tape>
  let kept: [Int]
  let batch: RecordedBatch

  init(_ context: KernelContext<S>, _ tape: UnsafeMutablePointer<Tape>) {
    self.context = context
    self.tape = tape
    let kept = (0..<context.termCount).filter { !context.isRemoved($0) }
    self.kept = kept
    let matrices = context.inputs.enumerated().map { index, input -> RecordedMatrix? in
      guard let input, let numbers = context.real(index) else { return nil }
      let columns = context.hasShares(input.count) ? input.count / context.termCount : input.count
      let rows = context.hasShares(input.count) ? kept : [0]
      let start = tape.pointee.values.count
      for row in rows { _ = tape.pointee.input(numbers + row * columns, columns) }
      let slots = Tape.Slots(start: start, count: rows.count * columns)
      return RecordedMatrix(Recording(tape: tape, slots: slots), columns: columns)
    }
    let indices = context.inputs.enumerated().map { index, input -> [Int] in
      guard let input, let integers = context.integers(index) else { return [] }
      let places = input.count == context.termCount ? kept : Array(0..<input.count)
      return places.map { integers[$0] }
    }
    batch = RecordedBatch(
      termCount: kept.count, matrices: matrices, indices: indices,
      empty: RecordedMatrix(
        Recording(tape: tape, slots: Tape.Slots(start: 0, count: 0)), columns: 0))
  }

  func evaluate(
    _ loss: some RecordedBatchLoss, into terms: UnsafeMutablePointer<S>
  ) -> LossError? {
    for term in 0..<context.termCount { terms[term] = 0 }
    for (index, input) in context.inputs.enumerated() {
      guard let gradient = context.gradient(index) else { continue }
      for k in 0..<(input?.count ?? 0) { gradient[k] = 0 }
    }
    guard !kept.isEmpty else { return nil }
    let result = loss.terms(batch)
    guard result.count == kept.count else {
      return LossError(
        .invalidValue, subject: "the formula", found: "gives \(result.count) terms",
        expected: "\(kept.count)")
    }
    let slots = result.recording.slots
    for (offset, term) in kept.enumerated() {
      terms[term] = S(tape.pointee.values[slots.start + offset])
      if terms[term].isNaN, !holdsNaN { return tape.pointee.nanError(term: term) }
    }
    guard context.wantsGradient else { return nil }
    tape.pointee.differentiate(slots) { Double(context.gradientScale(kept[$0])) }
    for (index, matrix) in batch.matrices.enumerated() {
      guard let matrix, let gradient = context.gradient(index) else { continue }
      let columns = matrix.columnCount
      let rows = context.hasShares(context.inputs[index]?.count ?? 0) ? kept : [0]
      for (offset, row) in rows.enumerated() {
        tape.pointee.writeDerivatives(
          matrix[offset].recording.slots, to: gradient + row * columns)
      }
    }
    return nil
  }

  private var holdsNaN: Bool {
    batch.matrices.contains { $0?.elements.values.contains(where: \.isNaN) ?? false }
  }
}

extension KernelContext {
  /// Whether a number of elements divides into equal shares of the terms.
  fileprivate func hasShares(_ count: Int) -> Bool { termCount > 0 && count % termCount == 0 }
}
