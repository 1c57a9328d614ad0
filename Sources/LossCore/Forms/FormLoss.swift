/// A loss that is computed by a form: the core checks the inputs and plans the reduction, the form
/// walks the data, the loss gives the formula.
///
/// A loss conforms to one of the forms (`ElementwiseLoss`, `RowwiseLoss`, `RegionLoss`,
/// `SequenceLoss`, `BatchLoss`), each of which implements `run`.
///
/// This is the boundary of compilation. The requirements that take a pass are concrete in `Float` and
/// `Double`, so that a module compiles the loops of its own losses, and nothing else: everything
/// before and after them is compiled once, in the core. One generic function satisfies both:
///
///     func run<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) { … }
public protocol FormLoss: LossProtocol {
  /// A class index that removes its term, as a mask does; nil means none.
  var ignoredClass: Int? { get }
  /// Whether terms weigh by their own targets, so that `measure` is to be asked.
  var weighsTerms: Bool { get }
  /// Refuses options that do not fit the number of classes, such as a list with one weight a class.
  func check(classCount: Int) throws(LossError)

  /// Writes what each term weighs by its own target, below zero for a term that does not count.
  ///
  /// The formula already contains these weights; they are asked for because a weighted mean divides
  /// by their sum. `isRemoved` is true for a term that a mask or a weight of zero removes.
  func measure(_ pass: borrowing LossPass<Float>, into measures: inout [Float])
  /// The same in `Double`.
  func measure(_ pass: borrowing LossPass<Double>, into measures: inout [Double])
  /// Walks the data: computes every term and every gradient that is wanted.
  func run(_ pass: borrowing LossPass<Float>) throws(LossError)
  /// The same in `Double`.
  func run(_ pass: borrowing LossPass<Double>) throws(LossError)
}

extension FormLoss {
  /// No class is ignored.
  public var ignoredClass: Int? { nil }
  /// Every term weighs 1.
  public var weighsTerms: Bool { false }
  /// Every term weighs 1.
  public func measure<S: LossScalar>(_ pass: borrowing LossPass<S>, into measures: inout [S]) {}

  /// Any number of classes is fine.
  public func check(classCount: Int) throws(LossError) {}

  /// Evaluates in `Float`.
  @export(interface)
  public func evaluate(_ call: inout LossCall<Float>) throws(LossError) { try call.run(self) }
  /// Evaluates in `Double`.
  @export(interface)
  public func evaluate(_ call: inout LossCall<Double>) throws(LossError) { try call.run(self) }
}

extension LossCall where S: LossElement {
  /// The whole flow: check the inputs, plan the reduction, walk the data, reduce.
  ///
  /// Inlined into the two functions that evaluate a loss, so that it is compiled for both elements.
  @inline(__always)
  mutating func run(_ loss: some FormLoss) throws(LossError) {
    let signature = loss.signature
    let count = signature.inputs.count
    try withUnsafeTemporaryAllocation(of: PassInput<S>?.self, capacity: count) {
      (inputs) throws(LossError) in
      try withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<S>?.self, capacity: count) {
        (gradients) throws(LossError) in
        var bound = BoundInputs<S>(signature, inputs: inputs, gradients: gradients)
        defer { bound.release() }
        try run(loss, signature, &bound)
      }
    }
  }

  @inline(__always)
  private mutating func run(
    _ loss: some FormLoss, _ signature: LossSignature, _ bound: inout BoundInputs<S>
  ) throws(LossError) {
    do throws(LossError) {
      try loss.options.validate()
      if order == .second { try refuseSecondDerivative(of: loss) }
      try bind(to: signature, into: &bound)
      if signature.classAxis != nil {
        try loss.check(classCount: bound.binding.rows(of: bound.leading).length)
      }
      let terms = try termWeights(of: loss, signature, &bound)
      let count = bound.binding.count(of: signature.termCodes)
      let plan = try plan(terms, bound.binding, signature.termCodes, count: count)
      let mask = try elementMask(signature, &bound)
      try checkClasses(signature, bound, ignoring: loss.ignoredClass, removed: plan.removed)
      let threads = threads
      let order = order
      try execute(plan, count: count) { (results, sum, weights, removed) throws(LossError) in
        try S.run(
          loss,
          LossPass(
            bound, signature, termCount: count, threads: threads, order: order, scale: plan.scale,
            weights: weights, removed: removed, elementMask: mask, terms: results, sum: sum))
      }
    } catch {
      throw error.named(loss.name)
    }
  }
}

extension LossCall {
  func refuseSecondDerivative(of loss: some LossProtocol) throws(LossError) {
    for gradient in gradients where !loss.rolesWithSecondDerivative.contains(gradient.role) {
      let roles = loss.rolesWithSecondDerivative.map(\.name)
      throw LossError(
        .unknownInput, subject: gradient.role.name, found: "has no second derivative",
        expected: roles.isEmpty ? "only values and gradients" : roles.joined(separator: ", "))
    }
  }

  /// Gives the form a place for its terms, and makes the result of what it leaves there.
  @inline(__always)
  mutating func execute(
    _ plan: TermPlan<S>, count: Int,
    _ run: (
      UnsafeMutablePointer<S>?, UnsafeMutablePointer<WideSum>, UnsafePointer<S>?,
      UnsafePointer<Bool>?
    ) throws(LossError) -> Void
  ) throws(LossError) {
    var sum = total
    var terms: [S]?
    switch plan.outcome {
    case .quotient, .constant: break
    case .terms, .grouped: terms = Array(repeating: 0, count: count)
    }
    try plan.weights.withPointer { (weights) throws(LossError) in
      try plan.removed.withPointer { (removed) throws(LossError) in
        try terms.withMutablePointer { (results) throws(LossError) in
          try withUnsafeMutablePointer(to: &sum) { (sum) throws(LossError) in
            try run(results, sum, weights, removed)
          }
        }
      }
    }
    total = sum
    switch plan.outcome {
    case .quotient(let divisor): finish(S(sum.value / divisor))
    case .constant(let constant): finish(constant)
    case .terms: finish(Tensor(trusted: plan.shape, terms ?? []))
    case .grouped(let groups):
      let empty = try emptyValueIfNeeded(groups)
      finish(Tensor(trusted: plan.shape, groups.reduce(terms ?? [], empty: empty)))
    }
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func emptyValueIfNeeded(_ groups: TermGroups) throws(LossError) -> S {
    groups.isDead.contains(true) ? try emptyValue() : 0
  }
}

extension Optional {
  /// The memory of an array that may not be there, for the length of a call.
  @inlinable
  func withPointer<Element, Result>(
    _ body: (UnsafePointer<Element>?) throws(LossError) -> Result
  ) throws(LossError) -> Result where Wrapped == [Element] {
    guard let self else { return try body(nil) }
    return try self.withUnsafeBufferPointer { (buffer) throws(LossError) in
      try body(buffer.baseAddress)
    }
  }

  @inlinable
  mutating func withMutablePointer<Element, Result>(
    _ body: (UnsafeMutablePointer<Element>?) throws(LossError) -> Result
  ) throws(LossError) -> Result where Wrapped == [Element] {
    guard var array = self else { return try body(nil) }
    self = nil
    defer { self = array }
    return try array.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try body(buffer.baseAddress)
    }
  }
}
