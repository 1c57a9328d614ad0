/// How the terms of a loss become its result.
///
/// With terms `x`, weights `w` (1 where none are given) and the terms that a mask keeps:
///
///     none            w x, one number a term; 0 where the mask removes
///     sum             Σ w x
///     mean            Σ w x / (number of terms kept)
///     batch_mean      Σ w x / (number of samples, along axis 0, with a term kept)
///     weighted_mean   Σ w x / Σ w, where a class weight is part of w
public struct Reduction: Hashable, Sendable {
  /// The formula.
  public enum Kind: String, OptionChoice {
    /// One number a term.
    case unreduced = "none"
    /// The sum.
    case sum
    /// The sum divided by the number of terms that the mask keeps.
    case mean
    /// The sum divided by the number of samples: the extent of the terms' first axis, without the
    /// samples that the mask removes whole.
    case batchMean = "batch_mean"
    /// The sum divided by the sum of the weights.
    case weightedMean = "weighted_mean"
  }

  /// What a mean is when the mask, or an extent of zero, leaves it nothing to divide by.
  public enum EmptyPolicy: String, OptionChoice {
    /// An error of code `empty_input`.
    case refuse
    /// Zero, with a gradient of zero.
    case zero
    /// Not a number, with a gradient of zero.
    case nan
  }

  /// A stage before: the terms are summed or averaged over some axes first, and what that leaves
  /// are the terms of the reduction proper.
  public struct First: Hashable, Sendable {
    /// Whether the terms are averaged; otherwise they are summed.
    public var averages: Bool
    /// The axes, counted in the shape of the terms.
    public var axes: [Int]

    /// A stage before.
    public init(averages: Bool, axes: [Int]) {
      self.averages = averages
      self.axes = axes
    }
  }

  /// The formula.
  public var kind: Kind
  /// The axes of the terms that the result loses; nil for all of them.
  public var axes: [Int]?
  /// Whether the axes that the result loses stay with extent 1.
  public var keepsDimensions: Bool
  /// What a mean of nothing is.
  public var whenEmpty: EmptyPolicy
  /// A stage before, if there is one.
  public var first: First?

  /// A reduction from its parts.
  public init(
    _ kind: Kind, over axes: [Int]? = nil, keepsDimensions: Bool = false,
    whenEmpty: EmptyPolicy = .refuse, first: First? = nil
  ) {
    self.kind = kind
    self.axes = axes
    self.keepsDimensions = keepsDimensions
    self.whenEmpty = whenEmpty
    self.first = first
  }

  /// One number a term.
  public static let unreduced = Reduction(.unreduced)
  /// Renamed, because `.none` for an optional reduction is `nil`: the loss's own reduction.
  @available(*, unavailable, renamed: "unreduced")
  public static var none: Reduction { unreduced }
  /// The sum of all terms.
  public static let sum = Reduction(.sum)
  /// The sum divided by the number of terms.
  public static let mean = Reduction(.mean)
  /// The sum divided by the number of samples.
  public static let batchMean = Reduction(.batchMean)
  /// The sum divided by the sum of the weights.
  public static let weightedMean = Reduction(.weightedMean)

  /// The sum over some axes of the terms.
  public static func sum(over axes: [Int], keepsDimensions: Bool = false) -> Reduction {
    Reduction(.sum, over: axes, keepsDimensions: keepsDimensions)
  }
  /// The mean over some axes of the terms.
  public static func mean(over axes: [Int], keepsDimensions: Bool = false) -> Reduction {
    Reduction(.mean, over: axes, keepsDimensions: keepsDimensions)
  }

  /// Whether the result is one number whatever the shape of the terms.
  @inlinable var isScalar: Bool { kind != .unreduced && axes == nil && !keepsDimensions }
}

extension Reduction: OptionConvertible {
  /// A word, or an object with the keys `kind`, `axes`, `keeps_axes`, `when_empty` and `first`.
  public init?(optionValue: OptionValue) {
    if let kind = Kind(optionValue: optionValue) {
      self.init(kind)
      return
    }
    guard case .object(var object) = optionValue,
      let kind = object.removeValue(forKey: "kind").flatMap(Kind.init(optionValue:))
    else { return nil }
    self.init(kind)
    for (key, value) in object {
      switch key {
      case "axes":
        guard let axes = [Int]?(optionValue: value) else { return nil }
        self.axes = axes
      case "keeps_axes":
        guard let keepsDimensions = Bool(optionValue: value) else { return nil }
        self.keepsDimensions = keepsDimensions
      case "when_empty":
        guard let whenEmpty = EmptyPolicy(optionValue: value) else { return nil }
        self.whenEmpty = whenEmpty
      case "first":
        guard let first = First?(optionValue: value) else { return nil }
        self.first = first
      default: return nil
      }
    }
  }

  /// The word where the word says all, otherwise the object.
  public var optionValue: OptionValue {
    guard self != Reduction(kind) else { return kind.optionValue }
    var object: [String: OptionValue] = ["kind": kind.optionValue]
    if let axes { object["axes"] = axes.optionValue }
    if keepsDimensions { object["keeps_axes"] = true }
    if whenEmpty != .refuse { object["when_empty"] = whenEmpty.optionValue }
    if let first { object["first"] = first.optionValue }
    return .object(object)
  }
}

extension Reduction.First: OptionConvertible {
  /// An object with the keys `kind` (mean or sum) and `axes`.
  public init?(optionValue: OptionValue) {
    guard case .object(let object) = optionValue, object.count == 2,
      let kind = object["kind"].flatMap(Reduction.Kind.init(optionValue:)),
      kind == .mean || kind == .sum,
      let axes = object["axes"].flatMap([Int].init(optionValue:))
    else { return nil }
    self.init(averages: kind == .mean, axes: axes)
  }

  /// The object.
  public var optionValue: OptionValue {
    ["kind": averages ? "mean" : "sum", "axes": axes.optionValue]
  }
}
