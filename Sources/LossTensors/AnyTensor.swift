/// A tensor whose element type is known only at run time.
public enum AnyTensor: Hashable, Sendable {
  /// 32-bit floating-point elements.
  case float32(Tensor<Float>)
  /// 64-bit floating-point elements.
  case float64(Tensor<Double>)
  /// Integer elements.
  case int64(Tensor<Int>)
  /// Boolean elements.
  case bool(Tensor<Bool>)
  /// Elements of a type that no loss computes with: half precision, and whole numbers of fewer than
  /// 64 bits.
  case narrow(NarrowTensor)

  /// A tensor without its static element type.
  public init<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) {
    self = Scalar.anyTensor(tensor)
  }

  /// The element type.
  public var element: ElementType {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .int64: .int64
    case .bool: .bool
    case .narrow(let tensor): tensor.element
    }
  }

  /// The extents of the axes.
  public var shape: Shape {
    switch self {
    case .float32(let tensor): tensor.shape
    case .float64(let tensor): tensor.shape
    case .int64(let tensor): tensor.shape
    case .bool(let tensor): tensor.shape
    case .narrow(let tensor): tensor.shape
    }
  }

  /// The elements as `Double`: exact except for integers beyond 2⁵³; true is 1.
  public var doubles: [Double] {
    switch self {
    case .float32(let tensor): tensor.scalars.map(Double.init)
    case .float64(let tensor): tensor.scalars
    case .int64(let tensor): tensor.scalars.map(Double.init)
    case .bool(let tensor): tensor.scalars.map { $0 ? 1 : 0 }
    case .narrow: widened.doubles
    }
  }

  /// The elements converted to a floating-point type, rounded to nearest.
  public func converted<Scalar: BinaryFloatingPoint & Sendable>(
    to type: Scalar.Type = Scalar.self
  ) -> Tensor<Scalar> {
    switch self {
    case .float32(let tensor): (tensor as? Tensor<Scalar>) ?? tensor.map { Scalar($0) }
    case .float64(let tensor): (tensor as? Tensor<Scalar>) ?? tensor.map { Scalar($0) }
    case .int64(let tensor): tensor.map { Scalar($0) }
    case .bool(let tensor): tensor.map { $0 ? 1 : 0 }
    case .narrow: widened.converted()
    }
  }

  /// The same numbers in an element type that losses compute with; the tensor itself if it has one.
  public var widened: AnyTensor {
    guard case .narrow(let tensor) = self else { return self }
    return tensor.widened
  }

  /// The elements as another element type: floating point rounded to nearest, integers and booleans
  /// only without loss.
  ///
  /// Integers take whole numbers in their range, `bool` takes 0 and 1.
  ///
  /// - Throws: `LossError` of code `invalid_type` for an element that the type does not have.
  public func cast(to element: ElementType) throws(LossError) -> AnyTensor {
    if self.element == element { return self }
    if case .narrow = self { return try widened.cast(to: element) }
    return switch element {
    case .float32: .float32(converted())
    case .float64: .float64(converted())
    case .float16, .bfloat16: .narrow(NarrowTensor(rounding: self, to: element))
    case .int64: .int64(try integers(element))
    case .int8: try narrow(element, Int8.self)
    case .uint8: try narrow(element, UInt8.self)
    case .int16: try narrow(element, Int16.self)
    case .uint16: try narrow(element, UInt16.self)
    case .int32: try narrow(element, Int32.self)
    case .uint32: try narrow(element, UInt32.self)
    case .bool:
      switch self {
      case .bool, .narrow: self
      case .int64(let tensor): try .bool(exactly(tensor, element, "0 and 1", Self.flag))
      case .float32(let tensor): try .bool(exactly(tensor, element, "0 and 1", Self.flag))
      case .float64(let tensor): try .bool(exactly(tensor, element, "0 and 1", Self.flag))
      }
    }
  }

  private func integers(_ element: ElementType) throws(LossError) -> Tensor<Int> {
    switch self {
    case .int64(let tensor): tensor
    case .bool(let tensor): tensor.map { $0 ? 1 : 0 }
    case .float32(let tensor):
      try exactly(tensor, element, "whole numbers") { Int(exactly: $0) }
    case .float64(let tensor):
      try exactly(tensor, element, "whole numbers") { Int(exactly: $0) }
    case .narrow: try widened.integers(element)
    }
  }

  private func narrow<Scalar: TensorScalar & FixedWidthInteger>(
    _ element: ElementType, _ type: Scalar.Type
  ) throws(LossError) -> AnyTensor {
    let range = "whole numbers from \(Scalar.min) to \(Scalar.max)"
    return AnyTensor(try exactly(try integers(element), element, range) { Scalar(exactly: $0) })
  }

  private static func flag<Scalar: Numeric>(_ scalar: Scalar) -> Bool? {
    scalar == 0 ? false : scalar == 1 ? true : nil
  }

  private func exactly<Scalar, Other: Sendable>(
    _ tensor: Tensor<Scalar>, _ element: ElementType, _ expected: String,
    _ convert: (Scalar) -> Other?
  ) throws(LossError) -> Tensor<Other> {
    var scalars: [Other] = []
    scalars.reserveCapacity(tensor.count)
    for (position, scalar) in tensor.scalars.enumerated() {
      guard let converted = convert(scalar) else {
        let index = tensor.shape.index(at: position)
        throw LossError(
          .invalidType, subject: "tensor",
          found: "is \(scalar)" + (index.isEmpty ? "" : " at \(index)"),
          expected: "only \(expected), to cast to \(element.rawValue)")
      }
      scalars.append(converted)
    }
    return Tensor(trusted: tensor.shape, scalars)
  }

  /// The same elements in another shape.
  ///
  /// - Throws: `LossError` of code `shape_mismatch` if the number of elements differs.
  public func reshaped(_ shape: Shape) throws(LossError) -> AnyTensor {
    switch self {
    case .float32(let tensor): .float32(try tensor.reshaped(shape))
    case .float64(let tensor): .float64(try tensor.reshaped(shape))
    case .int64(let tensor): .int64(try tensor.reshaped(shape))
    case .bool(let tensor): .bool(try tensor.reshaped(shape))
    case .narrow(let tensor): .narrow(try tensor.reshaped(shape))
    }
  }

  /// The tensor with permuted axes: axis `i` of the result is axis `order[i]` of this tensor.
  ///
  /// - Throws: `LossError` of code `invalid_rank` unless `order` is a permutation of the axes.
  public func permuted(_ order: [Int]) throws(LossError) -> AnyTensor {
    switch self {
    case .float32(let tensor): .float32(try tensor.permuted(order))
    case .float64(let tensor): .float64(try tensor.permuted(order))
    case .int64(let tensor): .int64(try tensor.permuted(order))
    case .bool(let tensor): .bool(try tensor.permuted(order))
    case .narrow(let tensor): .narrow(try tensor.permuted(order))
    }
  }
}

/// A value that is a tensor: a `Tensor`, an array (one axis) or an `AnyTensor`.
public protocol TensorConvertible: Sendable {
  /// The tensor, its kind of element known at run time only.
  var anyTensor: AnyTensor { get }
}

/// A tensor or an array (one axis) whose kind of element is known to the compiler.
public protocol TypedTensorConvertible<Scalar>: TensorConvertible {
  /// The kind of element.
  associatedtype Scalar: TensorScalar
}

extension AnyTensor: TensorConvertible {
  /// A tensor whose kind of element is known at run time only.
  public init(_ tensor: some TensorConvertible) { self = tensor.anyTensor }
  /// The tensor itself.
  public var anyTensor: AnyTensor { self }
}
extension Tensor: TensorConvertible, TypedTensorConvertible where Scalar: TensorScalar {
  /// The tensor, its kind of element known at run time only.
  public var anyTensor: AnyTensor { Scalar.anyTensor(self) }
}
extension Array: TensorConvertible, TypedTensorConvertible where Element: TensorScalar {
  /// The kind of element.
  public typealias Scalar = Element
  /// A tensor with one axis.
  public var anyTensor: AnyTensor { Element.anyTensor(Tensor(self)) }
}
