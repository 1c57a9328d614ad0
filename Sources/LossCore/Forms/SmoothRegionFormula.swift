/// A region formula with second derivatives: its derivatives are written in numbers that carry a
/// derivative with them.
///
/// The product of the Hessian with a vector is the derivative of the gradient along the vector: the
/// same two functions, in dual numbers.
public protocol SmoothRegionFormula: RegionFormula {
  /// The derivative of the term with respect to one prediction and one target, from the derivatives
  /// with respect to the sums.
  func gradient<N: LossArithmetic>(_ prediction: N, _ target: N, _ derivatives: (N, N, N, N)) -> (
    N, N
  )
  /// The derivative of the term with respect to each sum.
  func derivative<N: LossArithmetic>(_ sums: (N, N, N, N), count: Double) -> (N, N, N, N)
}

extension SmoothRegionFormula {
  /// The derivative of the term with respect to each sum.
  @inlinable
  public func derivative(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    let derivatives = derivative((sums[0], sums[1], sums[2], sums[3]), count: count)
    return SIMD4(derivatives.0, derivatives.1, derivatives.2, derivatives.3)
  }

  /// The loops that depend on the formula: in `Double` for every element type, so that they are
  /// compiled once.
  @inlinable
  public var secondOrder: RegionSecondOrder? {
    RegionSecondOrder { (sums, changes, count) in
      let derivatives = derivative(
        (
          DualNumber(sums[0], derivative: changes[0]), DualNumber(sums[1], derivative: changes[1]),
          DualNumber(sums[2], derivative: changes[2]), DualNumber(sums[3], derivative: changes[3])
        ), count: count)
      return RegionFactors(derivatives.0, derivatives.1, derivatives.2, derivatives.3)
    } changes: { (block, rows) in
      for i in 0..<block.count {
        let (p, t) = (block.prediction[i], block.target[i])
        let (u, v) = (block.predictionChange[i], block.targetChange[i])
        let of0 = gradient(p, t, (1, 0, 0, 0))
        let of1 = gradient(p, t, (0, 1, 0, 0))
        let of2 = gradient(p, t, (0, 0, 1, 0))
        let of3 = gradient(p, t, (0, 0, 0, 1))
        rows.first[i] = of0.0 * u + of0.1 * v
        rows.second[i] = of1.0 * u + of1.1 * v
        rows.third[i] = of2.0 * u + of2.1 * v
        rows.fourth[i] = of3.0 * u + of3.1 * v
      }
    } gradients: { (block, factors, rows) in
      let (a, b, c, d) = (factors.first, factors.second, factors.third, factors.fourth)
      for i in 0..<block.count {
        let p = DualNumber(block.prediction[i], derivative: block.predictionChange[i])
        let t = DualNumber(block.target[i], derivative: block.targetChange[i])
        let gradient = gradient(p, t, (a, b, c, d))
        rows.first[i] = gradient.0.value
        rows.second[i] = gradient.0.derivative
        rows.third[i] = gradient.1.derivative
      }
    }
  }
}

/// The derivatives of a term with respect to its sums, and how they change along the vector.
@usableFromInline struct RegionFactors {
  @usableFromInline let first, second, third, fourth: DualNumber<Double>

  @inlinable
  init(
    _ first: DualNumber<Double>, _ second: DualNumber<Double>, _ third: DualNumber<Double>,
    _ fourth: DualNumber<Double>
  ) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
  }

  func scaled(by factor: Double) -> RegionFactors {
    let factor = DualNumber<Double>(factor)
    return RegionFactors(factor * first, factor * second, factor * third, factor * fourth)
  }
}

/// Elements of one class, as `Double`, and their part of the vector.
@usableFromInline struct RegionBlock {
  @usableFromInline let count: Int
  @usableFromInline let prediction: UnsafePointer<Double>
  @usableFromInline let target: UnsafePointer<Double>
  @usableFromInline let predictionChange: UnsafePointer<Double>
  @usableFromInline let targetChange: UnsafePointer<Double>
}

/// The loops of a formula for the product of its Hessian with a vector.
public struct RegionSecondOrder: Sendable {
  /// The derivatives with respect to the sums, from the sums, their changes and the count.
  @usableFromInline let factors: @Sendable (SIMD4<Double>, SIMD4<Double>, Double) -> RegionFactors
  /// Writes the changes of the summands.
  @usableFromInline let changes: @Sendable (RegionBlock, FourRows<Double>) -> Void
  /// Writes the gradient with respect to each prediction, its change, and the change of that with
  /// respect to each target.
  @usableFromInline let gradients: @Sendable (RegionBlock, RegionFactors, FourRows<Double>) -> Void

  @inlinable
  init(
    factors: @escaping @Sendable (SIMD4<Double>, SIMD4<Double>, Double) -> RegionFactors,
    changes: @escaping @Sendable (RegionBlock, FourRows<Double>) -> Void,
    gradients: @escaping @Sendable (RegionBlock, RegionFactors, FourRows<Double>) -> Void
  ) {
    self.factors = factors
    self.changes = changes
    self.gradients = gradients
  }
}
