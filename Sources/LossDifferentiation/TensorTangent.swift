public import LossCore
public import _Differentiation

/// A scalar type whose tensors are differentiable: `Float` and `Double`.
public protocol DifferentiableScalar: ComputeScalar, Differentiable where TangentVector == Self {}

extension Float: DifferentiableScalar {}
extension Double: DifferentiableScalar {}

/// The derivative with respect to a tensor: a tensor of its shape, or zero in any shape.
///
/// Zero needs no shape, since `AdditiveArithmetic.zero` has none to take. Two tangents of different
/// shapes have no sum: it is NaN, and `throwingLossErrors` throws.
public struct TensorTangent<Scalar: DifferentiableScalar>: Sendable {
  /// The derivatives in the shape of the tensor; nil for zero.
  public let tensor: Tensor<Scalar>?

  /// The tangent of these derivatives; zero for nil.
  public init(_ tensor: Tensor<Scalar>?) { self.tensor = tensor }

  /// The derivatives with respect to a tensor of this shape.
  ///
  /// - Throws: `LossError` of code `shape_mismatch` if they have another shape.
  public func tensor(in shape: Shape) throws(LossError) -> Tensor<Scalar> {
    guard let tensor else { return Tensor(repeating: 0, shape: shape) }
    guard tensor.shape == shape else { throw Self.mismatch(tensor.shape, shape) }
    return tensor
  }

  static func mismatch(_ found: Shape, _ expected: Shape) -> LossError {
    LossError(
      .shapeMismatch, subject: "tangent", found: "has shape \(found)", expected: "\(expected)")
  }
}

extension TensorTangent: AdditiveArithmetic {
  /// The tangent without a shape, which is zero.
  public static var zero: Self { Self(nil) }

  /// Whether all derivatives are equal; `zero` is equal to zeros of every shape.
  public static func == (first: Self, second: Self) -> Bool {
    switch (first.tensor, second.tensor) {
    case (let first?, let second?): first == second
    case (let tensor?, nil), (nil, let tensor?): tensor.scalars.allSatisfy { $0 == 0 }
    case (nil, nil): true
    }
  }

  /// The sum of two tangents of one shape.
  public static func + (first: Self, second: Self) -> Self {
    guard let a = first.tensor else { return second }
    guard let b = second.tensor else { return first }
    return Self(a.plus(b, mismatch))
  }

  /// The difference of two tangents of one shape.
  public static func - (first: Self, second: Self) -> Self {
    guard let b = second.tensor else { return first }
    guard let a = first.tensor else { return -1 * second }
    return Self(a.minus(b, mismatch))
  }

  /// The tangent times a number.
  public static func * (factor: Scalar, tangent: Self) -> Self {
    // A product with 1 would cost a copy of every gradient that nothing scales.
    guard factor != 1, let tensor = tangent.tensor else { return tangent }
    return Self(tensor.times(factor))
  }
}

extension TensorTangent: Differentiable {
  /// The derivative with respect to a tangent.
  public typealias TangentVector = Self
}

extension Tensor: Differentiable where Scalar: DifferentiableScalar {
  /// The derivative with respect to a tensor.
  public typealias TangentVector = TensorTangent<Scalar>

  /// Adds a tangent. One of another shape makes every element NaN, and `throwingLossErrors` throws.
  public mutating func move(by offset: TensorTangent<Scalar>) {
    guard let step = offset.tensor else { return }
    self = plus(step, TensorTangent<Scalar>.mismatch)
  }
}
