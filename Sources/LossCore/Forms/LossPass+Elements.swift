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
  /// Which derivatives are written, if any.
  public let order: DerivativeOrder?

  init(
    count: Int, terms: UnsafeMutablePointer<S>,
    inputs: (UnsafePointer<S>, UnsafePointer<S>, UnsafePointer<S>),
    gradients: (UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?),
    scale: S, order: DerivativeOrder?
  ) {
    self.count = count
    self.terms = terms
    self.inputs = inputs
    self.gradients = gradients
    self.scale = scale
    self.order = order
  }

  /// The gradient of one of the inputs that is wanted, where there is one: what is computed for an
  /// input without a place of its own goes there, before the right number does.
  @inlinable public var spare: UnsafeMutablePointer<S>? {
    gradients.0 ?? gradients.1 ?? gradients.2
  }
}

extension LossPass {
  /// Calls a formula for every block of elements, and applies masks and weights to what it writes.
  ///
  /// Compiled once, in the core: a formula compiles its loops only.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func forEachElementBlock(_ body: (ElementBlock<S>) -> Void) throws(LossError) {
    for index in 0..<inputs.count where inputs[index]?.count != termCount {
      try require([termCount], of: "an elementwise loss")
    }
    guard let first = real(0) else { return }
    let (second, third) = (real(1) ?? first, real(2) ?? first)
    let wanted = (gradient(0), gradient(1), gradient(2))
    let order = wantsGradient ? order : nil
    forEachBlock(elementsPerTerm: 1) { range, terms in
      let start = range.lowerBound
      body(
        ElementBlock(
          count: range.count, terms: terms, inputs: (first + start, second + start, third + start),
          gradients: (
            wanted.0.map { $0 + start }, wanted.1.map { $0 + start }, wanted.2.map { $0 + start }
          ), scale: scale, order: order))
      if removed != nil || weights != nil { finish(range, terms, wanted) }
    }
  }

  /// A removed term is zero, and so is its gradient; the gradients of others take their weights.
  private func finish(
    _ range: Range<Int>, _ terms: UnsafeMutablePointer<S>,
    _ wanted: (UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?)
  ) {
    if let removed {
      let own = removed + range.lowerBound
      for i in 0..<range.count { terms[i] = own[i] ? 0 : terms[i] }
    }
    for gradient in [wanted.0, wanted.1, wanted.2] {
      guard let gradient else { continue }
      for i in range {
        let isRemoved = removed?[i] ?? false
        gradient[i] = isRemoved ? 0 : gradient[i] * (weights?[i] ?? 1)
      }
    }
  }
}
