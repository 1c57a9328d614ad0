public import LossCore

/// One loss at several resolutions: each of several predictions against one target.
///
///     result = Σ weight · reduced(loss(prediction, target at the resolution of the prediction))
///
/// A network that is supervised deeply gives a prediction on each of its levels, the finest first.
/// They are the leading inputs, `prediction`, `prediction_2`, `prediction_3` and so on, up to eight.
/// Every other input belongs to all of them: the places of the target, of a mask and of a weight are
/// brought to those of each prediction. A place takes what lies in the middle of it there, so that
/// nothing is mixed: class indices stay indices, one-hot stays one-hot. With n places for m of the
/// prediction, place j takes place `⌊(2 j + 1) n / (2 m)⌋` ("nearest-exact").
///
/// Places are along all axes but the first, which holds samples, and the class axis. Extents along
/// those must agree, as the loss wants it. The result is that of `SumLoss` over the levels: with a
/// reduction that leaves axes, all results must have one shape. The gradient of the target is the
/// sum of what its places were taken for.
///
/// As JSON: `{"loss": "deep_supervision", "options": {"of": {"loss": "dice"}, "weights": "halving"}}`.
///
/// - Reference: C.-Y. Lee et al., "Deeply-Supervised Nets", 2015, arXiv:1409.5185; the weights are
///   those of MONAI's `DeepSupervisionLoss`.
public struct DeepSupervisionLoss: LossProtocol {
  /// The loss and what each level weighs.
  public struct Options: LossOptions {
    /// The loss, with a reduction and a class axis of its own if it has them.
    public var part: SumLoss.Part?
    /// What each level weighs.
    public var weights = LevelWeights.halving
    /// No loss, which is refused when it is evaluated.
    public init() {}

    /// The loss, for reading only, since only a registry can make one of a name; and the weights.
    public static let fields: [OptionField<Self>] = [
      OptionField(
        "of", \.part, range: "an object with loss, options, reduction, class_axis, scale",
        "the loss that every level has"
      ) { $0?.scale.isFinite ?? true },
      OptionField(
        "weights", \.weights,
        range: "\"halving\", \"half\", \"same\", or a finite number for each level",
        "what each level weighs: 1, 1/2, 1/4, ... 1/16; 1, 1/2, 1/2, ...; 1 each; or a list"
      ) { $0.isFinite },
    ]
  }

  /// The name and the formula.
  public static let metadata = LossMetadata(
    "deep_supervision", "One loss at several resolutions, against one target.",
    formula: "Σ weight · reduced(loss(prediction, target at its resolution))",
    domain: "That of the loss; samples along the first axis.",
    references: ["C.-Y. Lee et al., Deeply-Supervised Nets, 2015"])

  /// How many levels there can be.
  public static let mostLevels = 8

  /// The loss and what each level weighs.
  public let options: Options
  /// The loss at several resolutions.
  public init(options: Options) { self.options = options }

  /// A loss at several resolutions.
  ///
  /// - Parameters:
  ///   - loss: the loss that every level has.
  ///   - weights: what each level weighs.
  ///   - reduction: how its terms become one number; nil for that of the call.
  ///   - classAxis: where its class axis lies; nil for that of the call.
  public init(
    of loss: some LossProtocol, weights: LevelWeights = .halving, reduction: Reduction? = nil,
    classAxis: Int? = nil
  ) {
    var options = Options()
    options.part = SumLoss.Part(loss, reduction: reduction, classAxis: classAxis)
    options.weights = weights
    self.init(options: options)
  }

  /// The role of the prediction on a level, 0 the finest; nil beyond the last.
  func role(ofLevel level: Int) -> Role? {
    guard let leading, level < Self.mostLevels else { return nil }
    return level == 0 ? leading.role : Role("\(leading.role)_\(level + 1)")
  }

  /// What the loss compares with the rest.
  private var leading: InputSpecification? { options.part?.loss.base.signature.inputs.first }

  /// The inputs of the loss, then the predictions of the further levels, which may be left out.
  public var signature: LossSignature {
    guard let leading, let encodings = options.part?.loss.base.signature else {
      return LossSignature(inputs: [], terms: "...")
    }
    // Each level has places of its own, which no name of an axis says.
    let further = (1..<Self.mostLevels).compactMap { level in
      role(ofLevel: level).map {
        InputSpecification(
          $0, leading.encodings, leading.domain, isDifferentiable: leading.isDifferentiable,
          isOptional: true)
      }
    }
    return LossSignature(inputs: encodings.inputs + further, terms: "...")
  }

  /// What the loss can differentiate twice, on every level.
  public var rolesWithSecondDerivative: [Role] {
    guard let leading, let own = options.part?.loss.base.rolesWithSecondDerivative else {
      return []
    }
    let levels = (1..<Self.mostLevels).compactMap(role(ofLevel:))
    return own + (own.contains(leading.role) ? levels : [])
  }

  /// Evaluates in `Float`.
  public func evaluate(_ call: EvaluationRequest<Float>) throws(LossError) -> LossOutcome<Float> {
    try sum(call)
  }
  /// Evaluates in `Double`.
  public func evaluate(_ call: EvaluationRequest<Double>) throws(LossError) -> LossOutcome<Double> {
    try sum(call)
  }

  private func sum<S: ComputeScalar>(_ call: EvaluationRequest<S>) throws(LossError) -> LossOutcome<
    S
  > {
    try options.validate()
    guard let part = options.part, let first = role(ofLevel: 0) else {
      throw LossError(
        .invalidOption, loss: name, subject: "of", found: "is null", expected: "a loss")
    }
    try call.refuseUnknownInputs(of: self)
    for gradient in call.gradients where call.input(gradient.role) == nil {
      throw LossError(
        .missingInput, loss: name, subject: gradient.role.name, found: "is not given",
        expected: "what its gradient is wanted of")
    }
    if call.order == .second { try call.refuseSecondDerivative(of: self) }
    let levels = (0..<Self.mostLevels).compactMap { level in
      role(ofLevel: level).flatMap { call.input($0) }
    }
    guard levels.first?.role == first else {
      throw LossError(
        .missingInput, loss: name, subject: first.name, found: "is not given",
        expected: "a prediction of the finest level")
    }
    let weights = try options.weights.numbers(levels.count)
    for gradient in call.gradients { gradient.buffer.update(repeating: 0) }
    var total: Tensor<S>?
    for (level, weight) in zip(levels, weights) {
      let values = try LevelCall(part, level, first, call).evaluate(weight)
      total = try total?.adding(values, of: level.role.name, to: "levels", in: name) ?? values
    }
    return LossOutcome(total ?? Tensor(0))
  }

  /// The loss that a configuration describes, made by a registry.
  static func make(
    _ values: [String: OptionValue], _ registry: LossRegistry
  ) throws(LossError) -> any LossProtocol {
    var others = values
    let given = others.removeValue(forKey: "of") ?? .null
    var options = try Options(others)
    if given != .null {
      options.part = try SumLoss.Part(given, of: "of", Options.fields[0].range, registry)
    }
    try options.validate()
    return DeepSupervisionLoss(options: options)
  }
}

/// What each level of a deep supervision weighs, the finest first.
public enum LevelWeights: Hashable, Sendable {
  /// Half of what the level before weighs: 1, ½, ¼, ⅛, and no less than 1/16.
  case halving
  /// 1 for the finest, ½ for the others.
  case half
  /// 1 for each.
  case same
  /// A number for each level; for fewer levels the first of them.
  case list([Double])

  var isFinite: Bool {
    guard case .list(let numbers) = self else { return true }
    return numbers.allSatisfy(\.isFinite)
  }

  /// The numbers of so many levels.
  func numbers(_ count: Int) throws(LossError) -> [Double] {
    switch self {
    case .halving: return (0..<count).map { $0 < 4 ? 1 / Double(1 << $0) : 0.0625 }
    case .half: return (0..<count).map { $0 == 0 ? 1 : 0.5 }
    case .same: return Array(repeating: 1, count: count)
    case .list(let numbers):
      guard numbers.count >= count else {
        throw LossError(
          .invalidOption, loss: DeepSupervisionLoss.metadata.name, subject: "weights",
          found: "has \(numbers.count) numbers", expected: "\(count), one for each level")
      }
      return Array(numbers.prefix(count))
    }
  }
}

extension LevelWeights: OptionConvertible {
  /// A word or a list, or nil.
  public init?(optionValue: OptionValue) {
    switch optionValue {
    case .text("halving"): self = .halving
    case .text("half"): self = .half
    case .text("same"): self = .same
    default:
      guard let numbers = [Double](optionValue: optionValue) else { return nil }
      self = .list(numbers)
    }
  }
  /// The word or the list.
  public var optionValue: OptionValue {
    switch self {
    case .halving: "halving"
    case .half: "half"
    case .same: "same"
    case .list(let numbers): numbers.optionValue
    }
  }
}
