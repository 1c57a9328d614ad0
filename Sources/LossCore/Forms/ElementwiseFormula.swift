/// A formula of the numbers at one place of the inputs, with the loops over them.
///
/// Conform to one of the formulas below it, by what the term depends on: `DistanceFormula` (the
/// difference of prediction and target), `MarginFormula` (their product), `PairFormula`,
/// `TripleFormula` or `SingleFormula`.
///
/// A loop is compiled for each element of computation, so there are as few as speed allows: one for
/// the value, one or two for the gradients, and one for the second derivative where there is one.
public protocol ElementwiseFormula: Sendable {
  /// Writes the terms of a block.
  func writeValues<S: LossScalar>(_ block: ElementBlock<S>)
  /// Writes the terms of a block and the gradients that are wanted.
  func writeGradients<S: LossScalar>(_ block: ElementBlock<S>)
}

extension ElementwiseFormula {
  /// Walks the elements, block by block.
  @inlinable
  public func evaluateTerms<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    guard let memory = try pass.elementMemory() else { return }
    if memory.order == nil {
      pass.forEachElementBlock { writeValues(ElementBlock(memory, $0, $1)) }
    } else {
      pass.forEachElementBlock { writeGradients(ElementBlock(memory, $0, $1)) }
    }
  }
}

/// A formula of a pair of numbers, with its derivatives.
public protocol PairFormula: ElementwiseFormula {
  /// The term of one pair.
  func value<S: LossScalar>(_ prediction: S, _ target: S) -> S
  /// The derivative of the term with respect to each of the pair. Where the signature says that the
  /// target has no gradient, the second is not used.
  func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S)
}

extension PairFormula {
  /// Writes the terms of a block.
  @inlinable @inline(__always)
  public func writeValues<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    for i in 0..<block.count { terms[i] = value(a[i], b[i]) }
  }

  /// Writes the terms of a block and the gradients that are wanted.
  @inlinable @inline(__always)
  public func writeGradients<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    let scale = block.scale
    guard let first = block.spare else { return }
    guard let second = block.gradients.1 else {
      for i in 0..<block.count {
        let (x, y) = (a[i], b[i])
        terms[i] = value(x, y)
        first[i] = derivative(x, y).0 * scale
      }
      return
    }
    // Without a gradient of the first, `first` is `second`, and the last to be written stays.
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
  /// The term of the numbers at one place.
  func value<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S
  /// The derivative of the term with respect to each of the numbers.
  func derivative<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> (S, S, S)
}

extension TripleFormula {
  /// Writes the terms of a block.
  @inlinable @inline(__always)
  public func writeValues<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, inputs) = (block.terms, block.inputs)
    for i in 0..<block.count { terms[i] = value(inputs.0[i], inputs.1[i], inputs.2[i]) }
  }

  /// Writes the terms of a block and the gradients that are wanted.
  @inlinable @inline(__always)
  public func writeGradients<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, inputs, wanted) = (block.terms, block.inputs, block.gradients)
    let scale = block.scale
    guard let spare = block.spare else { return }
    let (g0, g1, g2) = (wanted.0 ?? spare, wanted.1 ?? spare, wanted.2 ?? spare)
    guard wanted.2 != nil else {
      // Where one of the two is not wanted, `g0` is `g1`, and what is written last stays.
      for i in 0..<block.count {
        let (x, y, z) = (inputs.0[i], inputs.1[i], inputs.2[i])
        terms[i] = value(x, y, z)
        let derivative = derivative(x, y, z)
        g0[i] = derivative.0 * scale
        g1[i] = (wanted.1 == nil ? derivative.0 : derivative.1) * scale
      }
      return
    }
    for i in 0..<block.count {
      let (x, y, z) = (inputs.0[i], inputs.1[i], inputs.2[i])
      terms[i] = value(x, y, z)
      let derivative = derivative(x, y, z)
      if wanted.0 != nil { g0[i] = derivative.0 * scale }
      if wanted.1 != nil { g1[i] = derivative.1 * scale }
      if wanted.2 != nil { g2[i] = derivative.2 * scale }
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

  /// Writes the terms of a block and the gradients that are wanted.
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

/// A formula of the difference `prediction - target`.
///
/// It has one derivative: that with respect to the target is its negative.
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

  /// Writes the terms of a block and the gradients that are wanted.
  @inlinable @inline(__always)
  public func writeGradients<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    let scale = block.scale
    guard let first = block.spare else { return }
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
  /// The term of one agreement, `prediction · target`.
  func value<S: LossScalar>(_ agreement: S) -> S
  /// The derivative of the term with respect to the agreement.
  func derivative<S: LossScalar>(_ agreement: S) -> S
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
      // Adding 0 makes +0 of the -0 that a label of -1 makes of 0.
      gradient[i] = (derivative * label + 0) * scale
    }
  }
}

extension ElementBlock {
  /// Writes the negative of one gradient to another, which may be the same.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func negate(_ gradient: UnsafeMutablePointer<S>, to other: UnsafeMutablePointer<S>) {
    for i in 0..<count { other[i] = -gradient[i] }
  }
}
