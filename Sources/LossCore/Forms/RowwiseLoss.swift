/// A loss whose term is a formula of one row along the class axis.
///
/// The form finds the rows wherever the class axis lies, and hands each to `term` as contiguous
/// memory together with the places for its gradients.
public protocol RowwiseLoss: FormLoss {
  /// The term of one row; writes the row's gradients, multiplied by `row.coefficient`, if wanted.
  func term<S: LossScalar>(_ row: Row<S>) -> S
  /// What a row weighs by its own target, below zero if it does not count; asked only if
  /// `weighsTerms`.
  func measure<S: LossScalar>(_ row: Row<S>) -> S
}

/// One row of each input, along the class axis.
public struct Row<S: LossScalar> {
  /// The number of classes: how many numbers a row has.
  public let count: Int
  /// What the gradient is multiplied by.
  public let coefficient: S
  @usableFromInline let reals: Slots<UnsafePointer<S>>
  @usableFromInline let classes: Slots<Int>
  @usableFromInline let gradients: Slots<UnsafeMutablePointer<S>>

  @usableFromInline
  init(
    count: Int, coefficient: S, reals: Slots<UnsafePointer<S>>, classes: Slots<Int>,
    gradients: Slots<UnsafeMutablePointer<S>>
  ) {
    self.count = count
    self.coefficient = coefficient
    self.reals = reals
    self.classes = classes
    self.gradients = gradients
  }

  /// The numbers of an input, by its place in the signature; nil if it is a class index. An input
  /// without the class axis has one number here.
  @inlinable @inline(__always)
  public subscript(index: Int) -> UnsafePointer<S>? { reals[index] }

  /// The class that an input names, by its place in the signature; nil if it has numbers.
  @inlinable @inline(__always)
  public func classIndex(_ index: Int) -> Int? { classes[index] }

  /// Where the gradient of an input goes, by its place in the signature; nil if it is not wanted.
  @inlinable @inline(__always)
  public func gradient(_ index: Int) -> UnsafeMutablePointer<S>? { gradients[index] }
}

extension RowwiseLoss {
  /// Every row weighs 1.
  @inlinable public func measure<S: LossScalar>(_ row: Row<S>) -> S { 1 }

  /// Asks every row for its weight.
  @inlinable
  public func measure<S: LossScalar>(_ pass: borrowing LossPass<S>, into measures: inout [S]) {
    var walk = RowWalk(pass, inputCount: signature.inputs.count)
    walk.withScratch { walk in
      for term in measures.indices {
        measures[term] = measure(walk.row(term, coefficient: 0))
      }
    }
  }

  /// Walks the rows, block by block.
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) {
    let inputCount = signature.inputs.count
    let pass = copy pass
    pass.forEachBlock(elementsPerTerm: pass.rows.length) { range, terms in
      var walk = RowWalk(pass, inputCount: inputCount)
      walk.withScratch { walk in
        for term in range {
          if pass.isRemoved(term) {
            terms[term - range.lowerBound] = 0
            walk.clearGradients(term)
          } else {
            let row = walk.row(term, coefficient: pass.coefficient(term))
            terms[term - range.lowerBound] = self.term(row)
            walk.scatterGradients(term)
          }
        }
      }
    }
  }
}

/// Finds the rows of a pass: in place where the class axis is the last, otherwise by copying.
@usableFromInline struct RowWalk<S: LossScalar> {
  @usableFromInline let pass: LossPass<S>
  @usableFromInline let inputCount: Int
  @usableFromInline let length: Int
  @usableFromInline let inner: Int
  @usableFromInline var scratch: UnsafeMutablePointer<S>?

  @inlinable
  init(_ pass: borrowing LossPass<S>, inputCount: Int) {
    self.pass = copy pass
    self.inputCount = inputCount
    length = pass.rows.length
    inner = pass.rows.inner
  }

  /// Whether rows have to be copied out and back.
  @inlinable var isStrided: Bool { inner != 1 }

  /// Whether an input has one number a row, such as a label, rather than one a class.
  @inlinable @inline(__always)
  func isPerRow(_ index: Int) -> Bool { pass.inputs[index]?.count != pass.termCount * length }

  /// Gives the walk memory for one row of each input and each gradient, if it has to copy.
  @inlinable
  mutating func withScratch(_ body: (inout RowWalk) -> Void) {
    guard isStrided else { return body(&self) }
    withUnsafeTemporaryAllocation(of: S.self, capacity: max(1, 2 * inputCount * length)) { memory in
      scratch = memory.baseAddress
      body(&self)
      scratch = nil
    }
  }

  /// Where the row of a term begins.
  @inlinable @inline(__always)
  func offset(_ term: Int) -> Int {
    isStrided ? (term / inner) * length * inner + term % inner : term * length
  }

  @inlinable @inline(__always)
  func row(_ term: Int, coefficient: S) -> Row<S> {
    var reals = Slots<UnsafePointer<S>>()
    var classes = Slots<Int>()
    var gradients = Slots<UnsafeMutablePointer<S>>()
    let start = offset(term)
    for index in 0..<inputCount {
      if let classIndices = pass.integers(index) {
        classes[index] = classIndices[term]
      } else if let real = pass.real(index) {
        if isPerRow(index) {
          reals[index] = real + term
          gradients[index] = pass.gradients[index].map { $0 + term }
        } else if let scratch {
          let place = scratch + index * length
          for step in 0..<length { place[step] = real[start + step * inner] }
          reals[index] = UnsafePointer(place)
          if pass.gradients[index] != nil {
            gradients[index] = scratch + (inputCount + index) * length
          }
        } else {
          reals[index] = real + start
          gradients[index] = pass.gradients[index].map { $0 + start }
        }
      }
    }
    return Row(
      count: length, coefficient: coefficient, reals: reals, classes: classes,
      gradients: gradients)
  }

  /// Brings the gradients of a copied row to their places.
  @inlinable
  func scatterGradients(_ term: Int) {
    guard let scratch else { return }
    let start = offset(term)
    for index in 0..<inputCount {
      guard let gradient = pass.gradients[index], !isPerRow(index) else { continue }
      let place = scratch + (inputCount + index) * length
      for step in 0..<length { gradient[start + step * inner] = place[step] }
    }
  }

  /// The gradient of a removed row is zero.
  @inlinable
  func clearGradients(_ term: Int) {
    let start = offset(term)
    for index in 0..<inputCount {
      guard let gradient = pass.gradients[index] else { continue }
      if isPerRow(index) {
        gradient[term] = 0
      } else {
        for step in 0..<length { gradient[start + step * inner] = 0 }
      }
    }
  }
}
