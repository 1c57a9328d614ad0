public import LossCore
import _Differentiation

// What a model of layers needs: sums, products, and functions of elements. An operation on shapes
// that do not fit gives NaN, and `throwingLossErrors` throws.

extension Tensor where Scalar: DifferentiableScalar {
  /// The sum of two tensors. The second has the shape of the first, or that of its last axes, as a
  /// bias has, which is then added to each of its rows.
  @differentiable(reverse)
  public static func + (first: Self, second: Self) -> Self {
    if first.shape != second.shape, first.shape.ends(with: second.shape) {
      return first.plus(row: second)
    }
    return first.plus(second, mismatch)
  }

  /// The derivative of the sum.
  @derivative(of: +)
  @usableFromInline
  static func sumDerivative(
    _ first: Self, _ second: Self
  ) -> (
    value: Self, pullback: (TensorTangent<Scalar>) -> (TensorTangent<Scalar>, TensorTangent<Scalar>)
  ) {
    (first + second, { tangent in (tangent, tangent.summed(to: second.shape)) })
  }

  /// The difference of two tensors of one shape.
  @differentiable(reverse)
  public static func - (first: Self, second: Self) -> Self {
    first.minus(second, mismatch)
  }

  /// The derivative of the difference.
  @derivative(of: -)
  @usableFromInline
  static func differenceDerivative(
    _ first: Self, _ second: Self
  ) -> (
    value: Self, pullback: (TensorTangent<Scalar>) -> (TensorTangent<Scalar>, TensorTangent<Scalar>)
  ) {
    (first - second, { tangent in (tangent, -1 * tangent) })
  }

  /// The products of the elements of two tensors of one shape.
  @differentiable(reverse)
  public static func * (first: Self, second: Self) -> Self {
    first.times(second, mismatch)
  }

  /// The derivative of the products of elements.
  @derivative(of: *)
  @usableFromInline
  static func productDerivative(
    _ first: Self, _ second: Self
  ) -> (
    value: Self, pullback: (TensorTangent<Scalar>) -> (TensorTangent<Scalar>, TensorTangent<Scalar>)
  ) {
    (
      first * second,
      { tangent in
        guard let tensor = tangent.tensor else { return (.zero, .zero) }
        return (TensorTangent(tensor * second), TensorTangent(tensor * first))
      }
    )
  }

  /// The tensor times a number; differentiable with respect to the tensor.
  @differentiable(reverse,wrt: tensor)
  public static func * (factor: Scalar, tensor: Self) -> Self {
    tensor.times(factor)
  }

  /// The derivative of the tensor times a number.
  @derivative(of: *, wrt: tensor)
  @usableFromInline
  static func scaledDerivative(
    _ factor: Scalar, _ tensor: Self
  ) -> (value: Self, pullback: (TensorTangent<Scalar>) -> TensorTangent<Scalar>) {
    (factor * tensor, { tangent in factor * tangent })
  }

  /// Each element transformed by a differentiable function, such as an activation.
  @differentiable(reverse,wrt: self)
  public func differentiableMap(
    _ transform: @differentiable(reverse) (Scalar) -> Scalar
  ) -> Self {
    map { transform($0) }
  }

  /// The derivative of the transformed elements.
  @derivative(of: differentiableMap, wrt: self)
  @usableFromInline
  func mapDerivative(
    _ transform: @differentiable(reverse) (Scalar) -> Scalar
  ) -> (value: Self, pullback: (TensorTangent<Scalar>) -> TensorTangent<Scalar>) {
    var pullbacks: [(Scalar) -> Scalar] = []
    pullbacks.reserveCapacity(count)
    let value = map { element in
      let (value, pullback) = valueWithPullback(at: element, of: transform)
      pullbacks.append(pullback)
      return value
    }
    return (
      value,
      { [shape, pullbacks] tangent in
        guard let tensor = tangent.tensor else { return .zero }
        guard tensor.shape == shape else {
          LossErrorRecord.record(TensorTangent<Scalar>.mismatch(tensor.shape, shape))
          return TensorTangent(.undefined(shape))
        }
        return TensorTangent(
          Self(trusted: shape, zip(pullbacks, tensor.scalars).map { $0($1) }))
      }
    )
  }

  /// The same elements in a shape of these extents.
  @differentiable(reverse,wrt: self)
  public func withShape(_ extents: [Int]) -> Self {
    do throws(LossError) {
      return try reshaped(Shape(extents))
    } catch {
      LossErrorRecord.record(error)
      return .undefined(shape)
    }
  }

  /// The derivative of the elements in another shape.
  @derivative(of: withShape, wrt: self)
  @usableFromInline
  func shapeDerivative(
    _ extents: [Int]
  ) -> (value: Self, pullback: (TensorTangent<Scalar>) -> TensorTangent<Scalar>) {
    (
      withShape(extents),
      { [shape] tangent in TensorTangent(tangent.tensor?.withShape(shape.extents)) }
    )
  }
}

extension Tensor where Scalar: DifferentiableScalar {
  fileprivate static func mismatch(_ found: Shape, _ expected: Shape) -> LossError {
    LossError(
      .shapeMismatch, subject: "the second tensor", found: "has shape \(found)",
      expected: "\(expected), the shape of the first")
  }
}

extension Shape {
  /// Whether another shape is that of the last axes.
  fileprivate func ends(with row: Shape) -> Bool {
    row.rank <= rank && Array(extents.suffix(row.rank)) == row.extents
  }
}

extension TensorTangent {
  /// The tangent summed over the leading axes that a shape lacks.
  fileprivate func summed(to shape: Shape) -> Self {
    guard let tensor, tensor.shape != shape else { return self }
    guard tensor.shape.ends(with: shape) else {
      LossErrorRecord.record(Self.mismatch(tensor.shape, shape))
      return Self(.undefined(shape))
    }
    return Self(tensor.sumOfRows(shape))
  }
}
