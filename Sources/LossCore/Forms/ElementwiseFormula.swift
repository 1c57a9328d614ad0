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
/// value, one or two for the gradients, one for the second derivative, and one for products of the
/// Hessian if a term has second derivatives between its inputs.
public protocol ElementwiseFormula: Sendable {
  /// The second derivatives of a term that determine its Hessian.
  static var hessian: ElementHessian { get }
  /// Writes the terms of a block.
  func writeValues<S: LossScalar>(_ block: ElementBlock<S>)
  /// Writes the terms of a block and the requested gradients.
  func writeGradients<S: LossScalar>(_ block: ElementBlock<S>)
  /// Writes the terms of a block and their second derivatives with respect to the first input.
  func writeSecondDerivatives<S: LossScalar>(_ block: ElementBlock<S>)
  /// Writes the terms of a block and the product of their Hessians with the vector of the block.
  /// Called only if `hessian` is full, and the vector or the product has more parts than that of the
  /// first input.
  func writeHessianVectorProducts<S: LossScalar>(_ block: ElementBlock<S>)
  /// Writes the terms of a block and the derivatives that automatic differentiation of the value
  /// gives, whether the formula has its own or not: what its own are compared with.
  func writeAutomaticDerivatives<S: LossScalar>(_ block: ElementBlock<S>, _ order: DerivativeOrder)
}

/// The second derivatives of a term that determine its Hessian.
public enum ElementHessian: Sendable {
  /// That with respect to the first input; others have no gradient.
  case first
  /// That with respect to the residual `first - second`.
  case residual
  /// Those with respect to each pair of inputs.
  case full
}

extension ElementwiseFormula {
  /// The second derivatives with respect to each pair of inputs.
  @inlinable @inline(__always)
  public static var hessian: ElementHessian { .full }

  /// Evaluates all elements, block by block.
  @inlinable
  public func evaluateTerms<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError)
  {
    guard let memory = try context.elementMemory() else { return }
    if context.usesAutomaticDerivatives, context.order != .hessianVectorProduct {
      return writeAutomaticDerivatives(memory, context)
    }
    switch memory.order {
    case nil: context.forEachElementBlock { writeValues(ElementBlock(memory, $0, $1)) }
    case .first: context.forEachElementBlock { writeGradients(ElementBlock(memory, $0, $1)) }
    case .hessianVectorProduct where Self.hessian == .full && !memory.isOfFirstInput:
      context.forEachElementBlock { writeHessianVectorProducts(ElementBlock(memory, $0, $1)) }
    case .second, .hessianVectorProduct:
      let isProduct = memory.order == .hessianVectorProduct
      context.forEachElementBlock {
        let block = ElementBlock(memory, $0, $1)
        writeSecondDerivatives(block)
        if isProduct { block.multiplyByVector(Self.hessian) }
      }
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

extension LossArithmetic {
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
  /// The second derivatives of the term with respect to prediction and target, and to the target
  /// twice, for products of the Hessian; by default those of `value` in dual numbers.
  func secondTargetDerivatives<S: LossScalar>(
    _ prediction: S, _ target: S
  ) -> (mixed: S, target: S)
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

  /// The second derivatives with the target, of `value` in dual numbers.
  @inlinable @inline(__always)
  public func secondTargetDerivatives<S: LossScalar>(
    _ prediction: S, _ target: S
  ) -> (mixed: S, target: S) {
    let x = DualNumber<S>.constant(prediction)
    let y = DualNumber(target, derivative: 1)
    return (
      DualNumber.derivative(at: x) { value($0, .constant(y)) }.derivative,
      DualNumber.derivative(at: y) { value(.constant(x), $0) }.derivative
    )
  }

  /// The product of the Hessian of a term with a vector. A second derivative that is not finite times
  /// 0 is 0.
  @inlinable @inline(__always)
  public func hessianVectorProduct<S: LossScalar>(
    _ prediction: S, _ target: S, _ vector: (S, S)
  ) -> (S, S) {
    let own = secondDerivative(prediction, target)
    let (mixed, ofTarget) = secondTargetDerivatives(prediction, target)
    return (
      S.product(weight: vector.0, own) + S.product(weight: vector.1, mixed),
      S.product(weight: vector.0, mixed) + S.product(weight: vector.1, ofTarget)
    )
  }

  /// Writes the terms of a block.
  @inlinable @inline(__always)
  public func writeValues<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    for i in 0..<block.count { terms[i] = value(a[i], b[i]) }
  }

  /// Writes the terms of a block and the product of their Hessians with the vector.
  @inlinable @inline(__always)
  public func writeHessianVectorProducts<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b, scale) = (block.terms, block.inputs.0, block.inputs.1, block.scale)
    let (u, v) = (block.vectors.0 ?? a, block.vectors.1 ?? b)
    let (hasFirst, hasSecond) = (block.vectors.0 != nil, block.vectors.1 != nil)
    guard let scratch = block.scratchGradient else { return }
    let (first, second) = (block.gradients.0 ?? scratch, block.gradients.1 ?? scratch)
    let (wantsFirst, wantsSecond) = (block.gradients.0 != nil, block.gradients.1 != nil)
    // If only one is requested, `first` is `second`, and both writes are the same.
    for i in 0..<block.count {
      let (x, y) = (a[i], b[i])
      let vector = (S.select(hasFirst, u[i], 0), S.select(hasSecond, v[i], 0))
      terms[i] = value(x, y)
      let product = hessianVectorProduct(x, y, vector)
      first[i] = S.select(wantsFirst, product.0, product.1) * scale
      second[i] = S.select(wantsSecond, product.1, product.0) * scale
    }
  }

  /// Writes the terms of a block and the requested gradients.
  @inlinable @inline(__always)
  public func writeGradients<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, a, b) = (block.terms, block.inputs.0, block.inputs.1)
    let scale = block.scale
    if let first = block.gradients.0, block.gradients.1 == nil {
      for i in 0..<block.count {
        let (x, y) = (a[i], b[i])
        terms[i] = value(x, y)
        first[i] = derivative(x, y).0 * scale
      }
      return
    }
    block.withAllGradients { first, second, _ in
      for i in 0..<block.count {
        let (x, y) = (a[i], b[i])
        terms[i] = value(x, y)
        let derivative = derivative(x, y)
        first[i] = derivative.0 * scale
        second[i] = derivative.1 * scale
      }
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

  /// The product of the Hessian of a term with a vector: of `value` in dual numbers, but for the
  /// second derivative with respect to the first element.
  @inlinable @inline(__always)
  public func hessianVectorProduct<S: LossScalar>(
    _ a: S, _ b: S, _ c: S, _ vector: (S, S, S)
  ) -> (S, S, S) {
    let (x, y, z) = (
      DualNumber(a, derivative: vector.0), DualNumber(b, derivative: vector.1),
      DualNumber(c, derivative: vector.2)
    )
    let others = DualNumber.derivative(at: .constant(a)) { value($0, .constant(y), .constant(z)) }
    return (
      S.product(weight: vector.0, secondDerivative(a, b, c)) + others.derivative,
      DualNumber.derivative(at: y) { value(.constant(x), $0, .constant(z)) }.derivative,
      DualNumber.derivative(at: z) { value(.constant(x), .constant(y), $0) }.derivative
    )
  }

  /// Writes the terms of a block.
  @inlinable @inline(__always)
  public func writeValues<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, inputs) = (block.terms, block.inputs)
    for i in 0..<block.count { terms[i] = value(inputs.0[i], inputs.1[i], inputs.2[i]) }
  }

  /// Writes the terms of a block and the product of their Hessians with the vector.
  @inlinable @inline(__always)
  public func writeHessianVectorProducts<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, inputs, gradients, scale) = (
      block.terms, block.inputs, block.gradients, block.scale
    )
    let (u, v, w) = (
      block.vectors.0 ?? inputs.0, block.vectors.1 ?? inputs.1, block.vectors.2 ?? inputs.2
    )
    let (has0, has1, has2) = (
      block.vectors.0 != nil, block.vectors.1 != nil, block.vectors.2 != nil
    )
    guard let scratch = block.scratchGradient else { return }
    let (out0, out1, out2) = (
      gradients.0 ?? scratch, gradients.1 ?? scratch, gradients.2 ?? scratch
    )
    let (wants0, wants1, wants2) = (gradients.0 != nil, gradients.1 != nil, gradients.2 != nil)
    // Writes to the scratch memory are those of the gradient that it belongs to.
    for i in 0..<block.count {
      let (x, y, z) = (inputs.0[i], inputs.1[i], inputs.2[i])
      let vector = (
        S.select(has0, u[i], 0), S.select(has1, v[i], 0), S.select(has2, w[i], 0)
      )
      terms[i] = value(x, y, z)
      let product = hessianVectorProduct(x, y, z, vector)
      let requested = S.select(wants0, product.0, S.select(wants1, product.1, product.2))
      out0[i] = S.select(wants0, product.0, requested) * scale
      out1[i] = S.select(wants1, product.1, requested) * scale
      out2[i] = S.select(wants2, product.2, requested) * scale
    }
  }

  /// Writes the terms of a block and the requested gradients.
  @inlinable @inline(__always)
  public func writeGradients<S: LossScalar>(_ block: ElementBlock<S>) {
    let (terms, inputs, gradients) = (block.terms, block.inputs, block.gradients)
    let scale = block.scale
    if let first = gradients.0, gradients.1 == nil, gradients.2 == nil {
      for i in 0..<block.count {
        let (x, y, z) = (inputs.0[i], inputs.1[i], inputs.2[i])
        terms[i] = value(x, y, z)
        first[i] = derivative(x, y, z).0 * scale
      }
      return
    }
    block.withAllGradients { first, second, third in
      guard gradients.2 != nil else {
        for i in 0..<block.count {
          let (x, y, z) = (inputs.0[i], inputs.1[i], inputs.2[i])
          terms[i] = value(x, y, z)
          let derivative = derivative(x, y, z)
          first[i] = derivative.0 * scale
          second[i] = derivative.1 * scale
        }
        return
      }
      for i in 0..<block.count {
        let (x, y, z) = (inputs.0[i], inputs.1[i], inputs.2[i])
        terms[i] = value(x, y, z)
        let derivative = derivative(x, y, z)
        first[i] = derivative.0 * scale
        second[i] = derivative.1 * scale
        third[i] = derivative.2 * scale
      }
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
  /// The second derivative with respect to the first input.
  @inlinable @inline(__always)
  public static var hessian: ElementHessian { .first }

  /// Writes the terms of a block and their second derivatives times the vector.
  public func writeHessianVectorProducts<S: LossScalar>(_ block: ElementBlock<S>) {
    writeSecondDerivatives(block)
    block.multiplyByVector(Self.hessian)
  }

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
  /// The second derivative with respect to the residual.
  @inlinable @inline(__always)
  public static var hessian: ElementHessian { .residual }

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
    // A product of the Hessian may be requested for the target alone.
    guard let second = block.scratchGradient else { return }
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

  /// Turns the second derivatives that were written into the product of the Hessian with the vector.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func multiplyByVector(_ hessian: ElementHessian) {
    guard let product = scratchGradient else { return }
    multiply(product, by: vectors.0, minus: hessian == .residual ? vectors.1 : nil)
    if hessian == .residual, let other = gradients.1 { negate(product, to: other) }
  }

  /// A second derivative that is not finite times 0 is 0, as for dual numbers.
  private func multiply(
    _ product: UnsafeMutablePointer<S>, by first: UnsafePointer<S>?,
    minus second: UnsafePointer<S>?
  ) {
    switch (first, second) {
    case (let first?, nil):
      for i in 0..<count { product[i] = S.select(first[i] == 0, 0, product[i] * first[i]) }
    case (nil, let second?):
      for i in 0..<count { product[i] = S.select(second[i] == 0, 0, product[i] * -second[i]) }
    case (let first?, let second?):
      for i in 0..<count {
        let difference = first[i] - second[i]
        product[i] = S.select(difference == 0, 0, product[i] * difference)
      }
    case (nil, nil):
      for i in 0..<count { product[i] = 0 }
    }
  }
}
