/// The inputs of a loss in order, with the shape relation between them, and the shape of its terms.
///
///     LossSignature(
///       .real(.prediction, "... class"),
///       .classes(.target, of: "class", "...", orReal: "... class"),
///       terms: "...", classAxis: "class")
///
/// The roles `weight` and `mask` are every loss's own and are not listed.
public struct LossSignature: Hashable, Sendable {
  /// One object, since every call hands its signature on several times.
  @usableFromInline let parts: Parts

  /// The inputs, the leading one first: its shape is the one that others are compared with.
  @inlinable public var inputs: [InputSpecification] { parts.inputs }
  /// The axes of the terms.
  @inlinable public var terms: AxisPattern { parts.terms }
  /// The name of the axis that a caller may put anywhere with `classAxis`, if there is one. It is
  /// the last of every pattern that has it.
  @inlinable public var classAxis: String? { parts.classAxis }
  /// What the mask covers: the terms, or, for losses that sum over regions, the leading input.
  @inlinable public var maskCovers: MaskExtent { parts.maskCovers }

  /// The names of the axes; their places here are their codes.
  @inlinable var axisNames: [String] { parts.axisNames }
  /// The ways in which each input can be given, in codes.
  var inputCodes: [[AxisCodes]] { parts.inputCodes }
  @inlinable var termCodes: AxisCodes { parts.termCodes }

  /// What a mask selects from.
  public enum MaskExtent: Hashable, Sendable {
    /// The terms.
    case terms
    /// The elements of the leading input.
    case elements
  }

  /// A signature from its inputs.
  public init(
    _ inputs: InputSpecification..., terms: AxisPattern, classAxis: String? = nil,
    maskCovers: MaskExtent = .terms
  ) {
    self.init(inputs: inputs, terms: terms, classAxis: classAxis, maskCovers: maskCovers)
  }

  /// A signature from a list of inputs.
  public init(
    inputs: [InputSpecification], terms: AxisPattern, classAxis: String? = nil,
    maskCovers: MaskExtent = .terms
  ) {
    parts = Parts(inputs, terms, classAxis, maskCovers)
  }

  /// Whether both describe the same inputs and terms.
  public static func == (left: LossSignature, right: LossSignature) -> Bool {
    left.parts === right.parts
      || left.inputs == right.inputs && left.terms == right.terms
        && left.classAxis == right.classAxis && left.maskCovers == right.maskCovers
  }

  /// Takes in the inputs and the terms.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(inputs)
    hasher.combine(terms)
  }

  /// The signature of losses that compare numbers pair by pair.
  public static let elementwise = LossSignature(
    .real(.prediction, "..."), .real(.target, "..."), terms: "...")

  /// The signature of losses that compare scores with labels of -1 and +1.
  public static let elementwiseLabels = LossSignature(
    .real(.prediction, "..."), .labels(.target, "..."), terms: "...")

  /// The signature of losses that compare probabilities with probabilities, number by number.
  public static let elementwiseProbabilities = LossSignature(
    .real(.prediction, "...", .probability), .real(.target, "...", .probability), terms: "...")

  /// The signature of losses that compare logits with probabilities, number by number.
  public static let elementwiseLogits = LossSignature(
    .real(.prediction, "..."), .real(.target, "...", .probability), terms: "...")

  /// Whether the second input may be class indices.
  package var takesClasses: Bool {
    guard inputs.count > 1, case .classIndex? = inputs[1].encodings.first?.kind else {
      return false
    }
    return true
  }

  /// The input with this role, or nil.
  public func input(_ role: Role) -> InputSpecification? {
    inputs.first { $0.role == role }
  }
}

extension LossSignature {
  /// What a signature consists of, with what follows from it for every call.
  @usableFromInline final class Parts: Sendable {
    @usableFromInline let inputs: [InputSpecification]
    @usableFromInline let terms: AxisPattern
    @usableFromInline let classAxis: String?
    @usableFromInline let maskCovers: MaskExtent
    @usableFromInline let axisNames: [String]
    let inputCodes: [[AxisCodes]]
    @usableFromInline let termCodes: AxisCodes

    init(
      _ inputs: [InputSpecification], _ terms: AxisPattern, _ classAxis: String?,
      _ maskCovers: MaskExtent
    ) {
      self.inputs = inputs
      self.terms = terms
      self.classAxis = classAxis
      self.maskCovers = maskCovers
      // The class axis has the code 0, if there is one.
      var names = classAxis.map { [$0] } ?? []
      inputCodes = inputs.map { input in input.encodings.map { AxisCodes($0.axes, &names) } }
      termCodes = AxisCodes(terms, &names)
      axisNames = names
    }
  }
}

/// One input of a loss: its role, what it may hold and its axes.
public struct InputSpecification: Hashable, Sendable {
  /// What an input holds.
  public enum Kind: Hashable, Sendable {
    /// Real numbers; whole numbers and truth values are taken as such.
    case real
    /// Indices of classes, 0 the first, along the axis with this name.
    case classIndex(of: String)
    /// Indices of classes of which only as many count as the form decides, so that it checks them.
    case label(of: String)
    /// How much of the axis with this name counts: from 0 to its extent.
    case length(of: String)
    /// Any whole numbers, which are the same where elements belong together.
    case group
  }

  /// One way in which an input can be given.
  public struct Encoding: Hashable, Sendable {
    /// What it holds.
    public let kind: Kind
    /// Its axes.
    public let axes: AxisPattern

    /// A way from its parts.
    package init(kind: Kind, axes: AxisPattern) {
      self.kind = kind
      self.axes = axes
    }
  }

  /// Which numbers an input may hold: what a caller has to know, and a judge to try.
  public enum Domain: String, Hashable, Sendable {
    /// Any number.
    case any
    /// Numbers of at least zero.
    case nonNegative = "non-negative"
    /// Numbers from 0 to 1.
    case probability
    /// Numbers from 0 to 1 that add up to 1 along the class axis.
    case distribution
    /// Logarithms of numbers that add up to 1 along the class axis.
    case logDistribution = "log-distribution"
    /// One 1 and otherwise 0 along the class axis.
    case oneHot = "one-hot"
    /// -1 or +1.
    case sign = "-1 or +1"
    /// 0 or 1.
    case binary = "0 or 1"
    /// Boxes: along the last axis the lower corner, then the upper one, none of it below the lower.
    case boxCorners = "corners of boxes, the lower one first"
  }

  /// The role.
  public let role: Role
  /// Which numbers it may hold, where it holds real ones.
  public let domain: Domain
  /// The ways in which it can be given, the usual one first.
  public let encodings: [Encoding]
  /// Whether the loss has a gradient with respect to it.
  public let isDifferentiable: Bool
  /// Whether it can be left out.
  public let isOptional: Bool
  /// The number that ends a list of labels before its last place, and is no label; nil for none.
  public let listEnd: Int?

  /// An input from its parts.
  package init(
    _ role: Role, _ encodings: [Encoding], _ domain: Domain = .any, isDifferentiable: Bool = false,
    isOptional: Bool = false, listEnd: Int? = nil
  ) {
    self.role = role
    self.domain = domain
    self.encodings = encodings
    self.isDifferentiable = isDifferentiable
    self.isOptional = isOptional
    self.listEnd = listEnd
  }

  /// Real numbers with a gradient.
  public static func real(
    _ role: Role, _ axes: AxisPattern, _ domain: Domain = .any, isOptional: Bool = false
  ) -> InputSpecification {
    InputSpecification(
      role, [Encoding(kind: .real, axes: axes)], domain, isDifferentiable: true,
      isOptional: isOptional)
  }

  /// Real numbers that are labels, such as -1 and +1, and have no gradient.
  public static func labels(
    _ role: Role, _ axes: AxisPattern, _ domain: Domain = .sign
  ) -> InputSpecification {
    InputSpecification(role, [Encoding(kind: .real, axes: axes)], domain)
  }

  /// Indices of classes or, where a second pattern is given, a number for each class (one-hot or
  /// probabilities), which has a gradient if `isDifferentiable`.
  public static func classes(
    _ role: Role, of axis: String, _ axes: AxisPattern, orReal dense: AxisPattern? = nil,
    _ domain: Domain = .distribution, isDifferentiable: Bool = true
  ) -> InputSpecification {
    var encodings = [Encoding(kind: .classIndex(of: axis), axes: axes)]
    if let dense { encodings.append(Encoding(kind: .real, axes: dense)) }
    return InputSpecification(
      role, encodings, domain, isDifferentiable: dense != nil && isDifferentiable)
  }

  /// Indices of classes in one of two shapes.
  public static func classes(
    _ role: Role, of axis: String, _ axes: AxisPattern, or other: AxisPattern
  ) -> InputSpecification {
    InputSpecification(
      role, [axes, other].map { Encoding(kind: .classIndex(of: axis), axes: $0) })
  }

  /// Indices of classes of which the form checks those that count: all, or as many as lengths say, or
  /// those before the first number that ends a list.
  public static func sequence(
    _ role: Role, of axis: String, _ axes: AxisPattern, endedBy end: Int? = nil
  ) -> InputSpecification {
    InputSpecification(role, [Encoding(kind: .label(of: axis), axes: axes)], listEnd: end)
  }

  /// Whole numbers that say nothing but which elements belong together: the same number for those.
  public static func groups(_ role: Role, _ axes: AxisPattern) -> InputSpecification {
    InputSpecification(role, [Encoding(kind: .group, axes: axes)])
  }

  /// How much of an axis counts; left out, all of it does.
  public static func lengths(
    _ role: Role, of axis: String, _ axes: AxisPattern
  ) -> InputSpecification {
    InputSpecification(role, [Encoding(kind: .length(of: axis), axes: axes)], isOptional: true)
  }
}
