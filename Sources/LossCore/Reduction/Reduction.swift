/// The reduction of the terms of a loss to its result.
///
/// For terms `x` and weights `w` (1 by default), over the terms that the mask keeps:
///
///     none            w x, one number per term; 0 for masked terms
///     sum             Σ w x
///     mean            Σ w x / (number of terms kept)
///     batch_mean      Σ w x / (number of samples, along axis 0, with a term kept)
///     weighted_mean   Σ w x / Σ w, where a class weight is part of w
public struct Reduction: Hashable, Sendable {
  /// The kind of reduction.
  public enum Kind: String, OptionChoice {
    /// One number a term.
    case unreduced = "none"
    /// The sum.
    case sum
    /// The sum divided by the number of terms that the mask keeps.
    case mean
    /// The sum divided by the batch size: the extent of the first axis of the terms, without
    /// samples that are masked entirely.
    case batchMean = "batch_mean"
    /// The sum divided by the sum of the weights.
    case weightedMean = "weighted_mean"
  }

  /// The mean of no terms, where the mask removes all of them or an extent is zero.
  public enum EmptyPolicy: String, OptionChoice {
    /// An error of code `empty_input`.
    case refuse
    /// Zero, with a gradient of zero.
    case zero
    /// NaN, with a gradient of zero.
    case nan
  }

  /// A stage that precedes the reduction: it sums or averages the terms over some axes, and its
  /// results are the terms of the reduction proper.
  public struct Stage: Hashable, Sendable {
    /// Whether the terms are averaged; otherwise they are summed.
    public var averages: Bool
    /// Axes of the shape of the terms.
    public var axes: [Int]

    /// A preceding stage.
    public init(averages: Bool, axes: [Int]) {
      self.averages = averages
      self.axes = axes
    }
  }

  /// The kind of reduction.
  public var kind: Kind
  /// The axes of the terms that are reduced; nil for all of them.
  public var axes: [Int]?
  /// Whether reduced axes are kept with extent 1.
  public var keepsDimensions: Bool
  /// The mean of no terms.
  public var whenEmpty: EmptyPolicy
  /// The preceding stage; nil for none.
  public var preceding: Stage?

  /// A reduction from its parts.
  public init(
    _ kind: Kind, over axes: [Int]? = nil, keepsDimensions: Bool = false,
    whenEmpty: EmptyPolicy = .refuse, preceding: Stage? = nil
  ) {
    self.kind = kind
    self.axes = axes
    self.keepsDimensions = keepsDimensions
    self.whenEmpty = whenEmpty
    self.preceding = preceding
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

  /// Whether the result is a scalar for every shape of the terms.
  @inlinable var isScalar: Bool { kind != .unreduced && axes == nil && !keepsDimensions }
}

extension Reduction {
  /// The result in words: what the terms are divided by.
  public var explanation: String {
    let terms = axes == nil ? "the terms" : "the terms over axes \(axes ?? [])"
    let whole = "the sum of \(terms)"
    return switch kind {
    case .unreduced: "one number per term"
    case .sum: whole
    case .mean: "\(whole), divided by the number of terms that are kept"
    case .batchMean: "\(whole), divided by the number of samples with a term that is kept"
    case .weightedMean: "\(whole), divided by the sum of their weights and class weights"
    }
  }
}

extension Reduction: OptionConvertible {
  /// A kind, or an object with the keys `kind`, `axes`, `keeps_axes`, `when_empty` and `first`.
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
        guard let preceding = Stage?(optionValue: value) else { return nil }
        self.preceding = preceding
      default: return nil
      }
    }
  }

  /// The kind alone if everything else has its default, otherwise the object.
  public var optionValue: OptionValue {
    guard self != Reduction(kind) else { return kind.optionValue }
    var object: [String: OptionValue] = ["kind": kind.optionValue]
    if let axes { object["axes"] = axes.optionValue }
    if keepsDimensions { object["keeps_axes"] = true }
    if whenEmpty != .refuse { object["when_empty"] = whenEmpty.optionValue }
    if let preceding { object["first"] = preceding.optionValue }
    return .object(object)
  }
}

extension Reduction.Stage: OptionConvertible {
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
