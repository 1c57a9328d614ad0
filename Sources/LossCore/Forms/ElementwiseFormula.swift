/// A formula of the corresponding elements of the inputs, with the loops over the elements.
///
/// Conform to one of the refined protocols, by the quantity that the term depends on:
/// `DistanceFormula` (the residual), `MarginFormula` (the product of prediction and target),
/// `PairFormula`, `TripleFormula` or `SingleFormula`.
///
/// Every loop is compiled once per element type, so there are as few as speed allows: one for the
/// value, one or two for the gradients, and one for the second derivative if there is one.
public protocol ElementwiseFormula: Sendable {
  /// Writes the terms of a block.
  func writeValues<S: LossScalar>(_ block: ElementBlock<S>)
  /// Writes the terms of a block and the requested gradients.
  func writeGradients<S: LossScalar>(_ block: ElementBlock<S>)
}

extension ElementwiseFormula {
  /// Evaluates all elements, block by block.
  @inlinable
  public func evaluateTerms<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError)
  {
    guard let memory = try context.elementMemory() else { return }
    if memory.order == nil {
      context.forEachElementBlock { writeValues(ElementBlock(memory, $0, $1)) }
    } else {
      context.forEachElementBlock { writeGradients(ElementBlock(memory, $0, $1)) }
    }
  }
}

/// A formula of a pair of numbers, with its derivatives.
public protocol PairFormula: ElementwiseFormula {
  /// The term of one pair.
  func value<S: LossScalar>(_ prediction: S, _ target: S) -> S
  /// The derivatives of the term with respect to prediction and target. The second is ignored if
  /// the target has no gradient by the signature.
  func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S)
}

extension PairFormula {
  /// Writes the terms of a block.
  @inlinable @inline(__always)
  public func writeValues<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    for i in 0..<block.count { terms[i] = value(a[i], b[i]) }
  }

  /// Writes the terms of a block and the requested gradients.
  @inlinable @inline(__always)
  public func writeGradients<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    let scale = block.scale
    guard let first = block.scratchGradient else { return }
    guard let second = block.gradients.1 else {
      for i in 0..<block.count {
        let (x, y) = (a[i], b[i])
        terms[i] = value(x, y)
        first[i] = derivative(x, y).0 * scale
      }
      return
    }
    // If only the second gradient is requested, `first` is `second`, and the last write remains.
    for i in 0..<block.count {
      let (x, y) = (a[i], b[i])
      terms[i] = value(x, y)
      let derivative = derivative(x, y)
      first[i] = derivative.0 * scale
      second[i] = derivative.1 * scale
    }
  }
}

/// A formula of three numbers, with its derivatives.
public protocol TripleFormula: ElementwiseFormula {
  /// The term of three corresponding elements.
  func value<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S
  /// The derivatives of the term with respect to the three elements.
  func derivative<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> (S, S, S)
}

extension TripleFormula {
  /// Writes the terms of a block.
  @inlinable @inline(__always)
  public func writeValues<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, inputs) = (block.terms, block.inputs)
    for i in 0..<block.count { terms[i] = value(inputs.0[i], inputs.1[i], inputs.2[i]) }
  }

  /// Writes the terms of a block and the requested gradients.
  @inlinable @inline(__always)
  public func writeGradients<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, inputs, gradients) = (block.terms, block.inputs, block.gradients)
    let scale = block.scale
    guard let scratch = block.scratchGradient else { return }
    let (g0, g1, g2) = (gradients.0 ?? scratch, gradients.1 ?? scratch, gradients.2 ?? scratch)
    guard gradients.2 != nil else {
      // If only one of the two is requested, `g0` is `g1`, and the last write remains.
      for i in 0..<block.count {
        let (x, y, z) = (inputs.0[i], inputs.1[i], inputs.2[i])
        terms[i] = value(x, y, z)
        let derivative = derivative(x, y, z)
        g0[i] = derivative.0 * scale
        g1[i] = (gradients.1 == nil ? derivative.0 : derivative.1) * scale
      }
      return
    }
    for i in 0..<block.count {
      let (x, y, z) = (inputs.0[i], inputs.1[i], inputs.2[i])
      terms[i] = value(x, y, z)
      let derivative = derivative(x, y, z)
      if gradients.0 != nil { g0[i] = derivative.0 * scale }
      if gradients.1 != nil { g1[i] = derivative.1 * scale }
      if gradients.2 != nil { g2[i] = derivative.2 * scale }
    }
  }
}

/// A formula of one number, with its derivative.
public protocol SingleFormula: ElementwiseFormula {
  /// The term of one number.
  func value<S: LossScalar>(_ x: S) -> S
  /// The derivative of the term.
  func derivative<S: LossScalar>(_ x: S) -> S
}

extension SingleFormula {
  /// Writes the terms of a block.
  @inlinable @inline(__always)
  public func writeValues<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a) = (block.terms, block.inputs.0)
    for i in 0..<block.count { terms[i] = value(a[i]) }
  }

  /// Writes the terms of a block and the requested gradients.
  @inlinable @inline(__always)
  public func writeGradients<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a) = (block.terms, block.inputs.0)
    let scale = block.scale
    guard let gradient = block.gradients.0 else { return }
    for i in 0..<block.count {
      terms[i] = value(a[i])
      gradient[i] = derivative(a[i]) * scale
    }
  }
}

/// A formula of the residual `prediction - target`.
///
/// One derivative suffices: the derivative with respect to the target is its negative.
public protocol DistanceFormula: ElementwiseFormula {
  /// The term of one residual, `prediction - target`.
  func value<S: LossScalar>(_ residual: S) -> S
  /// The derivative of the term with respect to the residual.
  func derivative<S: LossScalar>(_ residual: S) -> S
}

extension DistanceFormula {
  /// Writes the terms of a block.
  @inlinable @inline(__always)
  public func writeValues<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    for i in 0..<block.count { terms[i] = value(a[i] - b[i]) }
  }

  /// Writes the terms of a block and the requested gradients.
  @inlinable @inline(__always)
  public func writeGradients<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    let scale = block.scale
    guard let first = block.scratchGradient else { return }
    for i in 0..<block.count {
      let residual = a[i] - b[i]
      terms[i] = value(residual)
      first[i] = derivative(residual) * scale
    }
    if let second = block.gradients.1 { block.negate(first, to: second) }
  }
}

/// A formula of the product `prediction · target` of a score and a label of -1 or +1.
///
/// The label has no gradient.
public protocol MarginFormula: ElementwiseFormula {
  /// The term of one margin, `prediction · target`.
  func value<S: LossScalar>(_ margin: S) -> S
  /// The derivative of the term with respect to the margin.
  func derivative<S: LossScalar>(_ margin: S) -> S
}

extension MarginFormula {
  /// Writes the terms of a block.
  @inlinable @inline(__always)
  public func writeValues<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    for i in 0..<block.count { terms[i] = value(a[i] * b[i]) }
  }

  /// Writes the terms of a block and the gradient of the scores.
  @inlinable @inline(__always)
  public func writeGradients<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    let scale = block.scale
    guard let gradient = block.gradients.0 else { return }
    for i in 0..<block.count {
      let (score, label) = (a[i], b[i])
      terms[i] = value(score * label)
      let derivative = derivative(score * label)
      // Adding 0 turns -0, which a label of -1 makes of 0, into +0.
      gradient[i] = (derivative * label + 0) * scale
    }
  }
}

extension ElementBlock {
  /// Writes the negative of one gradient to another; both may be the same memory.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func negate(_ gradient: UnsafeMutablePointer<S>, to other: UnsafeMutablePointer<S>) {
    for i in 0..<count { other[i] = -gradient[i] }
  }
}
