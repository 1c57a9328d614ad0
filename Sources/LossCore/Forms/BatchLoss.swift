/// A loss whose terms depend on the whole batch: pairs of rows, sorted elements, transforms.
///
/// The form provides the validated inputs and the memory for the terms; the loss iterates over the
/// data itself. Use this form for formulas that fit no other form.
public protocol BatchLoss: FormLoss {
  /// Writes every unweighted term and every requested gradient, which includes the `gradientScale`
  /// of each term; that of a removed term is zero.
  func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError)
}

extension BatchLoss {
  /// The terms may depend on all rows.
  @inlinable public var properties: [LossProperty] { [.batchDependent] }

  /// Computes the terms, then sums or stores them.
  @inlinable
  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    let all = UnsafeMutablePointer<S>.allocate(capacity: max(1, context.termCount))
    defer { all.deallocate() }
    try terms(context, into: all)
    let context = copy context
    context.forEachBlock(elementsPerTerm: 1) { range, terms in
      for term in range {
        terms[term - range.lowerBound] = context.isRemoved(term) ? 0 : all[term]
      }
    }
  }
}
