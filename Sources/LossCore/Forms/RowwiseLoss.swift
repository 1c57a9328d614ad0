/// A loss whose term is a formula of one row along the class axis.
///
/// The form finds the rows wherever the class axis lies, and hands each to `term` as contiguous
/// memory together with the places for its gradients.
public protocol RowwiseLoss: FormLoss {
  /// The term of one row; writes the row's gradients, multiplied by `row.gradientScale`, if wanted.
  func term<S: LossScalar>(_ row: Row<S>) -> S
  /// The term of one row; writes the row's second derivatives, multiplied by `row.gradientScale`,
  /// where its gradients are wanted. Asked only of a loss that lists `rolesWithSecondDerivative`.
  func secondDerivativeTerm<S: LossScalar>(_ row: Row<S>) -> S
  /// What a row weighs by its own target, below zero if it does not count; asked only if
  /// `hasTermWeights`.
  func termWeight<S: LossScalar>(_ row: Row<S>) -> S
  /// How many numbers of working memory a row needs, for ranks or sorted copies.
  func workspaceCount(length: Int) -> Int
}

/// One row of each input, along the class axis.
public struct Row<S: LossScalar> {
  /// The number of classes: how many numbers a row has.
  public let count: Int
  /// What the gradient is multiplied by.
  public let gradientScale: S
  /// As much working memory as the loss asked for, with whatever the row before left in it.
  @inlinable public var workspace: UnsafeMutablePointer<Double> { kernel.pointee.workspace }
  @usableFromInline let kernel: UnsafePointer<RowKernel<S>>
  @usableFromInline let term: Int
  @usableFromInline let start: Int

  @inlinable @inline(__always)
  init(_ kernel: UnsafePointer<RowKernel<S>>, term: Int, start: Int, gradientScale: S) {
    count = kernel.pointee.length
    self.gradientScale = gradientScale
    self.kernel = kernel
    self.term = term
    self.start = start
  }

  /// The numbers of an input, by its place in the signature; nil if it is a class index. An input
  /// without the class axis has one number here.
  @inlinable @inline(__always)
  public subscript(index: Int) -> UnsafePointer<S>? {
    guard let real = kernel.pointee.pass.real(index) else { return nil }
    if kernel.pointee.isPerRow(index) { return real + term }
    return kernel.pointee.scratch.map { UnsafePointer($0 + index * count) } ?? (real + start)
  }

  /// The class that an input names, by its place in the signature; nil if it has numbers.
  @inlinable @inline(__always)
  public func classIndex(_ index: Int) -> Int? {
    kernel.pointee.pass.integers(index).map { $0[term] }
  }

  /// Where the gradient of an input goes, by its place in the signature; nil if it is not wanted.
  @inlinable @inline(__always)
  public func gradient(_ index: Int) -> UnsafeMutablePointer<S>? {
    guard let gradient = kernel.pointee.pass.gradient(index) else { return nil }
    if kernel.pointee.isPerRow(index) { return gradient + term }
    let copies = kernel.pointee.scratch.map { $0 + (kernel.pointee.inputCount + index) * count }
    return copies ?? (gradient + start)
  }
}

extension RowwiseLoss {
  /// A term for each row.
  public var termLayout: TermLayout? { .rows }
  /// Every row weighs 1.
  @inlinable public func termWeight<S: LossScalar>(_ row: Row<S>) -> S { 1 }
  /// None.
  @inlinable public func workspaceCount(length: Int) -> Int { 0 }
  /// Unknown.
  @inlinable public func secondDerivativeTerm<S: LossScalar>(_ row: Row<S>) -> S { .nan }

  /// Asks every row for its weight.
  @inlinable
  public func termWeights<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    let workspace = workspaceCount(length: pass.rows.length)
    // A row without weight is asked as well: one of the ignored class does not count either.
    var all = copy pass
    all.removed = nil
    RowKernel.forEachRow(all, 0..<termWeights.count, workspace: workspace) { row in
      termWeights[row.term] = termWeight(row)
    }
  }

  /// Walks the rows.
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    try forEachRow(pass)
  }

  /// Walks the rows, block by block. A loss that computes something else with some of its options
  /// overrides `run`, and otherwise comes here.
  @inlinable
  public func forEachRow<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    let pass = copy pass
    let all = pass.termCount * pass.rows.length
    for index in pass.inputs.indices {
      let count = pass.inputs[index]?.count ?? all
      if count != all, count != pass.termCount {
        try pass.require([all, pass.termCount], of: "a rowwise loss")
      }
    }
    let isSecond = pass.order == .second
    let workspace = workspaceCount(length: pass.rows.length)
    pass.forEachBlock(elementsPerTerm: pass.rows.length, areLong: true) { range, terms in
      RowKernel.forEachRow(pass, range, workspace: workspace) { row in
        terms[row.term - range.lowerBound] = isSecond ? secondDerivativeTerm(row) : term(row)
      } removed: { term in
        terms[term - range.lowerBound] = 0
      }
    }
  }
}

/// Finds the rows of a pass: in place where the class axis is the last, otherwise by copying.
@usableFromInline struct RowKernel<S: LossScalar> {
  @usableFromInline let pass: KernelContext<S>
  @usableFromInline let inputCount: Int
  @usableFromInline let length: Int
  @usableFromInline let inner: Int
  @usableFromInline let workspace: UnsafeMutablePointer<Double>
  @usableFromInline var scratch: UnsafeMutablePointer<S>?

  @inlinable
  init(_ pass: borrowing KernelContext<S>, _ workspace: UnsafeMutablePointer<Double>) {
    self.pass = copy pass
    self.workspace = workspace
    inputCount = pass.inputs.count
    length = pass.rows.length
    inner = pass.rows.inner
  }

  /// Whether rows have to be copied out and back.
  @inlinable var isStrided: Bool { inner != 1 }

  /// Whether an input has one number a row, such as a label, rather than one a class.
  @inlinable @inline(__always)
  func isPerRow(_ index: Int) -> Bool { pass.inputs[index]?.count != pass.termCount * length }

  /// Calls a function for every row of a range, and another for every removed one, whose gradient
  /// is zero.
  @inlinable @inline(__always)
  static func forEachRow(
    _ pass: borrowing KernelContext<S>, _ range: Range<Int>, workspace: Int,
    _ body: (Row<S>) -> Void,
    removed: (Int) -> Void = { _ in }
  ) {
    guard !range.isEmpty else { return }
    let pass = copy pass
    withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, workspace)) { workspace in
      guard let workspace = workspace.baseAddress else { return }
      var kernel = RowKernel(pass, workspace)
      let copies = kernel.isStrided ? 2 * kernel.inputCount * kernel.length : 0
      withUnsafeTemporaryAllocation(of: S.self, capacity: max(1, copies)) { memory in
        if kernel.isStrided { kernel.scratch = memory.baseAddress }
        withUnsafePointer(to: kernel) { kernel in
          for term in range {
            if kernel.pointee.pass.isRemoved(term) {
              removed(term)
              kernel.pointee.clearGradients(term)
            } else {
              kernel.pointee.gather(term)
              body(
                Row(
                  kernel, term: term, start: kernel.pointee.offset(term),
                  gradientScale: kernel.pointee.pass.gradientScale(term)))
              kernel.pointee.scatterGradients(term)
            }
          }
        }
      }
    }
  }

  /// Where the row of a term begins.
  @inlinable @inline(__always)
  func offset(_ term: Int) -> Int {
    isStrided ? (term / inner) * length * inner + term % inner : term * length
  }

  /// Copies the row of each input to where the formula finds it, if rows are not in one piece.
  @inlinable
  func gather(_ term: Int) {
    guard let scratch else { return }
    let start = offset(term)
    for index in 0..<inputCount {
      guard let real = pass.real(index), !isPerRow(index) else { continue }
      let place = scratch + index * length
      for step in 0..<length { place[step] = real[start + step * inner] }
    }
  }

  /// Brings the gradients of a copied row to their places.
  @inlinable
  func scatterGradients(_ term: Int) {
    guard let scratch else { return }
    let start = offset(term)
    for index in 0..<inputCount {
      guard let gradient = pass.gradient(index), !isPerRow(index) else { continue }
      let place = scratch + (inputCount + index) * length
      for step in 0..<length { gradient[start + step * inner] = place[step] }
    }
  }

  /// The gradient of a removed row is zero.
  @inlinable
  func clearGradients(_ term: Int) {
    let start = offset(term)
    for index in 0..<inputCount {
      guard let gradient = pass.gradient(index) else { continue }
      if isPerRow(index) {
        gradient[term] = 0
      } else {
        for step in 0..<length { gradient[start + step * inner] = 0 }
      }
    }
  }
}
