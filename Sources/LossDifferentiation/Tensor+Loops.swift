import LossCore

// The loops, each specialised for both scalar types: the functions of this module that call them are
// not, and generic arithmetic takes a hundred times as long.

extension Tensor where Scalar: DifferentiableScalar {
  /// The error of a second tensor that has not the shape of the first.
  typealias Mismatch = (_ found: Shape, _ expected: Shape) -> LossError

  /// The sums of the elements of two tensors of one shape; NaN and a recorded error for two shapes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func plus(_ other: Self, _ mismatch: Mismatch) -> Self {
    combined(with: other, mismatch) { $0 + $1 }
  }

  /// The differences of the elements, as `plus`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func minus(_ other: Self, _ mismatch: Mismatch) -> Self {
    combined(with: other, mismatch) { $0 - $1 }
  }

  /// The products of the elements, as `plus`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func times(_ other: Self, _ mismatch: Mismatch) -> Self {
    combined(with: other, mismatch) { $0 * $1 }
  }

  /// The elements times a number.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func times(_ factor: Scalar) -> Self {
    Self.filled(shape) { products in
      scalars.withUnsafeBufferPointer { scalars in
        for index in scalars.indices { products[index] = factor * scalars[index] }
      }
    }
  }

  /// The sum with a row that is added to each row of this tensor.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func plus(row: Self) -> Self {
    Self.filled(shape) { sums in
      scalars.withUnsafeBufferPointer { scalars in
        row.scalars.withUnsafeBufferPointer { row in
          guard row.count > 0 else { return }
          for start in stride(from: 0, to: scalars.count, by: row.count) {
            for index in row.indices { sums[start + index] = scalars[start + index] + row[index] }
          }
        }
      }
    }
  }

  /// The sum of the rows of this shape.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func sumOfRows(_ row: Shape) -> Self {
    Self.filled(row) { sums in
      scalars.withUnsafeBufferPointer { scalars in
        guard sums.count > 0 else { return }
        for start in stride(from: 0, to: scalars.count, by: sums.count) {
          for index in sums.indices { sums[index] += scalars[start + index] }
        }
      }
    }
  }

  /// The product of two matrices whose shapes fit, of this shape.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func product(_ other: Self, in shape: Shape) -> Self {
    let (rows, inner, columns) = (
      self.shape.extents[0], self.shape.extents[1], other.shape.extents[1]
    )
    return Self.filled(shape) { product in
      scalars.withUnsafeBufferPointer { first in
        other.scalars.withUnsafeBufferPointer { second in
          guard let a = first.baseAddress, let b = second.baseAddress,
            let c = product.baseAddress
          else { return }
          MatrixProduct.add(
            rows: rows, columns: columns, inner: inner, (a, inner, 1), (b, columns),
            to: (c, columns))
        }
      }
    }
  }

  @inline(__always)
  private func combined(
    with other: Self, _ mismatch: Mismatch, _ combine: (Scalar, Scalar) -> Scalar
  ) -> Self {
    guard shape == other.shape else {
      LossErrorRecord.record(mismatch(other.shape, shape))
      return .undefined(shape)
    }
    return Self.filled(shape) { elements in
      scalars.withUnsafeBufferPointer { first in
        other.scalars.withUnsafeBufferPointer { second in
          for index in first.indices { elements[index] = combine(first[index], second[index]) }
        }
      }
    }
  }

  /// A tensor that a function writes into zeros.
  @inline(__always)
  private static func filled(
    _ shape: Shape, _ write: (UnsafeMutableBufferPointer<Scalar>) -> Void
  ) -> Self {
    var scalars = [Scalar](repeating: 0, count: shape.count)
    scalars.withUnsafeMutableBufferPointer { write($0) }
    return Self(trusted: shape, scalars)
  }

  /// What stands for a result that does not exist.
  static func undefined(_ shape: Shape) -> Self { Self(repeating: .nan, shape: shape) }
}
