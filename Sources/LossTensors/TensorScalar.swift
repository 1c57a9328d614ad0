/// A type of tensor elements.
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
extension Int64: TensorScalar {
  /// 64-bit integers.
  @inlinable public static var element: ElementType { .int64 }
  /// A tensor of whole numbers.
  public static func anyTensor(_ tensor: Tensor<Int64>) -> AnyTensor {
    .int64(tensor.map { Int($0) })
  }
}
extension Bool: TensorScalar {
  /// Booleans.
  @inlinable public static var element: ElementType { .bool }
  /// A tensor of true and false.
  public static func anyTensor(_ tensor: Tensor<Bool>) -> AnyTensor { .bool(tensor) }
}

extension BFloat16: TensorScalar {
  /// The upper half of a 32-bit floating-point number.
  @inlinable public static var element: ElementType { .bfloat16 }
}
#if !(os(macOS) && arch(x86_64))
  extension Float16: TensorScalar {
    /// 16-bit floating point.
    @inlinable public static var element: ElementType { .float16 }
  }
#endif
extension Int8: TensorScalar {
  /// 8-bit integers.
  @inlinable public static var element: ElementType { .int8 }
}
extension UInt8: TensorScalar {
  /// 8-bit integers without a sign.
  @inlinable public static var element: ElementType { .uint8 }
}
extension Int16: TensorScalar {
  /// 16-bit integers.
  @inlinable public static var element: ElementType { .int16 }
}
extension UInt16: TensorScalar {
  /// 16-bit integers without a sign.
  @inlinable public static var element: ElementType { .uint16 }
}
extension Int32: TensorScalar {
  /// 32-bit integers.
  @inlinable public static var element: ElementType { .int32 }
}
extension UInt32: TensorScalar {
  /// 32-bit integers without a sign.
  @inlinable public static var element: ElementType { .uint32 }
}

extension TensorScalar {
  /// A tensor of a narrow element type.
  public static func anyTensor(_ tensor: Tensor<Self>) -> AnyTensor {
    .narrow(NarrowTensor(tensor))
  }
}
