/// The element type of a tensor, known at run time.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  /// 32-bit floating point, `Float`.
  case float32 = "f32"
  /// 64-bit floating point, `Double`.
  case float64 = "f64"
  /// 64-bit integers, `Int`.
  case int64 = "i64"
  /// Booleans, `Bool`.
  case bool
}

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
    }
  }

  /// The extents of the axes.
  public var shape: Shape {
    switch self {
    case .float32(let tensor): tensor.shape
    case .float64(let tensor): tensor.shape
    case .int64(let tensor): tensor.shape
    case .bool(let tensor): tensor.shape
    }
  }

  /// The elements as `Double`: exact except for integers beyond 2⁵³; true is 1.
  public var doubles: [Double] {
    switch self {
    case .float32(let tensor): tensor.scalars.map(Double.init)
    case .float64(let tensor): tensor.scalars
    case .int64(let tensor): tensor.scalars.map(Double.init)
    case .bool(let tensor): tensor.scalars.map { $0 ? 1 : 0 }
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
    }
  }

  /// The elements as another element type: floating point rounded to nearest, integers and booleans
  /// only without loss.
  ///
  /// `i64` takes whole numbers, `bool` takes 0 and 1.
  ///
  /// - Throws: `LossError` of code `invalid_type` for an element that the type does not have.
  public func cast(to element: ElementType) throws(LossError) -> AnyTensor {
    switch element {
    case .float32: .float32(converted())
    case .float64: .float64(converted())
    case .int64:
      switch self {
      case .int64: self
      case .bool(let tensor): .int64(tensor.map { $0 ? 1 : 0 })
      case .float32(let tensor):
        try .int64(exactly(tensor, element, "whole numbers") { Int(exactly: $0) })
      case .float64(let tensor):
        try .int64(exactly(tensor, element, "whole numbers") { Int(exactly: $0) })
      }
    case .bool:
      switch self {
      case .bool: self
      case .int64(let tensor): try .bool(exactly(tensor, element, "0 and 1", Self.flag))
      case .float32(let tensor): try .bool(exactly(tensor, element, "0 and 1", Self.flag))
      case .float64(let tensor): try .bool(exactly(tensor, element, "0 and 1", Self.flag))
      }
    }
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
    }
  }
}

/// A type of tensor elements that `AnyTensor` has a case for.
public protocol TensorScalar: Sendable {
  /// The element type.
  static var element: ElementType { get }
  /// A tensor whose kind of element is known at run time only.
  static func anyTensor(_ tensor: Tensor<Self>) -> AnyTensor
}

extension Float: TensorScalar {
  /// 32-bit floating point.
  @inlinable public static var element: ElementType { .float32 }
  /// A tensor of 32-bit floating point.
  public static func anyTensor(_ tensor: Tensor<Float>) -> AnyTensor { .float32(tensor) }
}
extension Double: TensorScalar {
  /// 64-bit floating point.
  @inlinable public static var element: ElementType { .float64 }
  /// A tensor of 64-bit floating point.
  public static func anyTensor(_ tensor: Tensor<Double>) -> AnyTensor { .float64(tensor) }
}
extension Int: TensorScalar {
  /// 64-bit integers.
  @inlinable public static var element: ElementType { .int64 }
  /// A tensor of whole numbers.
  public static func anyTensor(_ tensor: Tensor<Int>) -> AnyTensor { .int64(tensor) }
}
extension Bool: TensorScalar {
  /// Booleans.
  @inlinable public static var element: ElementType { .bool }
  /// A tensor of true and false.
  public static func anyTensor(_ tensor: Tensor<Bool>) -> AnyTensor { .bool(tensor) }
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
