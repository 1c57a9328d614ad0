/// A loss that is evaluated by a form: the core validates the inputs and plans the reduction, the
/// form iterates over the data, and the loss provides the formula.
///
/// Conform to one of the forms (`ElementwiseLoss`, `RowwiseLoss`, `RegionLoss`, `SequenceLoss`,
/// `BatchLoss`), which implement `run`.
///
/// This protocol is the boundary of specialisation. The requirements that take a context are
/// concrete in `Float` and `Double`, so that a module compiles only the loops of its own losses;
/// everything before and after them is compiled once, in the core. One generic function satisfies
/// both:
///
///     func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) { … }
public protocol FormLoss: LossProtocol {
  /// A class index whose terms are removed, as by a mask (`ignore_index`); nil means none.
  var ignoredClass: Int? { get }
  /// Whether the loss weights its terms, for example by class, and so implements `termWeights`.
  var hasTermWeights: Bool { get }
  /// The parts of the inputs that each term depends on, if the terms are independent of each other,
  /// so that the loss can be evaluated in parts by a `LossStream`; nil if they are not.
  var termLayout: TermLayout? { get }
  /// Checks the options against the number of classes, such as a list with one weight per class.
  func check(classCount: Int) throws(LossError)

  /// Writes the weight that the loss gives to each term; a negative weight removes the term.
  ///
  /// The formula already contains these weights; a weighted mean needs them, since it divides by
  /// their sum. `isRemoved` is true for a term that a mask or a weight of zero removes.
  func termWeights(_ context: borrowing KernelContext<Float>, into termWeights: inout [Float])
  /// Writes the weight that the loss gives to each term, in `Double`.
  func termWeights(_ context: borrowing KernelContext<Double>, into termWeights: inout [Double])
  /// Computes every term and every requested gradient.
  func run(_ context: borrowing KernelContext<Float>) throws(LossError)
  /// Computes every term and every requested gradient, in `Double`.
  func run(_ context: borrowing KernelContext<Double>) throws(LossError)
}

extension FormLoss {
  /// No class is ignored.
  public var ignoredClass: Int? { nil }
  /// All terms have the weight 1.
  public var hasTermWeights: Bool { false }
  /// Terms may depend on each other.
  public var termLayout: TermLayout? { nil }
  /// All terms have the weight 1.
  public func termWeights<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {}

  /// Accepts any number of classes.
  public func check(classCount: Int) throws(LossError) {}
}

/// The part of the inputs that one independent term is computed from.
public enum TermLayout: Hashable, Sendable {
  /// One term per element.
  case elements
  /// One term per row along the class axis.
  case rows
  /// One term per group of adjacent elements along the last axis, such as a box.
  case groups
  /// One term per sample, along the leading axes that all inputs share, such as a sequence.
  case samples
}
