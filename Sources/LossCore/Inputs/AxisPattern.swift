/// The axes of an input, as a loss declares them: `"... class"`, `"... time class"`, `"sample 4"`.
///
/// A word names an axis, and the axis has the same extent wherever the word stands; `label+1` is an
/// axis that is longer by 1; a number is an extent; `...` stands for any number of axes, the same
/// ones wherever it stands.
public struct AxisPattern: Hashable, Sendable, ExpressibleByStringLiteral {
  /// One item of a pattern.
  public enum Axis: Hashable, Sendable {
    /// Any number of axes.
    case ellipsis
    /// An axis with a name.
    case named(String)
    /// An axis that is longer than the one of this name.
    case longer(String, by: Int)
    /// An axis of this extent.
    case exactly(Int)

    /// An axis from its word.
    init(_ word: Substring) {
      let parts = word.split(separator: "+")
      if word == "..." {
        self = .ellipsis
      } else if let extent = Int(word) {
        self = .exactly(extent)
      } else if parts.count == 2, let surplus = Int(parts[1]), surplus > 0 {
        self = .longer(String(parts[0]), by: surplus)
      } else {
        self = .named(String(word))
      }
    }
  }

  /// The items in order.
  public let axes: [Axis]

  /// A pattern from its text: words, numbers and `...`, separated by spaces.
  public init(_ text: String) { axes = text.split(separator: " ").map { Axis($0) } }

  /// A pattern from its text.
  public init(stringLiteral value: String) { self.init(value) }
}

extension AxisPattern.Axis: CustomStringConvertible {
  /// The word of a pattern's text.
  public var description: String {
    switch self {
    case .ellipsis: "..."
    case .named(let name): name
    case .longer(let name, let surplus): "\(name)+\(surplus)"
    case .exactly(let extent): String(extent)
    }
  }
}

/// A pattern whose names are numbers, so that fitting a shape to it compares no text.
@usableFromInline struct AxisCodes: Hashable, Sendable {
  /// -1 for `...`, from 0 on for a name and what is added to its extent, and from -2 down for an
  /// extent.
  let codes: [Int]
  let hasRest: Bool

  static let ellipsis = -1
  static func code(extent: Int) -> Int { -2 &- extent }
  /// The place of the name among all names.
  static func name(_ code: Int) -> Int { code & 0xFFFF }
  /// By how much the axis is longer than the one of its name.
  static func surplus(_ code: Int) -> Int { code &>> 16 }

  /// The codes of a pattern; new names are added to the list.
  init(_ pattern: AxisPattern, _ names: inout [String]) {
    var codes: [Int] = []
    for axis in pattern.axes {
      switch axis {
      case .ellipsis: codes.append(Self.ellipsis)
      case .exactly(let extent): codes.append(Self.code(extent: extent))
      case .named(let name): codes.append(Self.place(of: name, in: &names))
      case .longer(let name, let surplus):
        codes.append(Self.place(of: name, in: &names) | surplus &<< 16)
      }
    }
    self.codes = codes
    hasRest = codes.contains(Self.ellipsis)
  }

  private static func place(of name: String, in names: inout [String]) -> Int {
    if let known = names.firstIndex(of: name) { return known }
    names.append(name)
    return names.count - 1
  }

  /// The smallest number of axes that fit.
  var minimumRank: Int { codes.count - (hasRest ? 1 : 0) }
}

extension AxisPattern: CustomStringConvertible {
  /// The items in brackets: `[..., class]`.
  public var description: String {
    "[" + axes.map(\.description).joined(separator: ", ") + "]"
  }
}
