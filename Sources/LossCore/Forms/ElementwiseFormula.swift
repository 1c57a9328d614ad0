/// A formula of up to three numbers at each place, with its derivatives, and the walk over them.
public protocol ElementwiseFormula: Sendable {
  /// How many of the three numbers the formula uses: the number of inputs in the signature.
  static var arity: Int { get }
  /// The term of the numbers at one place.
  func value<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S
  /// The derivative of the term with respect to each of the numbers.
  func slope<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> (S, S, S)
  /// The second derivative of the term with respect to the first number.
  func curvature<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S
}

extension ElementwiseFormula {
  /// Unknown, so that it shows wherever it is asked for by mistake: conform to
  /// `TwiceDifferentiable` to have one.
  @inlinable @inline(__always)
  public func curvature<S: LossScalar>(_ a: S, _ b: S, _ c: S) -> S { .nan }

  /// Walks the elements, block by block.
  @inlinable
  public func walk<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) {
    switch pass.order {
    case .first: try walkSlopes(pass)
    case .second: try CurvatureFormula(self).walkSlopes(pass)
    }
  }

  @inlinable
  func walkSlopes<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) {
    for index in 0..<pass.inputs.count where pass.inputs[index]?.count != pass.termCount {
      try pass.require([pass.termCount], of: "an elementwise loss")
    }
    guard let first = pass.real(0) else { return }
    let inputs = (first, pass.real(1) ?? first, pass.real(2) ?? first)
    let wanted = (pass.gradient(0), pass.gradient(1), pass.gradient(2))
    let scale = pass.scale
    let weights = pass.weights
    let removed = pass.removed
    let wantsGradient = pass.wantsGradient
    pass.forEachBlock(elementsPerTerm: 1) { range, terms in
      if wantsGradient {
        gradients(
          range, terms, inputs, wanted, scale, weights: weights, removed: removed)
      } else {
        values(range, terms, inputs, removed: removed)
      }
    }
  }

  @inlinable @inline(__always)
  func values<S: LossScalar>(
    _ range: Range<Int>, _ terms: UnsafeMutablePointer<S>,
    _ inputs: (UnsafePointer<S>, UnsafePointer<S>, UnsafePointer<S>),
    removed: UnsafePointer<Bool>?
  ) {
    let start = range.lowerBound
    let count = range.count
    let a = inputs.0 + start
    let b = inputs.1 + start
    let c = inputs.2 + start
    for i in 0..<count {
      terms[i] = value(a[i], Self.arity > 1 ? b[i] : 0, Self.arity > 2 ? c[i] : 0)
    }
    if let removed {
      for i in 0..<count { terms[i] = removed[start + i] ? 0 : terms[i] }
    }
  }

  @inlinable @inline(__always)
  func gradients<S: LossScalar>(
    _ range: Range<Int>, _ terms: UnsafeMutablePointer<S>,
    _ inputs: (UnsafePointer<S>, UnsafePointer<S>, UnsafePointer<S>),
    _ wanted: (UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?),
    _ scale: S, weights: UnsafePointer<S>?, removed: UnsafePointer<Bool>?
  ) {
    let start = range.lowerBound
    let count = range.count
    let a = inputs.0 + start
    let b = inputs.1 + start
    let c = inputs.2 + start
    if let first = wanted.0, wanted.1 == nil, wanted.2 == nil {
      let gradient = first + start
      for i in 0..<count {
        let (x, y, z) = (a[i], Self.arity > 1 ? b[i] : 0, Self.arity > 2 ? c[i] : 0)
        terms[i] = value(x, y, z)
        gradient[i] = slope(x, y, z).0 * scale
      }
    } else if let first = wanted.0, let second = wanted.1, wanted.2 == nil {
      let g0 = first + start
      let g1 = second + start
      for i in 0..<count {
        let (x, y, z) = (a[i], Self.arity > 1 ? b[i] : 0, Self.arity > 2 ? c[i] : 0)
        terms[i] = value(x, y, z)
        let slope = slope(x, y, z)
        g0[i] = slope.0 * scale
        g1[i] = slope.1 * scale
      }
    } else {
      // A gradient that is not wanted goes where another will overwrite it.
      guard let spare = wanted.1 ?? wanted.2 ?? wanted.0 else { return }
      let g0 = (wanted.0 ?? spare) + start
      let g1 = (wanted.1 ?? spare) + start
      let g2 = (wanted.2 ?? spare) + start
      for i in 0..<count {
        let (x, y, z) = (a[i], Self.arity > 1 ? b[i] : 0, Self.arity > 2 ? c[i] : 0)
        terms[i] = value(x, y, z)
        let slope = slope(x, y, z)
        if wanted.0 != nil { g0[i] = slope.0 * scale }
        if wanted.1 != nil { g1[i] = slope.1 * scale }
        if wanted.2 != nil { g2[i] = slope.2 * scale }
      }
    }
    if weights == nil, removed == nil { return }
    for i in 0..<count where removed?[start + i] ?? false { terms[i] = 0 }
    for gradient in [wanted.0, wanted.1, wanted.2] {
      guard let gradient else { continue }
      for i in range {
        let isRemoved = removed?[i] ?? false
        gradient[i] = isRemoved ? 0 : gradient[i] * (weights?[i] ?? 1)
      }
    }
  }
}
