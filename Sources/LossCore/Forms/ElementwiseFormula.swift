/// A formula of the corresponding elements of the inputs, with the loops over the elements.
///
/// Conform to one of the refined protocols, by the quantity that the term depends on:
/// `DistanceFormula` (the residual), `MarginFormula` (the product of prediction and target),
/// `PairFormula`, `TripleFormula` or `SingleFormula`. Each asks for the value of a term alone and
/// takes the derivatives from it, in dual numbers; a formula whose derivatives are faster or more
/// accurate by hand gives its own.
///
/// At a kink, the derivative is that of the side that the value chooses. A loss documents it.
///
/// Every loop is compiled once per element type, so there are as few as speed allows: one for the
/// value, one or two for the gradients, and one for the second derivative.
public protocol ElementwiseFormula: Sendable {
  /// Writes the terms of a block.
  func writeValues<S: LossScalar>(_ block: ElementBlock<S>)
  /// Writes the terms of a block and the requested gradients.
  func writeGradients<S: LossScalar>(_ block: ElementBlock<S>)
  /// Writes the terms of a block and their second derivatives with respect to the first input.
  func writeSecondDerivatives<S: LossScalar>(_ block: ElementBlock<S>)
  /// Writes the terms of a block and the derivatives that automatic differentiation of the value
  /// gives, whether the formula has its own or not: what its own are compared with.
  func writeAutomaticDerivatives<S: LossScalar>(_ block: ElementBlock<S>, _ order: DerivativeOrder)
}

extension ElementwiseFormula {
  /// Evaluates all elements, block by block.
  @inlinable
  public func evaluateTerms<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError)
  {
    guard let memory = try context.elementMemory() else { return }
    if context.usesAutomaticDerivatives {
      return writeAutomaticDerivatives(memory, context)
    }
    switch memory.order {
    case nil: context.forEachElementBlock { writeValues(ElementBlock(memory, $0, $1)) }
    case .first: context.forEachElementBlock { writeGradients(ElementBlock(memory, $0, $1)) }
    case .second:
      context.forEachElementBlock { writeSecondDerivatives(ElementBlock(memory, $0, $1)) }
    }
  }

  // Not inlinable: no client compiles what only tests call.
  @usableFromInline
  func writeAutomaticDerivatives<S: LossScalar>(
    _ memory: ElementMemory<S>, _ context: borrowing KernelContext<S>
  ) {
    context.forEachElementBlock {
      writeAutomaticDerivatives(ElementBlock(memory, $0, $1), memory.order ?? .first)
    }
  }
}

extension LossScalar {
  /// The derivative of a function of one number.
  @inlinable
  @inline(__always)
  static func derivative(
    at x: Self, of function: (DualNumber<Self>) -> DualNumber<Self>
  ) -> Self {
    function(DualNumber(x, derivative: 1)).derivative
  }

  /// The second derivative of a function of one number.
  @inlinable
  @inline(__always)
  static func secondDerivative(
    at x: Self, of function: (DualNumber<DualNumber<Self>>) -> DualNumber<DualNumber<Self>>
  ) -> Self {
    let variable = DualNumber(x, derivative: 1)
    return function(DualNumber(variable, derivative: 1)).derivative.derivative
  }
}

extension DualNumber {
  /// A constant.
  @inlinable
  @inline(__always)
  static func constant(_ x: Base) -> Self { Self(x, derivative: 0) }
}

/// A formula of a pair of numbers.
public protocol PairFormula: ElementwiseFormula {
  /// The term of one pair.
  func value<N: LossArithmetic>(_ prediction: N, _ target: N) -> N
  /// The derivatives of the term with respect to prediction and target; by default those of
  /// `value` in dual numbers. The second is ignored if the target has no gradient by the signature.
  func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S)
  /// The second derivative of the term with respect to the prediction; by default that of `value`
  /// in dual numbers.
  func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S
}

extension PairFormula {
  /// The derivatives of `value`, by automatic differentiation.
  @inlinable @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    automaticDerivative(prediction, target)
  }
  /// The second derivative of `value`, by automatic differentiation.
  @inlinable @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    automaticSecondDerivative(prediction, target)
  }

  /// The derivatives of `value` in dual numbers, whether the formula has its own or not.
  @inlinable @inline(__always)
  public func automaticDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    (
      S.derivative(at: prediction) { value($0, .constant(target)) },
      S.derivative(at: target) { value(.constant(prediction), $0) }
    )
  }
  /// The second derivative of `value` in dual numbers, whether the formula has its own or not.
  @inlinable @inline(__always)
  public func automaticSecondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    S.secondDerivative(at: prediction) { value($0, .constant(.constant(target))) }
  }

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

  /// Writes the terms of a block and the derivatives of `value` in dual numbers.
  public func writeAutomaticDerivatives<S: LossScalar>(
    _ block: ElementBlock<S>, _ order: DerivativeOrder
  ) {
    for i in 0..<block.count {
      let (x, y) = (block.inputs.0[i], block.inputs.1[i])
      block.terms[i] = value(x, y)
      let derivative =
        order == .second ? (automaticSecondDerivative(x, y), 0) : automaticDerivative(x, y)
      block.gradients.0?[i] = derivative.0 * block.scale
      block.gradients.1?[i] = derivative.1 * block.scale
    }
  }
}

/// A formula of three numbers.
public protocol TripleFormula: ElementwiseFormula {
  /// The term of three corresponding elements.
  func value<N: LossArithmetic>(_ a: N, _ b: N, _ c: N) -> N
  /// The derivatives of the term with respect to the three elements; by default those of `value` in
  /// dual numbers.
  func derivative<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> (S, S, S)
  /// The second derivative of the term with respect to the first element; by default that of
  /// `value` in dual numbers.
  func secondDerivative<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S
}

extension TripleFormula {
  /// The derivatives of `value`, by automatic differentiation.
  @inlinable @inline(__always)
  public func derivative<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> (S, S, S) {
    automaticDerivative(a, b, c)
  }
  /// The second derivative of `value`, by automatic differentiation.
  @inlinable @inline(__always)
  public func secondDerivative<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S {
    automaticSecondDerivative(a, b, c)
  }

  /// The derivatives of `value` in dual numbers, whether the formula has its own or not.
  @inlinable @inline(__always)
  public func automaticDerivative<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> (S, S, S) {
    (
      S.derivative(at: a) { value($0, .constant(b), .constant(c)) },
      S.derivative(at: b) { value(.constant(a), $0, .constant(c)) },
      S.derivative(at: c) { value(.constant(a), .constant(b), $0) }
    )
  }
  /// The second derivative of `value` in dual numbers, whether the formula has its own or not.
  @inlinable @inline(__always)
  public func automaticSecondDerivative<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S {
    S.secondDerivative(at: a) {
      value($0, .constant(.constant(b)), .constant(.constant(c)))
    }
  }

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

  /// Writes the terms of a block and the derivatives of `value` in dual numbers.
  public func writeAutomaticDerivatives<S: LossScalar>(
    _ block: ElementBlock<S>, _ order: DerivativeOrder
  ) {
    for i in 0..<block.count {
      let (x, y, z) = (block.inputs.0[i], block.inputs.1[i], block.inputs.2[i])
      block.terms[i] = value(x, y, z)
      let derivative =
        order == .second
        ? (automaticSecondDerivative(x, y, z), 0, 0) : automaticDerivative(x, y, z)
      block.gradients.0?[i] = derivative.0 * block.scale
      block.gradients.1?[i] = derivative.1 * block.scale
      block.gradients.2?[i] = derivative.2 * block.scale
    }
  }
}

/// A formula of one quantity: a number, a residual or a margin.
public protocol UnivariateFormula: ElementwiseFormula {
  /// The term of the quantity.
  func value<N: LossArithmetic>(_ x: N) -> N
  /// The derivative of the term with respect to the quantity; by default that of `value` in dual
  /// numbers.
  func derivative<S: LossScalar>(_ x: S) -> S
  /// The second derivative of the term; by default that of `value` in dual numbers.
  func secondDerivative<S: LossScalar>(_ x: S) -> S
}

extension UnivariateFormula {
  /// The derivative of `value`, by automatic differentiation.
  @inlinable @inline(__always)
  public func derivative<S: LossScalar>(_ x: S) -> S { automaticDerivative(x) }
  /// The second derivative of `value`, by automatic differentiation.
  @inlinable @inline(__always)
  public func secondDerivative<S: LossScalar>(_ x: S) -> S { automaticSecondDerivative(x) }

  /// The derivative of `value` in dual numbers, whether the formula has its own or not.
  @inlinable @inline(__always)
  public func automaticDerivative<S: LossScalar>(_ x: S) -> S {
    S.derivative(at: x) { value($0) }
  }
  /// The second derivative of `value` in dual numbers, whether the formula has its own or not.
  @inlinable @inline(__always)
  public func automaticSecondDerivative<S: LossScalar>(_ x: S) -> S {
    S.secondDerivative(at: x) { value($0) }
  }
}

/// A formula of one number.
public protocol SingleFormula: UnivariateFormula {}

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

  /// Writes the terms of a block and their second derivatives.
  @inlinable @inline(__always)
  public func writeSecondDerivatives<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a) = (block.terms, block.inputs.0)
    let scale = block.scale
    guard let second = block.gradients.0 else { return }
    for i in 0..<block.count {
      terms[i] = value(a[i])
      second[i] = secondDerivative(a[i]) * scale
    }
  }

  /// Writes the terms of a block and the derivatives of `value` in dual numbers.
  public func writeAutomaticDerivatives<S: LossScalar>(
    _ block: ElementBlock<S>, _ order: DerivativeOrder
  ) {
    for i in 0..<block.count {
      let x = block.inputs.0[i]
      block.terms[i] = value(x)
      block.gradients.0?[i] =
        (order == .second ? automaticSecondDerivative(x) : automaticDerivative(x)) * block.scale
    }
  }
}

/// A formula of the residual `prediction - target`.
///
/// One derivative suffices: the derivative with respect to the target is its negative.
public protocol DistanceFormula: UnivariateFormula {}

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

  /// Writes the terms of a block and the derivatives of `value` in dual numbers.
  public func writeAutomaticDerivatives<S: LossScalar>(
    _ block: ElementBlock<S>, _ order: DerivativeOrder
  ) {
    for i in 0..<block.count {
      let residual = block.inputs.0[i] - block.inputs.1[i]
      block.terms[i] = value(residual)
      let derivative = automaticDerivative(residual)
      block.gradients.0?[i] =
        (order == .second ? automaticSecondDerivative(residual) : derivative) * block.scale
      block.gradients.1?[i] = -derivative * block.scale
    }
  }
}

/// A formula of the product `prediction · target` of a score and a label of -1 or +1.
///
/// The label has no gradient.
public protocol MarginFormula: UnivariateFormula {}

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

  /// Writes the terms of a block and the derivatives of `value` in dual numbers.
  public func writeAutomaticDerivatives<S: LossScalar>(
    _ block: ElementBlock<S>, _ order: DerivativeOrder
  ) {
    for i in 0..<block.count {
      let (score, label) = (block.inputs.0[i], block.inputs.1[i])
      block.terms[i] = value(score * label)
      let derivative =
        order == .second
        ? automaticSecondDerivative(score * label) * label * label
        : automaticDerivative(score * label) * label + 0
      block.gradients.0?[i] = derivative * block.scale
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
