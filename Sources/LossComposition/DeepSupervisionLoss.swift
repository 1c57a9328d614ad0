public import LossCore

/// Deep supervision: the weighted sum of one loss over predictions at several resolutions.
///
/// A deeply supervised network gives one prediction per level, the finest first. These are the
/// leading inputs `prediction`, `prediction_2`, `prediction_3` and so on, up to eight.
///
/// All other inputs are shared by the levels: target, mask and weight are resampled to the
/// resolution of each prediction by nearest-neighbour sampling ("nearest-exact"), so that class
/// indices stay indices and one-hot targets stay one-hot. For n positions of the target and m of
/// the prediction, position j takes position `⌊(2 j + 1) n / (2 m)⌋`.
///
/// Spatial axes are all axes except the first, the batch axis, and the class axis; the extents of
/// these two must match. The levels are added as in `SumLoss`: with a reduction that leaves axes,
/// all results must have the same shape. The gradient of the target is the sum of the gradients of
/// the positions that were sampled from it.
///
/// As JSON:
/// `{"loss": "deep_supervision", "options": {"of": {"loss": "dice"}, "weights": "halving"}}`.
public struct DeepSupervisionLoss: LossProtocol {
  /// The loss and the weight of each level.
  public struct Options: LossOptions {
    /// The loss of every level.
    public var part: SumLoss.Part?
    /// The weight of each level: 1, 1/2, 1/4, ... 1/16; 1, 1/2, 1/2, ...; 1 each; or a list.
    public var weights = LevelWeights.halving
    /// Options without a loss; evaluating them throws.
    public init() {}

    /// The option `of` cannot be set from JSON here, since only a registry makes losses by name.
    public static let fields: [OptionField<Self>] = [
      OptionField(
        "of", \.part, range: "an object with loss, options, reduction, class_axis, scale",
        "the loss of every level"
      ) { $0?.scale.isFinite ?? true },
      OptionField(
        "weights", \.weights,
        range: "\"halving\", \"half\", \"same\", or a finite number for each level",
        "the weight of each level: 1, 1/2, 1/4, ... 1/16; 1, 1/2, 1/2, ...; 1 each; or a list"
      ) { $0.isFinite },
    ]
  }

  public static let metadata = LossMetadata(
    "deep_supervision",
    "Deep supervision: the weighted sum of one loss over predictions at several resolutions.",
    formula: "Σ weight · reduced(loss(prediction, target at its resolution))",
    domain: "That of the loss. Samples are along the first axis.",
    gradient: """
      That of the loss at each level, times its weight. The gradient of the target is the sum over \
      the levels.
      """,
    usage: """
      Networks with outputs at several resolutions, such as U-Nets with auxiliary heads, where it \
      trains the coarse levels directly. Use sum instead for different losses of one prediction.
      """,
    related: ["sum", "dice", "dice_ce"],
    alsoKnownAs: ["auxiliary_loss"],
    references: [
      "C.-Y. Lee et al., Deeply-Supervised Nets, 2015, arXiv:1409.5185",
      "MONAI, DeepSupervisionLoss (the weights)",
    ])

  /// The maximum number of levels.
  public static let mostLevels = 8

  public let options: Options
  public init(options: Options) { self.options = options }

  /// A loss at several resolutions.
  ///
  /// - Parameters:
  ///   - loss: the loss of every level.
  ///   - weights: the weight of each level.
  ///   - reduction: the reduction of the terms of the loss; nil for that of the call.
  ///   - classAxis: the class axis of the loss; nil for that of the call.
  public init(
    of loss: some LossProtocol, weights: LevelWeights = .halving, reduction: Reduction? = nil,
    classAxis: Int? = nil
  ) {
    var options = Options()
    options.part = SumLoss.Part(loss, reduction: reduction, classAxis: classAxis)
    options.weights = weights
    self.init(options: options)
  }

  /// The role of the prediction of a level, from 0 for the finest; nil beyond the last level.
  func role(ofLevel level: Int) -> Role? {
    guard let leading, level < Self.mostLevels else { return nil }
    return level == 0 ? leading.role : Role("\(leading.role)_\(level + 1)")
  }

  /// The leading input of the loss.
  private var leading: InputSpecification? { options.part?.loss.base.signature.inputs.first }

  /// The inputs of the loss, then the predictions of the other levels, which are optional.
  public var signature: LossSignature {
    guard let leading, let partSignature = options.part?.loss.base.signature else {
      return LossSignature(inputs: [], terms: "...")
    }
    // Axis names cannot relate the extents of different levels.
    let otherLevels = (1..<Self.mostLevels).compactMap { level in
      role(ofLevel: level).map {
        InputSpecification(
          $0, leading.encodings, leading.domain, isDifferentiable: leading.isDifferentiable,
          isOptional: true)
      }
    }
    return LossSignature(inputs: partSignature.inputs + otherLevels, terms: "...")
  }

  /// The roles of the loss, with the predictions of all levels.
  public var rolesWithSecondDerivative: [Role] {
    withLevels(options.part?.loss.base.rolesWithSecondDerivative ?? [])
  }
  /// The roles of the loss, with the predictions of all levels.
  public var rolesWithHessianVectorProduct: [Role] {
    withLevels(options.part?.loss.base.rolesWithHessianVectorProduct ?? [])
  }
  private func withLevels(_ roles: [Role]) -> [Role] {
    guard let leading, roles.contains(leading.role) else { return roles }
    return roles + (1..<Self.mostLevels).compactMap(role(ofLevel:))
  }

  public func evaluate(
    _ request: EvaluationRequest<Float>
  ) throws(LossError) -> LossOutcome<Float> {
    try sum(request)
  }
  public func evaluate(
    _ request: EvaluationRequest<Double>
  ) throws(LossError) -> LossOutcome<Double> {
    try sum(request)
  }

  private func sum<S: ComputeScalar>(
    _ request: EvaluationRequest<S>
  ) throws(LossError) -> LossOutcome<S> {
    try options.validate()
    guard let part = options.part, let first = role(ofLevel: 0) else {
      throw LossError(
        .invalidOption, loss: name, subject: "of", found: "is null", expected: "a loss")
    }
    try request.refuseUnknownInputs(of: self)
    for gradient in request.gradients where request.input(gradient.role) == nil {
      throw LossError(
        .missingInput, loss: name, subject: gradient.role.name, found: "is missing",
        expected: "the input whose gradient is requested")
    }
    if request.order != .first { try request.refuseSecondOrder(of: self) }
    for vector in request.vectors where request.input(vector.role) == nil {
      throw LossError(
        .missingInput, loss: name, subject: vector.role.name, found: "is missing",
        expected: "the input that a vector is given for")
    }
    let levels = (0..<Self.mostLevels).compactMap { level in
      role(ofLevel: level).flatMap { request.input($0) }
    }
    guard levels.first?.role == first else {
      throw LossError(
        .missingInput, loss: name, subject: first.name, found: "is missing",
        expected: "the prediction of the finest level")
    }
    let weights = try options.weights.numbers(levels.count)
    for gradient in request.gradients { gradient.buffer.update(repeating: 0) }
    var total: Tensor<S>?
    for (level, weight) in zip(levels, weights) {
      let values = try LevelEvaluation(part, level, first, request).evaluate(weight)
      total = try total?.adding(values, of: level.role.name, to: "levels", in: name) ?? values
    }
    return LossOutcome(total ?? Tensor(0))
  }

  /// Makes the loss from option values, with a registry for its part.
  static func make(
    _ values: [String: OptionValue], _ registry: LossRegistry
  ) throws(LossError) -> any LossProtocol {
    var others = values
    let partValue = others.removeValue(forKey: "of") ?? .null
    var options = try Options(others)
    if partValue != .null {
      options.part = try SumLoss.Part(partValue, of: "of", Options.fields[0].range, registry)
    }
    try options.validate()
    return DeepSupervisionLoss(options: options)
  }
}

/// The weights of the levels of a deep supervision, the finest first.
public enum LevelWeights: Hashable, Sendable {
  /// Half the weight of the previous level, but at least 1/16: 1, ½, ¼, ⅛, 1/16, 1/16, …
  case halving
  /// 1 for the finest level, ½ for the others.
  case half
  /// 1 for each level.
  case same
  /// One number per level; surplus numbers are ignored.
  case list([Double])

  var isFinite: Bool {
    guard case .list(let numbers) = self else { return true }
    return numbers.allSatisfy(\.isFinite)
  }

  /// The weights of this number of levels.
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
  public var optionValue: OptionValue {
    switch self {
    case .halving: "halving"
    case .half: "half"
    case .same: "same"
    case .list(let numbers): numbers.optionValue
    }
  }
}
