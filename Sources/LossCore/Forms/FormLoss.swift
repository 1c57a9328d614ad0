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
///     func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) { … }
public protocol FormLoss: LossProtocol {
  /// A class index that removes its term, as a mask does; nil means none.
  var ignoredClass: Int? { get }
  /// Whether terms weigh by their own targets, so that `measure` is to be asked.
  var hasTermWeights: Bool { get }
  /// How the terms follow from the inputs, if each is independent of the others, so that a loss can
  /// be evaluated block by block; nil if they are not.
  var termLayout: TermLayout? { get }
  /// Refuses options that do not fit the number of classes, such as a list with one weight a class.
  func check(classCount: Int) throws(LossError)

  /// Writes what each term weighs by its own target, below zero for a term that does not count.
  ///
  /// The formula already contains these weights; they are asked for because a weighted mean divides
  /// by their sum. `isRemoved` is true for a term that a mask or a weight of zero removes.
  func termWeights(_ pass: borrowing KernelContext<Float>, into termWeights: inout [Float])
  /// The same in `Double`.
  func termWeights(_ pass: borrowing KernelContext<Double>, into termWeights: inout [Double])
  /// Walks the data: computes every term and every gradient that is wanted.
  func run(_ pass: borrowing KernelContext<Float>) throws(LossError)
  /// The same in `Double`.
  func run(_ pass: borrowing KernelContext<Double>) throws(LossError)
}

extension FormLoss {
  /// No class is ignored.
  public var ignoredClass: Int? { nil }
  /// Every term weighs 1.
  public var hasTermWeights: Bool { false }
  /// Terms may depend on each other.
  public var termLayout: TermLayout? { nil }
  /// Every term weighs 1.
  public func termWeights<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {}

  /// Any number of classes is fine.
  public func check(classCount: Int) throws(LossError) {}
}

/// How independent terms follow from the inputs.
public enum TermLayout: Hashable, Sendable {
  /// A term for each element.
  case elements
  /// A term for each row along the class axis.
  case rows
  /// A term for each group of neighbours along the last axis, such as a box.
  case groups
  /// A term for each sample, along the axes that all inputs begin with, such as a sequence.
  case samples
}
