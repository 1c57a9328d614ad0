public import LossCore
import _Differentiation

/// The product of two matrices: `[row, inner]` and `[inner, column]` give `[row, column]`.
///
///     let scores = matrixProduct(features, weights) + bias
///
/// - Returns: the product; NaN without axes if the shapes do not fit, and `throwingLossErrors`
///   throws.
@differentiable(reverse)
public func matrixProduct<S: DifferentiableScalar>(
  _ first: Tensor<S>, _ second: Tensor<S>
) -> Tensor<S> {
  do throws(LossError) {
    return try first.product(second)
  } catch {
    LossErrorRecord.record(error)
    return .undefined(.scalar)
  }
}

/// The derivative of the product of two matrices.
@derivative(of: matrixProduct)
@usableFromInline
func matrixProductDerivative<S: DifferentiableScalar>(
  _ first: Tensor<S>, _ second: Tensor<S>
) -> (
  value: Tensor<S>, pullback: (TensorTangent<S>) -> (TensorTangent<S>, TensorTangent<S>)
) {
  (
    matrixProduct(first, second),
    { tangent in
      guard let tensor = tangent.tensor else { return (.zero, .zero) }
      do throws(LossError) {
        return (
          TensorTangent(try tensor.product(second.permuted([1, 0]))),
          TensorTangent(try first.permuted([1, 0]).product(tensor))
        )
      } catch {
        LossErrorRecord.record(error)
        return (
          TensorTangent(.undefined(first.shape)), TensorTangent(.undefined(second.shape))
        )
      }
    }
  )
}

extension Tensor where Scalar: DifferentiableScalar {
  /// The product with another matrix.
  fileprivate func product(_ other: Self) throws(LossError) -> Self {
    let (left, right) = (shape.extents, other.shape.extents)
    guard left.count == 2, right.count == 2 else {
      throw LossError(
        .invalidRank, subject: "the product", found: "is of shapes \(shape) and \(other.shape)",
        expected: "two matrices")
    }
    guard left[1] == right[0] else {
      throw LossError(
        .shapeMismatch, subject: "the product", found: "is of shapes \(shape) and \(other.shape)",
        expected: "as many columns in the first as rows in the second")
    }
    return product(other, in: try Shape([left[0], right[1]]))
  }
}
