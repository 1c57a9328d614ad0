/// Sixteen rows of a few classes, evaluated together: a row by itself does not fill vectors.
@usableFromInline package struct RowGroup<S: LossScalar> {
  @usableFromInline let kernel: UnsafePointer<RowKernel<S>>
  /// The first term.
  @usableFromInline let term: Int
  /// The numbers of input 0, class by class.
  @usableFromInline let numbers: UnsafePointer<S>
  /// The exponentials of input 0, which become its gradient.
  @usableFromInline let exponentials: UnsafeMutablePointer<S>
  /// The distance of two classes in both.
  @usableFromInline let step: Int
  /// The maxima of input 0 and the sums of its exponentials.
  @usableFromInline package let sums: ExponentialSums<S>

  @inlinable @inline(__always)
  init(
    _ kernel: UnsafePointer<RowKernel<S>>, term: Int, numbers: UnsafePointer<S>,
    exponentials: UnsafeMutablePointer<S>, step: Int, sums: ExponentialSums<S>
  ) {
    self.kernel = kernel
    self.term = term
    self.numbers = numbers
    self.exponentials = exponentials
    self.step = step
    self.sums = sums
  }

  /// The number of rows.
  @inlinable @inline(__always)
  package static var count: Int { ExponentialSums<S>.rowCount }

  /// Whether the gradient of input 0 is requested.
  @inlinable @inline(__always)
  package var wantsGradient: Bool { kernel.pointee.context.gradient(0) != nil }

  /// The factor of the gradient of a row.
  @inlinable @inline(__always)
  package func gradientScale(_ row: Int) -> S { kernel.pointee.context.gradientScale(term + row) }

  /// The class index of a row; 0 for a row that is removed.
  @inlinable @inline(__always)
  package func classIndex(_ index: Int, _ row: Int) -> Int {
    guard let classes = kernel.pointee.context.integers(index) else { return 0 }
    return kernel.pointee.context.isRemoved(term + row) ? 0 : classes[term + row]
  }

  /// A number of input 0.
  @inlinable @inline(__always)
  package subscript(row: Int, j: Int) -> S { numbers[j &* step &+ row] }

  /// An element of the gradient of input 0: an exponential, until it is written.
  @inlinable @inline(__always)
  package func gradient(_ row: Int, _ j: Int) -> UnsafeMutablePointer<S> {
    exponentials + (j &* step &+ row)
  }

  /// Multiplies the exponentials by a factor for each row.
  @inlinable @inline(__always)
  package func scaleGradient(_ factors: UnsafePointer<S>) {
    for j in 0..<kernel.pointee.length {
      let column = exponentials + j &* step
      for row in 0..<Self.count { column[row] *= factors[row] }
    }
  }

  @inlinable @inline(__always)
  func clearGradient(_ row: Int) {
    for j in 0..<kernel.pointee.length { gradient(row, j).pointee = 0 }
  }
}

extension RowwiseLoss {
  /// Evaluates all rows; sixteen at a time where the classes are few.
  ///
  /// - Parameter body: writes the terms of sixteen rows and makes their exponentials the gradient of
  ///   input 0, which is the only one; with the same bits as `term`.
  @inlinable
  package func forEachRow<S: LossScalar>(
    _ context: borrowing KernelContext<S>,
    sixteen body: (RowGroup<S>, UnsafeMutablePointer<S>) -> Void
  ) throws(LossError) {
    let (length, inner) = (context.rows.length, context.rows.inner)
    #if DEBUG
      // Not optimised, sixteen rows together take longer than one by one; the bits are the same.
      let limit = 1 << 10
    #else
      let limit = Int.max
    #endif
    guard context.order == .first, context.termCount <= limit, length <= RowMath.shortRowCount,
      context.termCount >= RowGroup<S>.count, inner == 1 || inner >= RowGroup<S>.count
    else { return try forEachRow(context) }
    try requireRows(context)
    let context = copy context
    let workspace = workspaceCount(length: length)
    context.forEachBlock(elementsPerTerm: length, inWholeChunks: true) { range, terms in
      RowKernel.forEachGroup(context, range, terms, body) { rows in
        RowKernel.forEachRow(context, rows, workspace: workspace) { row in
          terms[row.term - range.lowerBound] = term(row)
        } removed: { term in
          terms[term - range.lowerBound] = 0
        }
      }
    }
  }
}

extension RowKernel {
  /// Calls a function for every sixteen rows of a range that lie together, and another for the rows
  /// that have to be evaluated one by one.
  @inlinable @inline(__always)
  static func forEachGroup(
    _ context: borrowing KernelContext<S>, _ range: Range<Int>, _ terms: UnsafeMutablePointer<S>,
    _ body: (RowGroup<S>, UnsafeMutablePointer<S>) -> Void, rows: (Range<Int>) -> Void
  ) {
    let context = copy context
    let (count, length, inner) = (RowGroup<S>.count, context.rows.length, context.rows.inner)
    // With other axes behind the class axis, rows that differ in those lie side by side. A class of
    // many rows is copied at once: classes are often a power of two apart, which caches hardly hold.
    let step = inner == 1 ? count : min(256, inner / count * count)
    let memory = UnsafeMutablePointer<S>.allocate(capacity: 2 * length * step + count)
    defer { memory.deallocate() }
    let exponentials = memory + length * step
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * count) { workspace in
      guard let workspace = workspace.baseAddress, let numbers = context.real(0) else { return }
      let sums = ExponentialSums(maxima: exponentials + length * step, sums: workspace)
      withUnsafePointer(to: RowKernel(context, workspace)) { kernel in
        var start = range.lowerBound
        while start < range.upperBound {
          let end =
            inner == 1 ? range.upperBound : min(range.upperBound, (start / inner + 1) * inner)
          let size = min(step, (end - start) / count * count)
          guard size > 0 else {
            rows(start..<end)
            start = end
            continue
          }
          let offset = kernel.pointee.offset(start)
          if inner == 1 {
            // The rows are read, and their gradients written, four at a time.
            Prefetch.read(numbers, at: offset + size * length, count: size * length)
            if let gradient = context.gradient(0) {
              Prefetch.read(UnsafePointer(gradient), at: offset, count: size * length)
            }
            RowMath.copyToColumns(numbers + offset, count: length, memory)
          } else {
            for j in 0..<length {
              (memory + j * step).update(from: numbers + (offset + j * inner), count: size)
            }
          }
          for first in stride(from: 0, to: size, by: count) {
            let (term, exponentials) = (start + first, exponentials + first)
            let group = RowGroup(
              kernel, term: term, numbers: memory + first, exponentials: exponentials, step: step,
              sums: sums)
            let isRemoved = (0..<count).allSatisfy { context.isRemoved(term + $0) }
            if isRemoved
              || RowMath.exponentials(
                ofColumns: group.numbers, step: step, count: length, into: exponentials, sums)
            {
              let terms = terms + (term - range.lowerBound)
              if !isRemoved { body(group, terms) }
              for row in 0..<count where context.isRemoved(term + row) {
                terms[row] = 0
                group.clearGradient(row)
              }
              guard inner == 1, let gradient = context.gradient(0) else { continue }
              RowMath.copyToRows(exponentials, count: length, gradient + offset)
            } else {
              rows(term..<term + count)
              guard inner != 1, let gradient = context.gradient(0) else { continue }
              for j in 0..<length {
                let source = gradient + (offset + first + j * inner)
                (exponentials + j * step).update(from: source, count: count)
              }
            }
          }
          if inner != 1, let gradient = context.gradient(0) {
            for j in 0..<length {
              let target = gradient + (offset + j * inner)
              target.update(from: exponentials + j * step, count: size)
            }
          }
          start += size
        }
      }
    }
  }
}
