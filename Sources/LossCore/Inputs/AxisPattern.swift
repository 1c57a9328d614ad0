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

  /// The smallest number of axes that fit.
  var minimumRank: Int { axes.count - (hasRest ? 1 : 0) }

  /// Whether the pattern takes any number of axes.
  var hasRest: Bool { axes.contains(.rest) }

  /// Whether an axis of this name is among the items.
  func contains(_ name: String) -> Bool { axes.contains(.named(name)) }
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
