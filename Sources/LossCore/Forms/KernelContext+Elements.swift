/// The memory of the elements of up to three inputs, and of their gradients.
public struct ElementMemory<S: LossScalar> {
  @usableFromInline let inputs: (UnsafePointer<S>, UnsafePointer<S>, UnsafePointer<S>)
  @usableFromInline let gradients:
    (UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?)
  @usableFromInline let vectors: (UnsafePointer<S>?, UnsafePointer<S>?, UnsafePointer<S>?)
  @usableFromInline let scale: S
  /// The derivatives to write; nil for none.
  public let order: DerivativeOrder?

  /// Whether the vector and the product of the Hessian have no part but that of the first input.
  @inlinable var isOfFirstInput: Bool {
    vectors.1 == nil && vectors.2 == nil && gradients.1 == nil && gradients.2 == nil
  }
}

/// One block of elements: the inputs, and the memory for terms and gradients.
///
/// The formula ignores masks and weights: the context applies them to the terms and gradients that
/// the formula has written.
public struct ElementBlock<S: LossScalar> {
  /// The number of elements.
  public let count: Int
  /// The memory for the terms.
  public let terms: UnsafeMutablePointer<S>
  /// The elements of the first, second and third input; a missing input repeats the first.
  public let inputs: (UnsafePointer<S>, UnsafePointer<S>, UnsafePointer<S>)
  /// The memory for the gradients of the three inputs; nil for a gradient that is not requested.
  public let gradients:
    (UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?)
  /// The vector that the Hessian is multiplied by, for each of the three inputs; nil for zeros.
  public let vectors: (UnsafePointer<S>?, UnsafePointer<S>?, UnsafePointer<S>?)
  /// The common factor of all gradients.
  public let scale: S

  /// The block of a range of elements.
  @inlinable @inline(__always)
  public init(
    _ memory: ElementMemory<S>, _ range: Range<Int>, _ terms: UnsafeMutablePointer<S>
  ) {
    let start = range.lowerBound
    count = range.count
    self.terms = terms
    let (inputs, gradients) = (memory.inputs, memory.gradients)
    self.inputs = (inputs.0 + start, inputs.1 + start, inputs.2 + start)
    self.gradients = (
      gradients.0.map { $0 + start }, gradients.1.map { $0 + start },
      gradients.2.map { $0 + start }
    )
    let vectors = memory.vectors
    self.vectors = (
      vectors.0.map { $0 + start }, vectors.1.map { $0 + start }, vectors.2.map { $0 + start }
    )
    scale = memory.scale
  }

  /// The most elements of a block.
  @inlinable @inline(__always)
  public static var maximumCount: Int { Blocks.elementsInBlock(S.self) }

  /// Calls a function with memory for the gradients of all inputs. Those that are not requested go to
  /// memory of their own: a loop whose writes overlap is not vectorised.
  @inlinable @inline(__always)
  func withAllGradients(
    _ body: (UnsafeMutablePointer<S>, UnsafeMutablePointer<S>, UnsafeMutablePointer<S>) -> Void
  ) {
    // Two blocks that each fit on the stack.
    withUnsafeTemporaryAllocation(of: S.self, capacity: count) { first in
      withUnsafeTemporaryAllocation(of: S.self, capacity: count) { second in
        guard let first = first.baseAddress, let second = second.baseAddress else { return }
        // At most two of three are missing.
        let (hasFirst, hasSecond) = (gradients.0 != nil, gradients.1 != nil)
        body(
          gradients.0 ?? first, gradients.1 ?? (hasFirst ? first : second),
          gradients.2 ?? (hasFirst && hasSecond ? first : second))
      }
    }
  }

  /// One of the requested gradients, if there is one. A loop writes the derivative of an input
  /// without a requested gradient there first, and then overwrites it.
  @inlinable @inline(__always)
  public var scratchGradient: UnsafeMutablePointer<S>? { gradients.0 ?? gradients.1 ?? gradients.2 }
}

extension KernelContext {
  /// The memory of all elements.
  ///
  /// - Throws: `LossError` if an input has a different number of elements than there are terms.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func elementMemory() throws(LossError) -> ElementMemory<S>? {
    for index in 0..<inputs.count where inputs[index]?.count != termCount {
      try require([termCount], of: "an elementwise loss")
    }
    guard let first = real(0) else { return nil }
    return ElementMemory(
      inputs: (first, real(1) ?? first, real(2) ?? first),
      gradients: (gradient(0), gradient(1), gradient(2)),
      vectors: (vector(0), vector(1), vector(2)), scale: scale,
      order: wantsGradient ? order : nil)
  }

  /// Calls a formula for every block of elements, and applies masks and weights to the terms and
  /// gradients that it writes.
  ///
  /// Compiled with each formula: a call into another module would add a tenth of the time of a
  /// squared error to each block.
  @inlinable
  public func forEachElementBlock(_ body: (Range<Int>, UnsafeMutablePointer<S>) -> Void) {
    let isPlain = removed == nil && weights == nil
    evaluateBlocks(elementsPerTerm: 1, inWholeChunks: false, workers: threads) {
      range, terms, _ in
      body(range, terms)
      if !isPlain { applyMaskAndWeights(range, terms) }
    }
  }

  /// Zeroes the removed terms and their gradients, and multiplies the other gradients by their
  /// weights.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func applyMaskAndWeights(_ range: Range<Int>, _ terms: UnsafeMutablePointer<S>) {
    if let removed {
      let isRemoved = removed + range.lowerBound
      for i in 0..<range.count { terms[i] = isRemoved[i] ? 0 : terms[i] }
    }
    for gradient in gradients {
      guard let gradient else { continue }
      for i in range {
        let isRemoved = removed?[i] ?? false
        gradient[i] = isRemoved ? 0 : gradient[i] * (weights?[i] ?? 1)
      }
    }
  }
}
