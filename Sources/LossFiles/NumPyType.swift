/// The type of an element as NumPy writes it: `<f8` is a little-endian float of 8 bytes.
struct NumPyType: Hashable, CustomStringConvertible {
  /// The kinds of number that can be read: a letter and the size in bytes.
  enum Kind: String, CaseIterable {
    case f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1

    /// The size in bytes.
    var size: Int {
      switch self {
      case .i1, .u1, .b1: 1
      case .f2, .i2, .u2: 2
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

  /// The type that the text names, or nil if it is none of those that can be read.
  init?(_ text: String) {
    guard let order = text.first, let kind = Kind(rawValue: String(text.dropFirst())),
      order == "<" || order == ">" || (order == "|" && kind.size == 1)
    else { return nil }
    self.init(kind, isBigEndian: order == ">")
  }

  var description: String {
    (kind.size == 1 ? "|" : isBigEndian ? ">" : "<") + kind.rawValue
  }

  /// What can be read, for messages.
  static let readable =
    "one of " + Kind.allCases.map(\.rawValue).joined(separator: ", ")
    + " after its byte order, <, > or |"
}
