public import LossCore

/// Weighted sum of losses.
///
///     0.7 * CrossEntropyLoss() + 0.3 * DiceLoss()
///
/// - Inputs: every part uses the inputs of its signature, so that a part may be a penalty on
///   parameters. Weight and mask apply to parts with several inputs, not to penalties.
/// - Reduction: a part uses the reduction of the call unless it has its own (`reduced(by:)`). With
///   a reduction that leaves axes, the results of all parts must have the same shape.
///
/// As JSON: `{"loss": "sum", "options": {"parts": [{"scale": 0.7, "loss": "cross_entropy"}, …]}}`.
public struct SumLoss: LossProtocol {
  /// One loss of the sum.
  public struct Part: Hashable, Sendable {
    /// The factor of its value and its gradients.
    public var scale: Double
    /// The loss, optionally with its own reduction and class axis.
    public var loss: ConfiguredLoss

    /// Parts are equal if their JSON forms are; closures are compared by identity.
    public static func == (a: Part, b: Part) -> Bool {
      a.scale == b.scale && a.loss.configuration == b.loss.configuration
        && (a.loss.base as? ClosureLoss)?.identity == (b.loss.base as? ClosureLoss)?.identity
    }
    public func hash(into hasher: inout Hasher) {
      hasher.combine(scale)
      hasher.combine(loss.configuration)
    }
  }

  /// The parts of the sum.
  public struct Options: LossOptions {
    /// The losses of the sum, each with its scale.
    public var parts: [Part] = []
    /// Options without parts: a loss that is zero.
    public init() {}

    /// The option `parts` cannot be set from JSON here, since only a registry makes losses by name.
    public static let fields: [OptionField<Self>] = [
      OptionField(
        "parts", \.parts,
        range: "a list of objects with scale, loss, options, reduction, class_axis",
        "the losses of the sum, each with its scale"
      ) { $0.allSatisfy { $0.scale.isFinite } }
    ]
  }

  public static let metadata = LossMetadata(
    "sum", "Weighted sum of losses.",
    formula: "Σ scale · reduced(loss)",
    domain: "That of each part, for the inputs of its signature.",
    gradient: "The sum of the gradients of the parts, times their scales.",
    usage: """
      Training with several objectives, such as a data term plus l2_penalty on the parameters, or \
      cross_entropy plus dice. The scales balance the gradients of the parts.
      """,
    related: ["dice_ce", "dice_focal", "deep_supervision"],
    alsoKnownAs: ["weighted_sum"])

  public let options: Options
  public init(options: Options) { self.options = options }

  /// A sum of one loss.
  init(_ loss: some LossProtocol, scale: Double = 1, reduction: Reduction? = nil, classAxis: Int?) {
    var options = Options()
    if let sum = loss as? SumLoss, reduction == nil, classAxis == nil {
      options.parts = sum.options.parts.map { part in
        Part(scale: scale * part.scale, loss: part.loss)
      }
    } else {
      options.parts = [Part(loss, scale: scale, reduction: reduction, classAxis: classAxis)]
    }
    self.init(options: options)
  }

  /// The inputs of all parts, without duplicates.
  public var signature: LossSignature {
    var inputs: [InputSpecification] = []
    for part in options.parts {
      for input in part.loss.base.signature.inputs
      where !inputs.contains(where: { $0.role == input.role }) {
        inputs.append(input)
      }
    }
    return LossSignature(inputs: inputs, terms: "...")
  }

  /// The inputs for which every part that has them has a second derivative.
  public var rolesWithSecondDerivative: [Role] {
    signature.inputs.map(\.role).filter { role in
      options.parts.allSatisfy { part in
        let loss = part.loss.base
        return loss.signature.input(role) == nil
          || loss.rolesWithSecondDerivative.contains(role)
      }
    }
  }

  /// The partial results of the parts; nil if a part has none, or is a penalty on parameters, which
  /// all shards would count.
  public var partialForm: PartialForm? {
    options.parts.allSatisfy { part in
      part.loss.base.partialForm != nil && part.loss.base.signature.inputs.count > 1
    } ? .parts : nil
  }

  /// The inputs for which every part that has them has products of its Hessian.
  public var rolesWithHessianVectorProduct: [Role] {
    signature.inputs.map(\.role).filter { role in
      options.parts.allSatisfy { part in
        let loss = part.loss.base
        return loss.signature.input(role) == nil
          || loss.rolesWithHessianVectorProduct.contains(role)
      }
    }
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
    try refuseMixedPredictions()
    try request.refuseUnknownInputs(of: self)
    if request.order != .first { try request.refuseSecondOrder(of: self) }
    for gradient in request.gradients { gradient.buffer.update(repeating: 0) }
    var total: Tensor<S>?
    for (index, part) in options.parts.enumerated() {
      let values = try evaluate(part, for: request, partial: request.partial?.part(index)).map {
        S(part.scale) * $0
      }
      total = try total?.adding(values, of: part.loss.name, to: "parts", in: name) ?? values
    }
    return LossOutcome(total ?? Tensor(0))
  }

  /// Refuses parts that read one input as logits and as probabilities: one of the two is wrong.
  private func refuseMixedPredictions() throws(LossError) {
    for part in options.parts {
      guard let logits = part.loss.base.roleOfLogits else { continue }
      for other in options.parts {
        let base = other.loss.base
        guard let input = base.signature.input(logits),
          input.domain == .probability || input.domain == .distribution,
          base.signature.inputs.first?.role == logits
        else { continue }
        let names = base.options.values.keys
        throw LossError(
          .invalidOption, loss: name, subject: "parts",
          found: "read \(logits) as logits (\(part.loss.name)) and as probabilities (\(base.name))",
          expected: "one of the two",
          hint: names.contains("activation")
            ? "Set activation of \(base.name) to sigmoid or softmax."
            : names.contains("from_logits") ? "Set from_logits of \(base.name) to true." : "")
      }
    }
  }

  /// Evaluates one part on the inputs of its signature, and adds its gradients to those of the
  /// request.
  private func evaluate<S: ComputeScalar>(
    _ part: Part, for request: EvaluationRequest<S>, partial: PartialCollector?
  ) throws(LossError) -> Tensor<S> {
    let signature = part.loss.base.signature
    // Weight and mask belong to samples; a penalty on parameters has none.
    let hasSamples = signature.inputs.count > 1
    let inputs = request.inputs.filter { input in
      signature.input(input.role) != nil
        || (hasSamples && (input.role == .weight || input.role == .mask))
    }
    let totals = request.gradients.filter { gradient in
      signature.input(gradient.role)?.isDifferentiable ?? false
    }
    let partGradients = totals.map { total in
      GradientView<S>(role: total.role, buffer: .allocate(capacity: total.buffer.count))
    }
    for gradient in partGradients { gradient.buffer.initialize(repeating: 0) }
    defer { for gradient in partGradients { gradient.buffer.deallocate() } }
    let vectors = request.vectors.filter { signature.input($0.role) != nil }
    let result = try part.evaluate(
      inputs, partGradients, vectors: vectors, upstream: request.upstream, in: request, partial)
    let scale = S(part.scale)
    for (total, gradient) in zip(totals, partGradients) {
      for index in total.buffer.indices { total.buffer[index] += scale * gradient.buffer[index] }
    }
    return result
  }
}

extension SumLoss.Part: OptionConvertible {
  /// Always nil, since only a registry makes losses by name.
  public init?(optionValue: OptionValue) { nil }

  /// The configuration of the loss, with the scale.
  public var optionValue: OptionValue {
    guard case .object(var object) = loss.configuration.optionValue else { return .null }
    object["scale"] = .number(scale)
    return .object(object)
  }
}

extension SumLoss {
  /// Makes the sum from option values, with a registry for its parts.
  static func make(
    _ values: [String: OptionValue], _ registry: LossRegistry
  ) throws(LossError) -> any LossProtocol {
    var others = values
    guard let partsValue = others.removeValue(forKey: "parts") else {
      return SumLoss(options: try Options(others))
    }
    guard others.isEmpty, case .list(let list) = partsValue else {
      return SumLoss(options: try Options(values))
    }
    var sum = SumLoss()
    for value in list {
      let part = try Part(value, of: "parts", Options.fields[0].range, registry)
      let one = SumLoss(
        part.loss.base, scale: part.scale, reduction: part.loss.reduction,
        classAxis: part.loss.classAxis)
      sum = sum + one
    }
    try sum.options.validate()
    return sum
  }
}

extension SumLoss.Part {
  /// A part of a loss. A default reduction other than the mean, as of a penalty, takes precedence
  /// over the reduction of the call.
  init(_ loss: any LossProtocol, scale: Double = 1, reduction: Reduction?, classAxis: Int?) {
    let fixedReduction = loss.defaultReduction == .mean ? nil : loss.defaultReduction
    self.scale = scale
    self.loss = ConfiguredLoss(
      loss, reduction: reduction ?? fixedReduction, classAxis: classAxis)
  }

  /// The value of the loss, without the scale, for these inputs, gradients and vectors and otherwise
  /// the parameters of the request.
  ///
  /// The Hessian times a vector without parts for this loss is 0: the memory of the gradients keeps
  /// what it holds.
  func evaluate<S: ComputeScalar>(
    _ inputs: [InputView], _ gradients: [GradientView<S>], vectors: [InputView],
    upstream: UnsafeBufferPointer<S>?, in request: EvaluationRequest<S>,
    _ partial: PartialCollector? = nil
  ) throws(LossError) -> Tensor<S> {
    let isZero = request.order == .hessianVectorProduct && vectors.isEmpty
    let gradients = isZero ? [] : gradients
    return try inputs.withUnsafeBufferPointer { (inputs) throws(LossError) in
      try gradients.withUnsafeBufferPointer { (gradients) throws(LossError) in
        try vectors.withUnsafeBufferPointer { (vectors) throws(LossError) in
          var partRequest = EvaluationRequest<S>(
            inputs, gradients: gradients, reduction: loss.reduction ?? request.reduction,
            classAxis: loss.baseClassAxis
              ?? (loss.takesClassAxis ? request.classAxis : nil),
            threads: request.threads,
            order: isZero ? .first : request.order,
            upstream: upstream)
          partRequest.vectors = vectors
          partRequest.domainChecks = request.domainChecks
          partRequest.partial = partial
          return try S.evaluate(loss.base, partRequest).tensor
        }
      }
    }
  }

  /// The part that a configuration with a scale describes; errors name the option and its range.
  init(
    _ value: OptionValue, of option: String, _ range: String, _ registry: LossRegistry
  ) throws(LossError) {
    guard case .object(var object) = value, case .text? = object["loss"],
      let scale = Double(optionValue: object.removeValue(forKey: "scale") ?? 1)
    else { throw OptionField<SumLoss.Options>.refusal(of: value, for: option, range) }
    let loss = try registry.loss(LossConfiguration(optionValue: .object(object), as: option))
    try Self.refuseAdaptedArguments(loss, option)
    self.init(
      loss.base, scale: scale * loss.scale, reduction: loss.reduction, classAxis: loss.classAxis)
  }

  /// Refuses a dialect entry that converts its arguments, such as class indices counted from 1: a
  /// part gets the inputs of the sum unchanged.
  private static func refuseAdaptedArguments(
    _ loss: ConfiguredLoss, _ option: String
  ) throws(LossError) {
    guard loss.changesInputs else { return }
    let argument = loss.dialectEntry?.arguments.first(where: \.isAdapted)?.role ?? .target
    throw LossError(
      .invalidOption, subject: option,
      found: "names \(loss.name), which expects its \(argument) in another layout",
      expected: "a loss with our layout, such as \(loss.base.name)")
  }
}

extension LossProtocol {
  /// The loss with its own reduction and class axis inside a sum.
  public func reduced(by reduction: Reduction, classAxis: Int? = nil) -> SumLoss {
    SumLoss(self, reduction: reduction, classAxis: classAxis)
  }

  /// The loss with its value and gradients multiplied by a number.
  public static func * (scale: Double, loss: Self) -> SumLoss {
    SumLoss(loss, scale: scale, classAxis: nil)
  }

  /// The sum of two losses.
  public static func + (first: Self, second: some LossProtocol) -> SumLoss {
    var options = SumLoss(first, classAxis: nil).options
    options.parts += SumLoss(second, classAxis: nil).options.parts
    return SumLoss(options: options)
  }
}

extension EvaluationRequest {
  /// Refuses inputs and gradients that no part has.
  func refuseUnknownInputs(of loss: some LossProtocol) throws(LossError) {
    let signature = loss.signature
    let known = signature.inputs.map(\.role) + [.weight, .mask]
    let differentiable = signature.inputs.filter(\.isDifferentiable).map(\.role)
    for role in inputs.map(\.role) where !known.contains(role) {
      throw LossError(
        .unknownInput, loss: loss.name, subject: role.name, found: "is not an input of any part",
        expected: known.map(\.name).joined(separator: ", "),
        hint: NearestName.hint(for: role.name, among: known.map(\.name)))
    }
    for role in gradients.map(\.role) where !differentiable.contains(role) {
      throw LossError(
        .unknownInput, loss: loss.name, subject: role.name, found: "has no gradient",
        expected: differentiable.map(\.name).joined(separator: ", "))
    }
  }
}

extension Tensor where Scalar: ComputeScalar {
  /// The sum with the result of another part, which must have the same shape.
  func adding(
    _ other: Self, of subject: String, to others: String, in loss: String
  ) throws(LossError) -> Self {
    guard shape == other.shape else {
      throw LossError(
        .shapeMismatch, loss: loss, subject: subject,
        found: "gives a result of shape \(other.shape)",
        expected: "\(shape), the shape of the \(others) before it")
    }
    return Tensor(trusted: shape, zip(scalars, other.scalars).map { $0 + $1 })
  }
}

extension LossProtocol {
  /// The leading input, if the options of this loss say that it holds logits.
  fileprivate var roleOfLogits: Role? {
    let values = options.values
    let hasActivation = values["activation"].map { $0 != .text("none") } ?? false
    return values["from_logits"] == .flag(true) || hasActivation
      ? signature.inputs.first?.role : nil
  }
}
