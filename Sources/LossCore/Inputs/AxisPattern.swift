/// The axes of an input, as a loss declares them: `"... class"`, `"... time class"`, `"sample 4"`.
///
/// A word names an axis, and the axis has the same extent wherever the word stands; a number is an
/// extent; `...` stands for any number of axes, the same ones wherever it stands.
public struct AxisPattern: Hashable, Sendable, ExpressibleByStringLiteral {
  /// One item of a pattern.
  public enum Axis: Hashable, Sendable {
    /// Any number of axes.
    case rest
    /// An axis with a name.
    case named(String)
    /// An axis of this extent.
    case exactly(Int)
  }

  /// The items in order.
  public let axes: [Axis]

  /// A pattern from its text: words, numbers and `...`, separated by spaces.
  public init(_ text: String) {
    axes = text.split(separator: " ").map { word in
      word == "..." ? .rest : Int(word).map(Axis.exactly) ?? .named(String(word))
    }
  }

  /// A pattern from its text.
  public init(stringLiteral value: String) { self.init(value) }

}

/// A pattern whose names are numbers, so that fitting a shape to it compares no text.
@usableFromInline struct AxisCodes: Hashable, Sendable {
  /// -1 for `...`, from 0 on for a name, and from -2 down for an extent.
  let codes: [Int]
  let hasRest: Bool

  static let rest = -1
  static func code(extent: Int) -> Int { -2 &- extent }

  /// The codes of a pattern; new names are added to the list.
  init(_ pattern: AxisPattern, _ names: inout [String]) {
    var codes: [Int] = []
    for axis in pattern.axes {
      switch axis {
      case .rest: codes.append(Self.rest)
      case .exactly(let extent): codes.append(Self.code(extent: extent))
      case .named(let name):
        if let known = names.firstIndex(of: name) {
          codes.append(known)
        } else {
          codes.append(names.count)
          names.append(name)
        }
      }
    }
    self.codes = codes
    hasRest = codes.contains(Self.rest)
  }

  /// The smallest number of axes that fit.
  var minimumRank: Int { codes.count - (hasRest ? 1 : 0) }
}

extension AxisPattern: CustomStringConvertible {
  /// The items in brackets: `[..., class]`.
  public var description: String {
    let items = axes.map { axis in
      switch axis {
      case .rest: "..."
      case .named(let name): name
      case .exactly(let extent): String(extent)
      }
    }
    return "[" + items.joined(separator: ", ") + "]"
  }
}
