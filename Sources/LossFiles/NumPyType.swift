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
