/// The axes of an input in the signature of a loss: `"... class"`, `"... time class"`,
/// `"sample 4"`.
///
/// - A name is an axis that has the same extent in every pattern of the signature.
/// - `label+1` is an axis that is longer by 1 than the axis `label`.
/// - A number is an axis with this extent.
/// - `...` is any number of axes, with the same extents in every pattern.
public struct AxisPattern: Hashable, Sendable, ExpressibleByStringLiteral {
  /// One element of a pattern.
  public enum Axis: Hashable, Sendable {
    /// Any number of axes.
    case ellipsis
    /// An axis with a name.
    case named(String)
    /// An axis that is longer than the named one.
    case longer(String, by: Int)
    /// An axis with this extent.
    case exactly(Int)

    /// An axis from its text.
    init(_ text: Substring) {
      let parts = text.split(separator: "+")
      if text == "..." {
        self = .ellipsis
      } else if let extent = Int(text) {
        self = .exactly(extent)
      } else if parts.count == 2, let surplus = Int(parts[1]), surplus > 0 {
        self = .longer(String(parts[0]), by: surplus)
      } else {
        self = .named(String(text))
      }
    }
  }

  /// The axes in order.
  public let axes: [Axis]

  /// A pattern from its text: names, numbers and `...`, separated by spaces.
  public init(_ text: String) { axes = text.split(separator: " ").map { Axis($0) } }

  /// A pattern from its text.
  public init(stringLiteral value: String) { self.init(value) }
}

extension AxisPattern.Axis: CustomStringConvertible {
  /// The text of the axis in a pattern.
  public var description: String {
    switch self {
    case .ellipsis: "..."
    case .named(let name): name
    case .longer(let name, let surplus): "\(name)+\(surplus)"
    case .exactly(let extent): String(extent)
    }
  }
}

/// A pattern with integer codes for its names, so that matching a shape compares no strings.
@usableFromInline struct AxisCodes: Hashable, Sendable {
  /// -1 for `...`; 0 or more for a name, combined with its surplus; -2 or less for an extent.
  let codes: [Int]
  let hasEllipsis: Bool

  static let ellipsis = -1
  static func code(extent: Int) -> Int { -2 &- extent }
  /// The index of the name in the list of names.
  static func name(_ code: Int) -> Int { code & 0xFFFF }
  /// The extent of the axis minus that of the named axis.
  static func surplus(_ code: Int) -> Int { code &>> 16 }

  /// The codes of a pattern; new names are appended to the list.
  init(_ pattern: AxisPattern, _ names: inout [String]) {
    var codes: [Int] = []
    for axis in pattern.axes {
      switch axis {
      case .ellipsis: codes.append(Self.ellipsis)
      case .exactly(let extent): codes.append(Self.code(extent: extent))
      case .named(let name): codes.append(Self.index(of: name, in: &names))
      case .longer(let name, let surplus):
        codes.append(Self.index(of: name, in: &names) | surplus &<< 16)
      }
    }
    self.codes = codes
    hasEllipsis = codes.contains(Self.ellipsis)
  }

  private static func index(of name: String, in names: inout [String]) -> Int {
    if let known = names.firstIndex(of: name) { return known }
    names.append(name)
    return names.count - 1
  }

  /// The minimum number of axes of a matching shape.
  var minimumRank: Int { codes.count - (hasEllipsis ? 1 : 0) }
}

extension AxisPattern: CustomStringConvertible {
  /// The axes in brackets: `[..., class]`.
  public var description: String {
    "[" + axes.map(\.description).joined(separator: ", ") + "]"
  }
}
