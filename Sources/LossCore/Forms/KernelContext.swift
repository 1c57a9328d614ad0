/// The memory of one validated input.
public struct KernelInput<S: LossScalar> {
  /// The elements, if they are real numbers.
  @usableFromInline let real: UnsafePointer<S>?
  /// The elements, if they are indices or lengths.
  @usableFromInline let integers: UnsafePointer<Int>?
  /// The extents of the axes.
  public let shape: Shape
  /// Whether the elements are real numbers of another type, which are converted part by part.
  let isStored: Bool

  init(
    real: UnsafePointer<S>?, integers: UnsafePointer<Int>?, shape: Shape, isStored: Bool = false
  ) {
    self.real = real
    self.integers = integers
    self.shape = shape
    self.isStored = isStored
  }

  /// The number of elements.
  @inlinable public var count: Int { shape.count }
  /// Whether the elements are real numbers.
  public var isReal: Bool { real != nil || isStored }
}

/// The input and output of a kernel: validated inputs, and gradients with their scale.
///
/// The shapes are always valid: the core makes a context only after all checks have passed.
public struct KernelContext<S: LossScalar> {
  /// The inputs in the order of the signature; nil for one that is missing.
  public let inputs: UnsafeBufferPointer<KernelInput<S>?>
  /// The memory for the gradients in the order of the signature; nil for one that is not requested.
  public let gradients: UnsafeBufferPointer<UnsafeMutablePointer<S>?>
  /// The vector that the Hessian is multiplied by, in the order of the signature; nil for a part of
  /// zeros. Empty unless the product is requested.
  public let vectors: UnsafeBufferPointer<UnsafePointer<S>?>
  /// The number of terms.
  public let termCount: Int
  /// The memory layout of the rows along the class axis; a single row if there is no class axis.
  public let rows: RowExtents
  /// The maximum number of threads.
  public let threads: Int
  /// The derivatives to write to `gradients`.
  public let order: DerivativeOrder
  /// Whether the derivatives are those of the value by automatic differentiation, also where the
  /// formula has its own.
  public let usesAutomaticDerivatives: Bool
  /// The common factor of all gradients.
  @usableFromInline let scale: S
  /// The factor of the gradient of each term, in addition to `scale`; nil means 1.
  @usableFromInline let weights: UnsafePointer<S>?
  /// Whether a mask, a weight of zero or an ignored class removes each term; nil means none is
  /// removed.
  @usableFromInline var removed: UnsafePointer<Bool>?
  /// Whether each element of the leading input is kept; nil means all are. Only for region losses.
  public let elementMask: UnsafePointer<Bool>?
  /// The check of domains that goes with the pass; nil for inputs that were checked before.
  @usableFromInline let domains: UnsafePointer<DomainScan<S>>?
  @usableFromInline let terms: UnsafeMutablePointer<S>?
  @usableFromInline let sum: UnsafeMutablePointer<CompensatedSum>
  /// The extents of the named axes; a pointer, since closures copy the context.
  @usableFromInline let binding: UnsafePointer<AxisBinding>
  @usableFromInline package let signature: LossSignature
  /// What collects, or gives, the sums of data that are evaluated in shards. The request holds it.
  @usableFromInline let collector: Unmanaged<PartialCollector>?

  init(
    _ validated: borrowing ValidatedInputs<S>, _ binding: UnsafePointer<AxisBinding>,
    termCount: Int, threads: Int,
    order: DerivativeOrder = .first,
    vectors: UnsafeBufferPointer<UnsafePointer<S>?> = UnsafeBufferPointer(start: nil, count: 0),
    usesAutomaticDerivatives: Bool = false, scale: S,
    weights: UnsafePointer<S>?,
    removed: UnsafePointer<Bool>?, elementMask: UnsafePointer<Bool>?,
    terms: UnsafeMutablePointer<S>?, sum: UnsafeMutablePointer<CompensatedSum>,
    domains: UnsafePointer<DomainScan<S>>? = nil, partial: PartialCollector? = nil
  ) {
    inputs = UnsafeBufferPointer(validated.inputs)
    gradients = UnsafeBufferPointer(validated.gradients)
    self.vectors = vectors
    signature = validated.signature
    self.termCount = termCount
    rows = binding.pointee.rows(of: validated.leading)
    self.threads = threads
    self.order = order
    self.usesAutomaticDerivatives = usesAutomaticDerivatives
    self.scale = scale
    self.weights = weights
    self.removed = removed
    self.elementMask = elementMask
    self.terms = terms
    self.domains = domains
    self.sum = sum
    self.binding = binding
    collector = partial.map { Unmanaged.passUnretained($0) }
  }

  /// The context of a range of terms that are computed by themselves, with the parts of inputs and
  /// gradients that belong to it.
  init(
    _ whole: borrowing KernelContext<S>, terms range: Range<Int>, rows: RowExtents, threads: Int,
    inputs: UnsafeMutableBufferPointer<KernelInput<S>?>,
    gradients: UnsafeMutableBufferPointer<UnsafeMutablePointer<S>?>,
    sum: UnsafeMutablePointer<CompensatedSum>
  ) {
    self.inputs = UnsafeBufferPointer(inputs)
    self.gradients = UnsafeBufferPointer(gradients)
    vectors = UnsafeBufferPointer(start: nil, count: 0)
    signature = whole.signature
    termCount = range.count
    self.rows = rows
    self.threads = threads
    order = whole.order
    usesAutomaticDerivatives = whole.usesAutomaticDerivatives
    scale = whole.scale
    weights = whole.weights.map { $0 + range.lowerBound }
    removed = whole.removed.map { $0 + range.lowerBound }
    elementMask = nil
    terms = whole.terms.map { $0 + range.lowerBound }
    domains = nil
    self.sum = sum
    binding = whole.binding
    collector = whole.collector
  }

  /// What collects, or gives, the sums of data that are evaluated in shards.
  @inlinable package var partial: PartialCollector? {
    guard let collector = collector?.takeUnretainedValue(), collector.share == nil else {
      return nil
    }
    return collector
  }

  /// The samples of each process; nil for a batch that one process evaluates.
  package var share: SampleShare? { collector?.takeUnretainedValue().share }

  /// The real elements of an input, by its index in the signature; nil if it is missing or holds
  /// integers.
  @inlinable @inline(__always)
  public func real(_ index: Int) -> UnsafePointer<S>? {
    index < inputs.count ? inputs[index]?.real : nil
  }

  /// The integers of an input, by its index in the signature; nil if it is missing or holds real
  /// numbers.
  @inlinable @inline(__always)
  public func integers(_ index: Int) -> UnsafePointer<Int>? {
    index < inputs.count ? inputs[index]?.integers : nil
  }

  /// The memory for the gradient of an input, by its index in the signature; nil if it is not
  /// requested.
  @inlinable @inline(__always)
  public func gradient(_ index: Int) -> UnsafeMutablePointer<S>? {
    index < gradients.count ? gradients[index] : nil
  }

  /// The part of the vector that belongs to an input, by its index in the signature; nil if it is
  /// zero.
  @inlinable @inline(__always)
  public func vector(_ index: Int) -> UnsafePointer<S>? {
    index < vectors.count ? vectors[index] : nil
  }

  /// Whether any gradient is requested.
  @inlinable public var wantsGradient: Bool {
    gradients.contains { $0 != nil }
  }

  /// Whether a term is removed by a mask, a weight of zero or an ignored class.
  @inlinable @inline(__always)
  public func isRemoved(_ term: Int) -> Bool { removed.map { $0[term] } ?? false }

  /// The factor of the gradient of a term: upstream gradient × weight ÷ divisor of the reduction.
  @inlinable @inline(__always)
  public func gradientScale(_ term: Int) -> S { weights.map { scale * $0[term] } ?? scale }

  /// Checks the number of elements of every input against the numbers that a form can process.
  ///
  /// - Throws: `LossError` of code `invalid_rank`; the signature of the loss does not fit its form.
  @inlinable
  public func require(_ counts: [Int], of form: String) throws(LossError) {
    for index in inputs.indices {
      guard let input = inputs[index], !counts.contains(input.count) else { continue }
      throw LossError(
        .invalidRank, subject: signature.inputs[index].role.name,
        found: "has shape \(input.shape) in the signature of this loss",
        expected: "the number of elements that \(form) reads")
    }
  }

  /// The position of the class axis in the inputs that have it; nil if the loss has none.
  public var classAxis: Int? { binding.pointee.classAxis }

  /// The extent of an axis by its name in the signature; 1 if there is no such axis.
  public func extent(_ name: String) -> Int { binding.pointee.extent(name, signature) ?? 1 }
}
