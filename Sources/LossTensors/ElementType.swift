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
  /// 16-bit floating point of IEEE 754, `Float16`.
  case float16 = "f16"
  /// The upper half of a 32-bit floating-point number, `BFloat16`.
  case bfloat16 = "bf16"
  /// 8-bit integers, `Int8`.
  case int8 = "i8"
  /// 8-bit integers without a sign, `UInt8`.
  case uint8 = "u8"
  /// 16-bit integers, `Int16`.
  case int16 = "i16"
  /// 16-bit integers without a sign, `UInt16`.
  case uint16 = "u16"
  /// 32-bit integers, `Int32`.
  case int32 = "i32"
  /// 32-bit integers without a sign, `UInt32`.
  case uint32 = "u32"

  /// The number of bytes of an element.
  public var size: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64: 8
    }
  }

  /// Whether elements are floating-point numbers.
  public var isReal: Bool {
    switch self {
    case .float32, .float64, .float16, .bfloat16: true
    default: false
    }
  }

  /// Whether elements are whole numbers.
  public var isInteger: Bool { self != .bool && !isReal }

  /// Whether elements are stored in fewer bits than any that a loss computes with.
  public var isNarrow: Bool {
    switch self {
    case .float32, .float64, .int64, .bool: false
    default: true
    }
  }

  /// The element type that holds the same numbers and that a loss computes with: `float32` for
  /// `float16` and `bfloat16`, `int64` for whole numbers.
  public var widened: ElementType { isNarrow ? (isReal ? .float32 : .int64) : self }
}
