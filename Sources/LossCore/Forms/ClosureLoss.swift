/// A loss defined by a closure that gives its value, for experiments with a formula.
///
///     let loss = ClosureLoss("asymmetric") { prediction, target in
///       let residual = prediction - target
///       return .select(residual > 0, residual, -3 * residual)
///     }
///
/// Gradients and second derivatives follow from the value. The formula is evaluated in `Double` for
/// every element type; if it is a closure in place that captures nothing, as above, it is compiled
/// into the loop over the elements. To register a loss by name, write a type that conforms to
/// `ElementwiseLoss`.
public struct ClosureLoss: ElementwiseFormLoss, ElementwiseFormula {
  /// A number with its first and second derivative.
  public typealias Number = DualNumber<DualNumber<Double>>

  public static let metadata = LossMetadata(
    "closure", "Evaluates a closure for each prediction and target.",
    formula: "value(prediction, target)")

  public let options: NoOptions
  /// The name in errors and in descriptions.
  public let name: String
  /// The identity of the closure, which cannot be compared.
  package var identity: ObjectIdentifier? { token.map(ObjectIdentifier.init) }
  private let token: Token?
  private let writeFloats: @Sendable (ElementBlock<Float>, DerivativeOrder?) -> Void
  private let writeDoubles: @Sendable (ElementBlock<Double>, DerivativeOrder?) -> Void

  /// A loss that is zero everywhere.
  public init(options: NoOptions) {
    self.init(
      named: Self.metadata.name, token: nil, floats: { $0.write($1) { _, _ in 0 } },
      doubles: { $0.write($1) { _, _ in 0 } })
  }

  /// A loss with this formula.
  ///
  /// - Parameters:
  ///   - name: the name of the loss in errors.
  ///   - value: the term of a prediction and a target.
  @inlinable @inline(__always)
  public init(_ name: String, _ value: @escaping @Sendable (Number, Number) -> Number) {
    self.init(
      named: name, token: Token(), floats: { $0.write($1, value) },
      doubles: { $0.write($1, value) })
  }

  @usableFromInline
  init(
    named name: String, token: Token?,
    floats writeFloats: @escaping @Sendable (ElementBlock<Float>, DerivativeOrder?) -> Void,
    doubles writeDoubles: @escaping @Sendable (ElementBlock<Double>, DerivativeOrder?) -> Void
  ) {
    options = NoOptions()
    self.name = name
    self.token = token
    self.writeFloats = writeFloats
    self.writeDoubles = writeDoubles
  }

  @usableFromInline final class Token: Sendable {
    @usableFromInline init() {}
  }

  /// Writes the terms of a block.
  public func writeValues<S: LossScalar>(_ block: ElementBlock<S>) { write(block, nil) }
  /// Writes the terms of a block and the requested gradients.
  public func writeGradients<S: LossScalar>(_ block: ElementBlock<S>) { write(block, .first) }
  /// Writes the terms of a block and their second derivatives.
  public func writeSecondDerivatives<S: LossScalar>(_ block: ElementBlock<S>) {
    write(block, .second)
  }
  /// Writes the terms of a block and the product of their Hessians with the vector.
  public func writeHessianVectorProducts<S: LossScalar>(_ block: ElementBlock<S>) {
    write(block, .hessianVectorProduct)
  }
  /// Writes the terms of a block and the derivatives of the value.
  public func writeAutomaticDerivatives<S: LossScalar>(
    _ block: ElementBlock<S>, _ order: DerivativeOrder
  ) {
    write(block, order)
  }

  private func write<S: LossScalar>(_ block: ElementBlock<S>, _ order: DerivativeOrder?) {
    if let block = block as? ElementBlock<Float> {
      writeFloats(block, order)
    } else if let block = block as? ElementBlock<Double> {
      writeDoubles(block, order)
    }
  }
}

extension ElementBlock {
  /// Writes the terms of a formula and the requested derivatives.
  @inlinable @inline(__always)
  func write(
    _ order: DerivativeOrder?,
    _ value: (ClosureLoss.Number, ClosureLoss.Number) -> ClosureLoss.Number
  ) {
    typealias Number = ClosureLoss.Number
    let (terms, a, b, scale) = (terms, inputs.0, inputs.1, scale)
    if order == nil {
      for i in 0..<count {
        terms[i] = S(value(Number(Double(a[i])), Number(Double(b[i]))).value.value)
      }
    }
    if order == .second, let second = gradients.0 {
      for i in 0..<count {
        let prediction = Number(DualNumber(Double(a[i]), derivative: 1), derivative: 1)
        let term = value(prediction, Number(Double(b[i])))
        terms[i] = S(term.value.value)
        second[i] = S(term.derivative.derivative) * scale
      }
    }
    if order == .hessianVectorProduct {
      let constant = DualNumber<Double>(0, derivative: 0)
      let unit = DualNumber<Double>(1, derivative: 0)
      for i in 0..<count {
        let x = DualNumber(Double(a[i]), derivative: vectors.0.map { Double($0[i]) } ?? 0)
        let y = DualNumber(Double(b[i]), derivative: vectors.1.map { Double($0[i]) } ?? 0)
        for isFirst in [true, false] {
          let term = value(
            Number(x, derivative: isFirst ? unit : constant),
            Number(y, derivative: isFirst ? constant : unit))
          terms[i] = S(term.value.value)
          (isFirst ? gradients.0 : gradients.1)?[i] = S(term.derivative.derivative) * scale
        }
      }
    }
    if order == .first, let first = gradients.0 {
      for i in 0..<count {
        let prediction = Number(DualNumber(Double(a[i]), derivative: 1), derivative: 0)
        let term = value(prediction, Number(Double(b[i]))).value
        terms[i] = S(term.value)
        first[i] = S(term.derivative) * scale
      }
    }
    if order == .first, let second = gradients.1 {
      for i in 0..<count {
        let target = Number(DualNumber(Double(b[i]), derivative: 1), derivative: 0)
        let term = value(Number(Double(a[i])), target).value
        terms[i] = S(term.value)
        second[i] = S(term.derivative) * scale
      }
    }
  }
}

// A closure may multiply by a number that it has captured. Disfavoured, so that a literal is a number
// of the formula.
extension DualNumber where Base == DualNumber<Double> {
  /// The sum with a constant.
  @_disfavoredOverload @inlinable @inline(__always)
  public static func + (a: Self, constant: Double) -> Self { a + Self(constant) }
  /// The sum with a constant.
  @_disfavoredOverload @inlinable @inline(__always)
  public static func + (constant: Double, a: Self) -> Self { Self(constant) + a }
  /// The difference to a constant.
  @_disfavoredOverload @inlinable @inline(__always)
  public static func - (a: Self, constant: Double) -> Self { a - Self(constant) }
  /// The difference from a constant.
  @_disfavoredOverload @inlinable @inline(__always)
  public static func - (constant: Double, a: Self) -> Self { Self(constant) - a }
  /// The product with a constant.
  @_disfavoredOverload @inlinable @inline(__always)
  public static func * (a: Self, constant: Double) -> Self { a * Self(constant) }
  /// The product with a constant.
  @_disfavoredOverload @inlinable @inline(__always)
  public static func * (constant: Double, a: Self) -> Self { Self(constant) * a }
  /// The quotient by a constant.
  @_disfavoredOverload @inlinable @inline(__always)
  public static func / (a: Self, constant: Double) -> Self { a / Self(constant) }
  /// A constant divided by a number.
  @_disfavoredOverload @inlinable @inline(__always)
  public static func / (constant: Double, a: Self) -> Self { Self(constant) / a }
}
