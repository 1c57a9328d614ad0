/// Sixteen rows of a few classes, evaluated together: a row by itself does not fill vectors.
@usableFromInline package struct RowGroup<S: LossScalar> {
  @usableFromInline let kernel: UnsafePointer<RowKernel<S>>
  /// The first term.
  @usableFromInline let term: Int
  /// The numbers of input 0, class by class.
  @usableFromInline let numbers: UnsafePointer<S>
  /// Those of input 1, which may be overwritten; uninitialised for class indices.
  @usableFromInline let targets: UnsafeMutablePointer<S>
  /// Memory for a number of each row and class.
  @usableFromInline let scratch: UnsafeMutablePointer<S>
  /// The exponentials of input 0, which become its gradient.
  @usableFromInline let exponentials: UnsafeMutablePointer<S>
  /// The distance of two classes in these.
  @usableFromInline package let step: Int
  /// The maxima of input 0 and the sums of its exponentials.
  @usableFromInline package let sums: ExponentialSums<S>

  @inlinable @inline(__always)
  init(
    _ kernel: UnsafePointer<RowKernel<S>>, term: Int, numbers: UnsafePointer<S>,
    targets: UnsafeMutablePointer<S>, scratch: UnsafeMutablePointer<S>,
    exponentials: UnsafeMutablePointer<S>, step: Int, sums: ExponentialSums<S>
  ) {
    self.kernel = kernel
    self.term = term
    self.numbers = numbers
    self.targets = targets
    self.scratch = scratch
    self.exponentials = exponentials
    self.step = step
    self.sums = sums
  }

  /// The number of rows.
  @inlinable @inline(__always)
  package static var count: Int { ExponentialSums<S>.rowCount }

  /// The number of classes.
  @inlinable @inline(__always)
  package var length: Int { kernel.pointee.length }

  /// Whether input 1 holds class indices.
  @inlinable @inline(__always)
  package var hasClassIndices: Bool { kernel.pointee.context.integers(1) != nil }

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

  /// The numbers of input 0 of a class, one of each row.
  @inlinable @inline(__always)
  package func numbers(ofClass j: Int) -> UnsafePointer<S> { numbers + j &* step }

  /// Those of input 1.
  @inlinable @inline(__always)
  package func targets(ofClass j: Int) -> UnsafeMutablePointer<S> { targets + j &* step }

  /// Memory for a number of each row, for a class.
  @inlinable @inline(__always)
  package func scratch(ofClass j: Int) -> UnsafeMutablePointer<S> { scratch + j &* Self.count }

  /// The elements of the gradient of input 0 of a class.
  @inlinable @inline(__always)
  package func gradient(ofClass j: Int) -> UnsafeMutablePointer<S> { exponentials + j &* step }

  /// Multiplies the exponentials by a factor for each row.
  @inlinable @inline(__always)
  package func scaleGradient(_ factors: UnsafePointer<S>) {
    for j in 0..<length {
      let column = gradient(ofClass: j)
      for row in 0..<Self.count { column[row] *= factors[row] }
    }
  }

  @inlinable @inline(__always)
  func clearGradient(_ row: Int) {
    for j in 0..<length { gradient(row, j).pointee = 0 }
  }
}

extension RowwiseLoss {
  /// Evaluates all rows; sixteen at a time where the classes are few.
  ///
  /// - Parameter body: writes the terms of sixteen rows and makes their exponentials the gradient of
  ///   input 0; with the same bits as `term`. Not called where other gradients are requested.
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
    guard context.order == .first, context.gradient(1) == nil, context.termCount <= limit,
      length <= RowMath.shortRowCount,
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
    let memory = UnsafeMutablePointer<S>.allocate(capacity: (3 * step + count) * length + count)
    defer { memory.deallocate() }
    let (exponentials, targets) = (memory + length * step, memory + 2 * length * step)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * count) { workspace in
      guard let workspace = workspace.baseAddress, let numbers = context.real(0) else { return }
      let scratch = targets + length * step
      let sums = ExponentialSums(maxima: scratch + length * count, sums: workspace)
      withUnsafePointer(to: RowKernel(context, workspace)) { kernel in
        var inputs = [(numbers, memory)]
        if let dense = context.real(1), !kernel.pointee.isPerRow(1) {
          inputs.append((dense, targets))
        }
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
          if inner == 1, let gradient = context.gradient(0) {
            // Four rows are written at a time.
            Prefetch.read(UnsafePointer(gradient), at: offset, count: size * length)
          }
          for (input, columns) in inputs {
            if inner == 1 {
              Prefetch.read(input, at: offset + size * length, count: size * length)
              RowMath.copyToColumns(input + offset, count: length, columns)
            } else {
              for j in 0..<length {
                (columns + j * step).update(from: input + (offset + j * inner), count: size)
              }
            }
          }
          for first in stride(from: 0, to: size, by: count) {
            let (term, exponentials) = (start + first, exponentials + first)
            let group = RowGroup(
              kernel, term: term, numbers: memory + first, targets: targets + first,
              scratch: scratch, exponentials: exponentials, step: step, sums: sums)
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
