/// One validated input, as memory.
public struct KernelInput<S: LossScalar> {
  /// The elements, if they are real numbers.
  @usableFromInline let real: UnsafePointer<S>?
  /// The elements, if they are indices or lengths.
  @usableFromInline let integers: UnsafePointer<Int>?
  /// The extents of the axes.
  public let shape: Shape

  init(real: UnsafePointer<S>?, integers: UnsafePointer<Int>?, shape: Shape) {
    self.real = real
    self.integers = integers
    self.shape = shape
  }

  /// The number of elements.
  @inlinable public var count: Int { shape.count }
  /// Whether the elements are real numbers.
  @inlinable public var isReal: Bool { real != nil }
}

/// What a form works on: validated inputs, where the gradients go and what they are scaled by.
///
/// Cannot exist in a wrong shape: the station makes it after every check.
public struct KernelContext<S: LossScalar> {
  /// The inputs in the order of the signature; empty for one that was left out.
  public let inputs: UnsafeBufferPointer<KernelInput<S>?>
  /// Where the gradients go, in the order of the signature; empty for one that is not wanted.
  public let gradients: UnsafeBufferPointer<UnsafeMutablePointer<S>?>
  /// The number of terms.
  public let termCount: Int
  /// How the rows along the class axis lie in memory; one row of everything if there is none.
  public let rows: RowExtents
  /// How many threads may work at once.
  public let threads: Int
  /// What goes where gradients are wanted.
  public let order: DerivativeOrder
  /// The factor of every gradient.
  @usableFromInline let scale: S
  /// The factor of the gradient of each term, beside `scale`; nil means 1.
  @usableFromInline let weights: UnsafePointer<S>?
  /// The terms that a mask, a weight of zero or an ignored class removes; nil means none.
  @usableFromInline var removed: UnsafePointer<Bool>?
  /// The elements of the leading input that count; nil means all. Only for losses over regions.
  public let elementMask: UnsafePointer<Bool>?
  @usableFromInline let terms: UnsafeMutablePointer<S>?
  @usableFromInline let sum: UnsafeMutablePointer<CompensatedSum>
  /// Where the extents of the named axes are; a pointer, since a pass is copied into closures.
  @usableFromInline let binding: UnsafePointer<AxisBinding>
  @usableFromInline package let signature: LossSignature

  init(
    _ validated: borrowing ValidatedInputs<S>, _ binding: UnsafePointer<AxisBinding>,
    termCount: Int, threads: Int,
    order: DerivativeOrder = .first, scale: S, weights: UnsafePointer<S>?,
    removed: UnsafePointer<Bool>?, elementMask: UnsafePointer<Bool>?,
    terms: UnsafeMutablePointer<S>?, sum: UnsafeMutablePointer<CompensatedSum>
  ) {
    inputs = UnsafeBufferPointer(validated.inputs)
    gradients = UnsafeBufferPointer(validated.gradients)
    signature = validated.signature
    self.termCount = termCount
    rows = binding.pointee.rows(of: validated.leading)
    self.threads = threads
    self.order = order
    self.scale = scale
    self.weights = weights
    self.removed = removed
    self.elementMask = elementMask
    self.terms = terms
    self.sum = sum
    self.binding = binding
  }

  /// The real elements of an input that the signature promises, by its place in the signature.
  @inlinable @inline(__always)
  public func real(_ index: Int) -> UnsafePointer<S>? {
    index < inputs.count ? inputs[index]?.real : nil
  }

  /// The whole numbers of an input, by its place in the signature; nil if it was left out or was
  /// given as real numbers.
  @inlinable @inline(__always)
  public func integers(_ index: Int) -> UnsafePointer<Int>? {
    index < inputs.count ? inputs[index]?.integers : nil
  }

  /// Where the gradient of an input goes, by its place in the signature; nil if it is not wanted.
  @inlinable @inline(__always)
  public func gradient(_ index: Int) -> UnsafeMutablePointer<S>? {
    index < gradients.count ? gradients[index] : nil
  }

  /// Whether any gradient is wanted.
  @inlinable public var wantsGradient: Bool {
    gradients.contains { $0 != nil }
  }

  /// Whether a term is removed by a mask, a weight of zero or an ignored class.
  @inlinable @inline(__always)
  public func isRemoved(_ term: Int) -> Bool { removed.map { $0[term] } ?? false }

  /// What the gradient of a term is multiplied by.
  @inlinable @inline(__always)
  public func gradientScale(_ term: Int) -> S { weights.map { scale * $0[term] } ?? scale }

  /// Refuses a signature that a form cannot walk: one with an input that has another number of
  /// elements than the form will read.
  @inlinable
  public func require(_ counts: [Int], of form: String) throws(LossError) {
    for index in inputs.indices {
      guard let input = inputs[index], !counts.contains(input.count) else { continue }
      throw LossError(
        .invalidRank, subject: signature.inputs[index].role.name,
        found: "has shape \(input.shape) by the signature of this loss",
        expected: "as many elements as \(form) reads")
    }
  }

  /// The position of the class axis in the inputs that have it; nil if the loss has none.
  public var classAxis: Int? { binding.pointee.classAxis }

  /// The extent of an axis by the name that the signature gave it; 1 if there is no such axis.
  public func extent(_ name: String) -> Int { binding.pointee.extent(name, signature) ?? 1 }
}
