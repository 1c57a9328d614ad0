internal import CLosses

/// An element type of losses.h.
enum ElementCode: Int32 {
  case float32 = 1
  case float64, int64, bool, float16, bfloat16, uint8, int8, int16, uint16, int32, uint32

  /// The size of an element in bytes, which is its alignment too.
  var size: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64: 8
    }
  }

  /// Whether values and gradients can have the type.
  var isReal: Bool {
    switch self {
    case .float32, .float64, .float16, .bfloat16: true
    default: false
    }
  }
}
