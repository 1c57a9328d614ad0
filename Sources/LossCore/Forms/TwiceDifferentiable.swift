/// An elementwise formula with a second derivative with respect to its first argument.
///
/// Gradient boosting and Newton's method use it. Conform to `TwiceDifferentiable` for a formula of
/// pairs, and to `TwiceDifferentiableTriple`, `TwiceDifferentiableDistance` or
/// `TwiceDifferentiableMargin` for one of three elements, of residuals or of margins; only these
/// compile a loop for it.
///
/// At a kink the second derivative does not exist; the function returns the value of one side,
/// which the loss documents.
public protocol TwiceDifferentiableFormula: ElementwiseFormula {
  /// Writes the terms of a block and their second derivatives with respect to the first argument.
  func writeSecondDerivatives<S: LossScalar>(_ block: ElementBlock<S>)
}

extension TwiceDifferentiableFormula {
  /// Evaluates all elements, block by block.
  @inlinable
  public func evaluateTerms<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError)
  {
    guard let memory = try context.elementMemory() else { return }
    switch memory.order {
    case nil: context.forEachElementBlock { writeValues(ElementBlock(memory, $0, $1)) }
    case .first: context.forEachElementBlock { writeGradients(ElementBlock(memory, $0, $1)) }
    case .second:
      context.forEachElementBlock { writeSecondDerivatives(ElementBlock(memory, $0, $1)) }
    }
  }
}

extension ElementwiseFormLoss where Self: TwiceDifferentiableFormula {
  /// The leading input.
  public var rolesWithSecondDerivative: [Role] { signature.inputs.prefix(1).map(\.role) }

  /// Evaluates all elements, block by block.
  @inlinable
  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    try evaluateTerms(context)
  }
}

/// A formula of a pair of numbers with a second derivative with respect to the prediction.
public protocol TwiceDifferentiable: TwiceDifferentiableFormula, PairFormula {
  /// The second derivative of the term of one pair with respect to the prediction.
  func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S
}

extension TwiceDifferentiable {
  /// Writes the terms of a block and their second derivatives.
  @inlinable @inline(__always)
  public func writeSecondDerivatives<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    let scale = block.scale
    guard let second = block.gradients.0 else { return }
    for i in 0..<block.count {
      let (x, y) = (a[i], b[i])
      terms[i] = value(x, y)
      second[i] = secondDerivative(x, y) * scale
    }
  }
}

/// A formula of three numbers with a second derivative with respect to the first.
public protocol TwiceDifferentiableTriple: TwiceDifferentiableFormula, TripleFormula {
  /// The second derivative of the term with respect to the first element.
  func secondDerivative<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S
}

extension TwiceDifferentiableTriple {
  /// Writes the terms of a block and their second derivatives.
  @inlinable @inline(__always)
  public func writeSecondDerivatives<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, inputs) = (block.terms, block.inputs)
    let scale = block.scale
    guard let second = block.gradients.0 else { return }
    for i in 0..<block.count {
      let (x, y, z) = (inputs.0[i], inputs.1[i], inputs.2[i])
      terms[i] = value(x, y, z)
      second[i] = secondDerivative(x, y, z) * scale
    }
  }
}

/// A formula of the residual with a second derivative.
public protocol TwiceDifferentiableDistance: TwiceDifferentiableFormula, DistanceFormula {
  /// The second derivative of the term with respect to the residual.
  func secondDerivative<S: LossScalar>(_ residual: S) -> S
}

extension TwiceDifferentiableDistance {
  /// Writes the terms of a block and their second derivatives.
  @inlinable @inline(__always)
  public func writeSecondDerivatives<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    let scale = block.scale
    guard let second = block.gradients.0 else { return }
    for i in 0..<block.count {
      let residual = a[i] - b[i]
      terms[i] = value(residual)
      second[i] = secondDerivative(residual) * scale
    }
  }
}

/// A formula of the margin with a second derivative.
public protocol TwiceDifferentiableMargin: TwiceDifferentiableFormula, MarginFormula {
  /// The second derivative of the term with respect to the margin.
  func secondDerivative<S: LossScalar>(_ margin: S) -> S
}

extension TwiceDifferentiableMargin {
  /// Writes the terms of a block and their second derivatives with respect to the score.
  @inlinable @inline(__always)
  public func writeSecondDerivatives<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    let scale = block.scale
    guard let second = block.gradients.0 else { return }
    for i in 0..<block.count {
      let (score, label) = (a[i], b[i])
      terms[i] = value(score * label)
      second[i] = secondDerivative(score * label) * label * label * scale
    }
  }
}
