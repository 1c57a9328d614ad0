/// Where the elements of up to three inputs lie, and where their gradients go.
public struct ElementMemory<S: LossScalar> {
  @usableFromInline let inputs: (UnsafePointer<S>, UnsafePointer<S>, UnsafePointer<S>)
  @usableFromInline let gradients:
    (UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?)
  @usableFromInline let scale: S
  /// Which derivatives are written; nil for none.
  public let order: DerivativeOrder?
}

/// The elements of one block: where they lie, and where their terms and gradients go.
///
/// Removed terms and weights are no concern of the formula: the pass applies both to what it wrote.
public struct ElementBlock<S: LossScalar> {
  /// How many elements there are.
  public let count: Int
  /// Where the terms go.
  public let terms: UnsafeMutablePointer<S>
  /// The elements of the first, second and third input; of an input that is not there, the first's.
  public let inputs: (UnsafePointer<S>, UnsafePointer<S>, UnsafePointer<S>)
  /// Where the gradients of the three go; nil for one that is not wanted.
  public let gradients:
    (UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?)
  /// The factor of every gradient.
  public let scale: S

  /// A range of the elements of a pass.
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
    scale = memory.scale
  }

  /// The gradient of one of the inputs that is wanted, where there is one: what is computed for an
  /// input without a place of its own goes there, before the right number does.
  @inlinable @inline(__always)
  public var spare: UnsafeMutablePointer<S>? { gradients.0 ?? gradients.1 ?? gradients.2 }
}

extension KernelContext {
  /// The memory of the elements.
  ///
  /// - Throws: `LossError` for a signature of which an input has another number of elements than
  ///   there are terms.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func elementMemory() throws(LossError) -> ElementMemory<S>? {
    for index in 0..<inputs.count where inputs[index]?.count != termCount {
      try require([termCount], of: "an elementwise loss")
    }
    guard let first = real(0) else { return nil }
    return ElementMemory(
      inputs: (first, real(1) ?? first, real(2) ?? first),
      gradients: (gradient(0), gradient(1), gradient(2)), scale: scale,
      order: wantsGradient ? order : nil)
  }

  /// Calls a formula for every block of elements, and applies masks and weights to what it writes.
  ///
  /// Compiled with each formula: what a call to another module adds to a block is a tenth of a squared
  /// error.
  @inlinable
  public func forEachElementBlock(_ body: (Range<Int>, UnsafeMutablePointer<S>) -> Void) {
    if removed == nil, weights == nil {
      evaluateBlocks(elementsPerTerm: 1, areLong: false, workers: threads) { range, terms, _ in
        body(range, terms)
      }
    } else {
      evaluateBlocks(elementsPerTerm: 1, areLong: false, workers: threads) { range, terms, _ in
        body(range, terms)
        finish(range, terms)
      }
    }
  }

  /// A removed term is zero, and so is its gradient; the gradients of others take their weights.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func finish(_ range: Range<Int>, _ terms: UnsafeMutablePointer<S>) {
    if let removed {
      let own = removed + range.lowerBound
      for i in 0..<range.count { terms[i] = own[i] ? 0 : terms[i] }
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
