import LossTensors

/// An element type in NumPy notation: `<f8` is a little-endian float of 8 bytes.
struct NumPyType: Hashable, CustomStringConvertible {
  /// The supported kinds: a letter and the size in bytes.
  enum Kind: String, CaseIterable {
    case f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1
    /// bfloat16, which NumPy has no type of its own for: the package ml_dtypes writes two bytes.
    case v2 = "V2"

    /// The size in bytes.
    var size: Int {
      switch self {
      case .i1, .u1, .b1: 1
      case .f2, .i2, .u2, .v2: 2
      case .f4, .i4, .u4: 4
      case .f8, .i8, .u8: 8
      }
    }
  }

  let kind: Kind
  let isBigEndian: Bool

  init(_ kind: Kind, isBigEndian: Bool = false) {
    self.kind = kind
    self.isBigEndian = isBigEndian
  }

  /// Parses a type; nil if it is not supported.
  init?(_ text: String) {
    guard let order = text.first, let kind = Kind(rawValue: String(text.dropFirst())),
      order == "<" || order == ">" || (order == "|" && (kind.size == 1 || kind == .v2))
    else { return nil }
    self.init(kind, isBigEndian: order == ">")
  }

  var description: String {
    (kind.size == 1 ? "|" : isBigEndian ? ">" : "<") + kind.rawValue
  }

  /// The supported types, for error messages.
  static let readable =
    "one of " + Kind.allCases.map(\.rawValue).joined(separator: ", ")
    + " with byte order <, > or |"
}

extension NumPyType {
  /// The type in which an element type is written.
  init(_ element: ElementType) {
    switch element {
    case .float32: self.init(.f4)
    case .float64: self.init(.f8)
    case .int64: self.init(.i8)
    case .bool: self.init(.b1)
    case .float16: self.init(.f2)
    case .int8: self.init(.i1)
    case .uint8: self.init(.u1)
    case .int16: self.init(.i2)
    case .uint16: self.init(.u2)
    case .int32: self.init(.i4)
    case .uint32: self.init(.u4)
    case .bfloat16: self.init(.v2)
    }
  }

  /// The element type that this type is read as. Integers of 64 bits without a sign, which no element
  /// type has, are read as `int64`.
  var element: ElementType {
    ElementType.allCases.first { NumPyType($0).kind == kind } ?? .int64
  }
}
