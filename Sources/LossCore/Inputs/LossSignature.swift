/// The inputs of a loss in order, the relations between their shapes, and the shape of the terms.
///
///     LossSignature(
///       .real(.prediction, "... class"),
///       .classes(.target, of: "class", "...", orReal: "... class"),
///       terms: "...", classAxis: "class")
///
/// Every loss also has the roles `weight` and `mask`, which are not listed.
public struct LossSignature: Hashable, Sendable {
  /// A class instance, since an evaluation copies its signature several times.
  @usableFromInline let parts: Parts

  /// The inputs; the shapes of the others are compared with that of the first, the leading input.
  @inlinable public var inputs: [InputSpecification] { parts.inputs }
  /// The axes of the terms.
  @inlinable public var terms: AxisPattern { parts.terms }
  /// The name of the class axis, which callers can put at any index with `classAxis`; nil if there
  /// is none. It is the last axis of every pattern that has it.
  @inlinable public var classAxis: String? { parts.classAxis }
  /// What the mask covers: the terms or, for region losses, the leading input.
  @inlinable public var maskCovers: MaskExtent { parts.maskCovers }

  /// The names of the axes, indexed by their codes.
  @inlinable var axisNames: [String] { parts.axisNames }
  /// The axis codes of the encodings of each input.
  var inputCodes: [[AxisCodes]] { parts.inputCodes }
  @inlinable var termCodes: AxisCodes { parts.termCodes }
  var hasDomains: Bool { parts.hasDomains }
  var isPair: Bool { parts.isPair }

  /// What a mask covers.
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

  public static func == (left: LossSignature, right: LossSignature) -> Bool {
    left.parts === right.parts
      || left.inputs == right.inputs && left.terms == right.terms
        && left.classAxis == right.classAxis && left.maskCovers == right.maskCovers
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(inputs)
    hasher.combine(terms)
  }

  /// The signature of elementwise losses of real predictions and targets.
  public static let elementwise = LossSignature(
    .real(.prediction, "..."), .real(.target, "..."), terms: "...")

  /// The signature of elementwise losses of scores and labels of -1 and +1.
  public static let elementwiseLabels = LossSignature(
    .real(.prediction, "..."), .labels(.target, "..."), terms: "...")

  /// The signature of elementwise losses of probabilities, for prediction and target.
  public static let elementwiseProbabilities = LossSignature(
    .real(.prediction, "...", .probability), .real(.target, "...", .probability), terms: "...")

  /// The signature of elementwise losses of logits and target probabilities.
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
  /// The parts of a signature, and data that every evaluation derives from them.
  @usableFromInline final class Parts: Sendable {
    @usableFromInline let inputs: [InputSpecification]
    @usableFromInline let terms: AxisPattern
    @usableFromInline let classAxis: String?
    @usableFromInline let maskCovers: MaskExtent
    @usableFromInline let axisNames: [String]
    let inputCodes: [[AxisCodes]]
    @usableFromInline let termCodes: AxisCodes
    /// Whether some input may not hold every number.
    let hasDomains: Bool
    /// Whether two inputs are enough for a call.
    let isPair: Bool

    init(
      _ inputs: [InputSpecification], _ terms: AxisPattern, _ classAxis: String?,
      _ maskCovers: MaskExtent
    ) {
      self.inputs = inputs
      self.terms = terms
      self.classAxis = classAxis
      self.maskCovers = maskCovers
      // The class axis, if there is one, has the code 0.
      var names = classAxis.map { [$0] } ?? []
      inputCodes = inputs.map { input in input.encodings.map { AxisCodes($0.axes, &names) } }
      termCodes = AxisCodes(terms, &names)
      axisNames = names
      isPair = inputs.count >= 2 && inputs.dropFirst(2).allSatisfy(\.isOptional)
      hasDomains = inputs.indices.contains { index in
        inputs[index].checkedDomain(at: index).bounds(Double.self) != nil
      }
    }
  }
}

/// One input of a loss: its role, its encodings and its domain.
public struct InputSpecification: Hashable, Sendable {
  /// The kind of values of an input.
  public enum Kind: Hashable, Sendable {
    /// Real numbers; integers and booleans are converted.
    case real
    /// Class indices from 0 along the axis with this name.
    case classIndex(of: String)
    /// Class indices with padding; the form knows the padding and checks the indices.
    case label(of: String)
    /// Lengths along the axis with this name, from 0 to its extent.
    case length(of: String)
    /// Integers that are equal for the elements of one group.
    case group
  }

  /// One encoding of an input: the kind of its values, and its axes.
  public struct Encoding: Hashable, Sendable {
    /// The kind of the values.
    public let kind: Kind
    /// The axes.
    public let axes: AxisPattern

    /// An encoding from its parts.
    package init(kind: Kind, axes: AxisPattern) {
      self.kind = kind
      self.axes = axes
    }
  }

  /// The values that an input may have; the conformance laws draw their inputs from it.
  public enum Domain: String, Hashable, Sendable {
    /// Any number.
    case any
    /// Non-negative numbers.
    case nonNegative = "non-negative"
    /// Numbers from 0 to 1.
    case probability
    /// Numbers from 0 to 1 that sum to 1 along the class axis.
    case distribution
    /// Log-probabilities: logarithms of numbers that sum to 1 along the class axis.
    case logDistribution = "log-distribution"
    /// A single 1 and otherwise 0 along the class axis.
    case oneHot = "one-hot"
    /// Relevances of at least zero; a negative number is padding.
    case relevance = "relevance, negative for padding"
    /// -1 or +1.
    case sign = "-1 or +1"
    /// 0 or 1.
    case binary = "0 or 1"
    /// Boxes: the lower and the upper corner along the last axis, with upper coordinates not below
    /// the lower ones.
    case boxCorners = "corners of boxes, the lower one first"
  }

  /// The role.
  public let role: Role
  /// The domain of its real values.
  public let domain: Domain
  /// The encodings that the loss accepts, the usual one first.
  public let encodings: [Encoding]
  /// Whether the loss has a gradient with respect to it.
  public let isDifferentiable: Bool
  /// Whether it may be missing.
  public let isOptional: Bool
  /// The value that ends a list of labels before its full length, and is not a label; nil for none.
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

  /// Real-valued labels, such as -1 and +1, without a gradient.
  public static func labels(
    _ role: Role, _ axes: AxisPattern, _ domain: Domain = .sign
  ) -> InputSpecification {
    InputSpecification(role, [Encoding(kind: .real, axes: axes)], domain)
  }

  /// Class indices or, with a second pattern, one number per class (one-hot or probabilities),
  /// which has a gradient if `isDifferentiable`.
  public static func classes(
    _ role: Role, of axis: String, _ axes: AxisPattern, orReal dense: AxisPattern? = nil,
    _ domain: Domain = .distribution, isDifferentiable: Bool = true
  ) -> InputSpecification {
    var encodings = [Encoding(kind: .classIndex(of: axis), axes: axes)]
    if let dense { encodings.append(Encoding(kind: .real, axes: dense)) }
    return InputSpecification(
      role, encodings, domain, isDifferentiable: dense != nil && isDifferentiable)
  }

  /// Class indices in one of two shapes.
  public static func classes(
    _ role: Role, of axis: String, _ axes: AxisPattern, or other: AxisPattern
  ) -> InputSpecification {
    InputSpecification(
      role, [axes, other].map { Encoding(kind: .classIndex(of: axis), axes: $0) })
  }

  /// Class indices with padding, which the form checks up to the given lengths, or up to the first
  /// value that ends a list.
  public static func sequence(
    _ role: Role, of axis: String, _ axes: AxisPattern, endedBy end: Int? = nil
  ) -> InputSpecification {
    InputSpecification(role, [Encoding(kind: .label(of: axis), axes: axes)], listEnd: end)
  }

  /// Integers that are equal for the elements of one group.
  public static func groups(_ role: Role, _ axes: AxisPattern) -> InputSpecification {
    InputSpecification(role, [Encoding(kind: .group, axes: axes)])
  }

  /// Optional lengths along an axis; the full extent if missing.
  public static func lengths(
    _ role: Role, of axis: String, _ axes: AxisPattern
  ) -> InputSpecification {
    InputSpecification(role, [Encoding(kind: .length(of: axis), axes: axes)], isOptional: true)
  }
}
