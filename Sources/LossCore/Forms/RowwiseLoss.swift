/// A loss whose term is a formula of one row along the class axis.
///
/// The form passes each row to `term` as contiguous memory, wherever the class axis is, together
/// with the memory for its gradients.
public protocol RowwiseLoss: FormLoss {
  /// The term of one row; writes the requested gradients of the row, multiplied by
  /// `row.gradientScale`.
  func term<S: LossScalar>(_ row: Row<S>) -> S
  /// The term of one row; writes the second derivatives of the row, multiplied by
  /// `row.gradientScale`, for the requested gradients. Called only if the loss lists
  /// `rolesWithSecondDerivative`.
  func secondDerivativeTerm<S: LossScalar>(_ row: Row<S>) -> S
  /// The term of one row; writes the product of its Hessian with the vector, multiplied by
  /// `row.gradientScale`, for the requested gradients. Called only if the loss lists
  /// `rolesWithHessianVectorProduct`.
  func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S
  /// The weight of a row by its own target; negative if the row is removed. Called only if
  /// `hasTermWeights`.
  func termWeight<S: LossScalar>(_ row: Row<S>) -> S
  /// The number of elements of workspace that a row needs, for ranks or sorted copies.
  func workspaceCount(length: Int) -> Int
}

/// One row of each input, along the class axis.
public struct Row<S: LossScalar> {
  /// The number of classes, which is the length of the row.
  public let count: Int
  /// The factor of the gradient.
  public let gradientScale: S
  /// The workspace that the loss has requested: uninitialised for the first row, later with the
  /// values of an earlier one.
  @inlinable public var workspace: UnsafeMutablePointer<Double> { kernel.pointee.workspace }
  @usableFromInline let kernel: UnsafePointer<RowKernel<S>>
  @usableFromInline package let term: Int
  @usableFromInline let start: Int

  @inlinable @inline(__always)
  init(_ kernel: UnsafePointer<RowKernel<S>>, term: Int, start: Int, gradientScale: S) {
    count = kernel.pointee.length
    self.gradientScale = gradientScale
    self.kernel = kernel
    self.term = term
    self.start = start
  }

  /// The elements of an input, by its index in the signature; nil for class indices. An input
  /// without the class axis has one element per row.
  @inlinable @inline(__always)
  public subscript(index: Int) -> UnsafePointer<S>? {
    guard let real = kernel.pointee.context.real(index) else { return nil }
    if kernel.pointee.isPerRow(index) { return real + term }
    return kernel.pointee.scratch.map { UnsafePointer($0 + index * count) } ?? (real + start)
  }

  /// The class index of an input, by its index in the signature; nil for real numbers.
  @inlinable @inline(__always)
  public func classIndex(_ index: Int) -> Int? {
    kernel.pointee.context.integers(index).map { $0[term] }
  }

  /// The memory for the gradient of an input, by its index in the signature; nil if it is not
  /// requested.
  @inlinable @inline(__always)
  public func gradient(_ index: Int) -> UnsafeMutablePointer<S>? {
    guard let gradient = kernel.pointee.context.gradient(index) else { return nil }
    if kernel.pointee.isPerRow(index) { return gradient + term }
    let copies = kernel.pointee.scratch.map { $0 + (kernel.pointee.inputCount + index) * count }
    return copies ?? (gradient + start)
  }
}

extension Row {
  /// The part of the vector that belongs to an input, by its index in the signature; nil if it is
  /// zero.
  @inlinable @inline(__always)
  public func vector(_ index: Int) -> UnsafePointer<S>? {
    guard let vector = kernel.pointee.context.vector(index) else { return nil }
    if kernel.pointee.isPerRow(index) { return vector + term }
    let copies = kernel.pointee.scratch.map { $0 + (2 * kernel.pointee.inputCount + index) * count }
    return copies.map { UnsafePointer($0) } ?? (vector + start)
  }

  /// The number of inputs.
  package var inputCount: Int { kernel.pointee.inputCount }
  /// The number of elements of an input in this row: 1 without the class axis.
  package func length(_ index: Int) -> Int { kernel.pointee.isPerRow(index) ? 1 : count }
  /// Whether any gradient is requested.
  package var wantsGradient: Bool { kernel.pointee.context.wantsGradient }
}

extension RowwiseLoss {
  /// One term per row.
  public var termLayout: TermLayout? { .rows }
  /// All rows have the weight 1.
  @inlinable public func termWeight<S: LossScalar>(_ row: Row<S>) -> S { 1 }
  /// None.
  @inlinable public func workspaceCount(length: Int) -> Int { 0 }
  /// NaN, since the loss has no second derivative.
  @inlinable public func secondDerivativeTerm<S: LossScalar>(_ row: Row<S>) -> S { .nan }

  /// NaN, since the loss has no second derivatives.
  @inlinable public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S { .nan }

  /// Writes the weight of every row.
  @inlinable
  public func termWeights<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    writeTermWeights(context, into: &termWeights)
  }

  /// Writes the weight of every row. A loss whose weights rarely need the row overrides `termWeights`
  /// and calls this function where they do.
  @inlinable
  public func writeTermWeights<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    let workspace = workspaceCount(length: context.rows.length)
    // Rows that the caller removes are evaluated too, since the ignored class may exclude them.
    var all = copy context
    all.removed = nil
    RowKernel.forEachRow(all, 0..<termWeights.count, workspace: workspace) { row in
      termWeights[row.term] = termWeight(row)
    }
  }

  /// Evaluates all rows.
  @inlinable
  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    try forEachRow(context)
  }

  /// Evaluates all rows, block by block. A loss with another algorithm for some of its options
  /// overrides `run` and calls this function for the others.
  @inlinable
  public func forEachRow<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    try requireRows(context)
    let context = copy context
    let order = context.order
    let workspace = workspaceCount(length: context.rows.length)
    context.forEachBlock(elementsPerTerm: context.rows.length, inWholeChunks: true) {
      range, terms in
      RowKernel.forEachRow(context, range, workspace: workspace) { row in
        terms[row.term - range.lowerBound] =
          switch order {
          case .first: term(row)
          case .second: secondDerivativeTerm(row)
          case .hessianVectorProduct: hessianVectorTerm(row)
          }
      } removed: { term in
        terms[term - range.lowerBound] = 0
      }
    }
  }
}

extension RowwiseLoss {
  /// Checks that each input has one element per row or one per class.
  @usableFromInline
  package func requireRows<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    let all = context.termCount * context.rows.length
    for index in context.inputs.indices {
      let count = context.inputs[index]?.count ?? all
      if count != all, count != context.termCount {
        try context.require([all, context.termCount], of: "a rowwise loss")
      }
    }
  }
}

/// The rows of a context: in place if the class axis is the last, otherwise copied.
@usableFromInline package struct RowKernel<S: LossScalar> {
  @usableFromInline let context: KernelContext<S>
  @usableFromInline let inputCount: Int
  @usableFromInline let length: Int
  @usableFromInline let inner: Int
  @usableFromInline let workspace: UnsafeMutablePointer<Double>
  @usableFromInline var scratch: UnsafeMutablePointer<S>?

  @inlinable
  init(_ context: borrowing KernelContext<S>, _ workspace: UnsafeMutablePointer<Double>) {
    self.context = copy context
    self.workspace = workspace
    inputCount = context.inputs.count
    length = context.rows.length
    inner = context.rows.inner
  }

  /// Whether rows must be gathered and scattered.
  @inlinable var isStrided: Bool { inner != 1 }

  /// A copy of the row of each input, of its gradient and, if there is one, of its vector.
  @inlinable var rowsOfScratch: Int { (context.vectors.isEmpty ? 2 : 3) * inputCount }

  /// Whether an input has one element per row, such as a label, rather than one per class.
  @inlinable @inline(__always)
  func isPerRow(_ index: Int) -> Bool { context.inputs[index]?.count != context.termCount * length }

  /// Calls a function for every row of a range, and another for every removed row, whose gradient
  /// is set to zero.
  @inlinable @inline(__always)
  package static func forEachRow(
    _ context: borrowing KernelContext<S>, _ range: Range<Int>, workspace: Int,
    _ body: (Row<S>) -> Void,
    removed: (Int) -> Void = { _ in }
  ) {
    guard !range.isEmpty else { return }
    let context = copy context
    withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, workspace)) { workspace in
      guard let workspace = workspace.baseAddress else { return }
      var kernel = RowKernel(context, workspace)
      let copies = kernel.isStrided ? kernel.rowsOfScratch * kernel.length : 0
      withUnsafeTemporaryAllocation(of: S.self, capacity: max(1, copies)) { memory in
        if kernel.isStrided { kernel.scratch = memory.baseAddress }
        withUnsafePointer(to: kernel) { kernel in
          for term in range {
            if kernel.pointee.context.isRemoved(term) {
              removed(term)
              kernel.pointee.clearGradients(term)
            } else {
              kernel.pointee.gather(term)
              body(
                Row(
                  kernel, term: term, start: kernel.pointee.offset(term),
                  gradientScale: kernel.pointee.context.gradientScale(term)))
              kernel.pointee.scatterGradients(term)
            }
          }
        }
      }
    }
  }

  /// The index of the first element of a row.
  @inlinable @inline(__always)
  func offset(_ term: Int) -> Int {
    isStrided ? (term / inner) * length * inner + term % inner : term * length
  }

  /// Copies the row of each input to contiguous memory, if rows are strided.
  @inlinable
  func gather(_ term: Int) {
    guard let scratch else { return }
    let start = offset(term)
    for index in 0..<inputCount {
      guard let real = context.real(index), !isPerRow(index) else { continue }
      let row = scratch + index * length
      for step in 0..<length { row[step] = real[start + step * inner] }
      guard let vector = context.vector(index) else { continue }
      let copy = scratch + (2 * inputCount + index) * length
      for step in 0..<length { copy[step] = vector[start + step * inner] }
    }
  }

  /// Copies the gradients of a gathered row back.
  @inlinable
  func scatterGradients(_ term: Int) {
    guard let scratch else { return }
    let start = offset(term)
    for index in 0..<inputCount {
      guard let gradient = context.gradient(index), !isPerRow(index) else { continue }
      let row = scratch + (inputCount + index) * length
      for step in 0..<length { gradient[start + step * inner] = row[step] }
    }
  }

  /// Zeroes the gradients of a removed row.
  @inlinable
  func clearGradients(_ term: Int) {
    let start = offset(term)
    for index in 0..<inputCount {
      guard let gradient = context.gradient(index) else { continue }
      if isPerRow(index) {
        gradient[term] = 0
      } else {
        for step in 0..<length { gradient[start + step * inner] = 0 }
      }
    }
  }
}
