/// A dense array with a shape, in row-major order: the last axis varies fastest.
public struct Tensor<Scalar: Sendable>: Sendable {
  /// The extents of the axes.
  public let shape: Shape
  /// The elements in row-major order.
  public let scalars: [Scalar]

  /// A tensor with one axis.
  public init(_ scalars: [Scalar]) {
    shape = Shape(count: scalars.count)
    self.scalars = scalars
  }

  /// A tensor from its shape and its elements in row-major order.
  ///
  /// - Throws: `LossError` of code `shape_mismatch` if the number of elements does not match.
  public init(shape: Shape, scalars: [Scalar]) throws(LossError) {
    guard scalars.count == shape.count else {
      throw LossError(
        .shapeMismatch, subject: "tensor", found: "has \(scalars.count) elements",
        expected: "\(shape.count), for shape \(shape)")
    }
    self.init(trusted: shape, scalars)
  }

  /// A tensor from its extents and its elements in row-major order.
  ///
  /// - Throws: `LossError` of code `shape_mismatch` if the number of elements does not match.
  public init(shape: [Int], scalars: [Scalar]) throws(LossError) {
    try self.init(shape: Shape(shape), scalars: scalars)
  }

  /// A matrix from its rows.
  ///
  /// - Throws: `LossError` of code `shape_mismatch` if the rows differ in length.
  public init(rows: [[Scalar]]) throws(LossError) {
    let width = rows.first?.count ?? 0
    for (index, row) in rows.enumerated() where row.count != width {
      throw LossError(
        .shapeMismatch, subject: "row \(index)", found: "has \(row.count) elements",
        expected: "\(width), as in the first row")
    }
    self.init(trusted: Shape(trusted: [rows.count, width]), Array(rows.joined()))
  }

  /// A tensor of equal elements.
  public init(repeating scalar: Scalar, shape: Shape) {
    self.init(trusted: shape, Array(repeating: scalar, count: shape.count))
  }

  /// A tensor from a shape and as many elements, unchecked.
  @inlinable
  package init(trusted shape: Shape, _ scalars: [Scalar]) {
    self.shape = shape
    self.scalars = scalars
  }

  /// The number of axes.
  public var rank: Int { shape.rank }

  /// The number of elements.
  public var count: Int { scalars.count }

  /// A tensor of the same shape with each element transformed.
  public func map<Other: Sendable>(_ transform: (Scalar) -> Other) -> Tensor<Other> {
    Tensor<Other>(trusted: shape, scalars.map(transform))
  }

  /// The same elements in another shape.
  ///
  /// - Throws: `LossError` of code `shape_mismatch` if the number of elements differs.
  public func reshaped(_ shape: Shape) throws(LossError) -> Tensor {
    try Tensor(shape: shape, scalars: scalars)
  }

  /// The tensor with permuted axes: axis `i` of the result is axis `order[i]` of this tensor.
  ///
  /// - Throws: `LossError` of code `invalid_rank` unless `order` is a permutation of the axes.
  public func permuted(_ order: [Int]) throws(LossError) -> Tensor {
    guard let permuted = shape.permuted(order) else {
      throw LossError(
        .invalidRank, subject: "tensor", found: "has shape \(shape)",
        expected: "a permutation of its axes, not \(order)")
    }
    let strides = shape.strides { _ in true }
    let offsets = permuted.offsets(strides: order.map { strides[$0] })
    return Tensor(trusted: permuted, offsets.map { scalars[$0] })
  }
}

extension Tensor where Scalar: TensorScalar {
  /// A scalar: a tensor without axes.
  public init(_ scalar: Scalar) {
    shape = .scalar
    scalars = [scalar]
  }
}

extension Tensor: Equatable where Scalar: Equatable {}
extension Tensor: Hashable where Scalar: Hashable {}

extension Tensor: CustomStringConvertible {
  /// The shape and the elements in row-major order.
  public var description: String { "\(shape) \(scalars)" }
}
