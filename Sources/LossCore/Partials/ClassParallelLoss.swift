/// A loss that processes evaluate together where each has some of the classes, as in
/// vocabulary-parallel training.
public protocol ClassParallelLoss: LossProtocol {
  /// The value of all classes, and gradients with respect to the inputs of this process.
  ///
  /// - Throws: `LossError` for invalid inputs and for processes whose inputs do not fit; on every
  ///   process if it throws on one.
  func evaluate(
    _ inputs: LossInputs, classes: Range<Int>, gradientsOf roles: [Role], reduction: Reduction?,
    classAxis: Int?, upstream: AnyTensor?, in element: ElementType?, threads: Int,
    domainChecks: DomainChecks?, over group: some ProcessGroup
  ) throws(LossError) -> LossResult
}
