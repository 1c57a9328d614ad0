/// A loss whose terms depend on the whole input: couples of rows, sorted elements, transforms.
///
/// The form gives the validated memory and a place for the terms; the loss does the walking. It is
/// the form for formulas that no other form holds.
public protocol BatchLoss: FormLoss {
  /// Writes every term, unweighted, and every gradient that is wanted, each multiplied by the
  /// coefficient of the terms that it comes from. A removed term has the coefficient zero.
  func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError)
}

extension BatchLoss {
  /// Terms may depend on all rows.
  @inlinable public var properties: [LossProperty] { [.batchDependent] }

  /// Lets the loss compute its terms, then sums or keeps them.
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    let all = UnsafeMutablePointer<S>.allocate(capacity: max(1, pass.termCount))
    defer { all.deallocate() }
    try terms(pass, into: all)
    let pass = copy pass
    pass.forEachBlock(elementsPerTerm: 1) { range, terms in
      for term in range {
        terms[term - range.lowerBound] = pass.isRemoved(term) ? 0 : all[term]
      }
    }
  }
}
