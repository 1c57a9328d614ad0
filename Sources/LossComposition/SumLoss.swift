public import LossCore

/// A sum of losses, each multiplied by a number: `0.7 * CrossEntropyLoss() + 0.3 * DiceLoss()`.
///
///     result = Σ scale · reduced(loss)
///
/// Every part takes the inputs that it knows, so that a part may be a penalty on parameters. A part
/// uses the reduction of the call unless it has its own (`reduced(by:)`); with a reduction that
/// leaves axes the results of all parts must have one shape. The gradient of a role is the sum of
/// the parts' gradients. A weight and a mask go to the parts that compare inputs, not to penalties.
///
/// As JSON: `{"loss": "sum", "options": {"parts": [{"scale": 0.7, "loss": "cross_entropy"}, …]}}`.
public struct SumLoss: LossProtocol {
  /// One loss of the sum.
  public struct Part: Hashable, Sendable {
    /// What its value and its gradients are multiplied by.
    public var scale: Double
    /// The loss, with a reduction of its own if it has one.
    public var loss: ConfiguredLoss

    /// Parts are equal if they would be written alike.
    public static func == (a: Part, b: Part) -> Bool {
      a.scale == b.scale && a.loss.configuration == b.loss.configuration
        && (a.loss.base as? ClosureLoss)?.identity == (b.loss.base as? ClosureLoss)?.identity
    }
    /// Hashes what would be written.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(scale)
      hasher.combine(loss.configuration)
    }
  }

  /// The parts.
  public struct Options: LossOptions {
    /// The losses and what each is multiplied by.
    public var parts: [Part] = []
    /// No parts: a loss that is zero.
    public init() {}

    /// The parts, for reading only: only a registry can make losses of names.
    public static let fields: [OptionField<Self>] = [
      OptionField(
        "parts", \.parts,
        range: "a list of objects with scale, loss, options, reduction, class_axis",
        "the losses, each with what it is multiplied by"
      ) { $0.allSatisfy { $0.scale.isFinite } }
    ]
  }

  /// The name and the formula.
  public static let metadata = LossMetadata(
    "sum", "Adds losses, each multiplied by a number.",
    formula: "Σ scale · reduced(loss)",
    domain: "Every part takes the inputs that it knows.")

  /// The parts.
  public let options: Options
  /// A sum of these parts.
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

  /// All inputs of all parts.
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

  /// What every part that has a gradient with respect to it can differentiate twice.
  public var rolesWithSecondDerivative: [Role] {
    signature.inputs.map(\.role).filter { role in
      options.parts.allSatisfy { part in
        let loss = part.loss.base
        return loss.signature.input(role) == nil
          || loss.rolesWithSecondDerivative.contains(role)
      }
    }
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
    try call.refuseUnknownInputs(of: self)
    if call.order == .second { try call.refuseSecondDerivative(of: self) }
    for gradient in call.gradients { gradient.buffer.update(repeating: 0) }
    var total: Tensor<S>?
    for part in options.parts {
      let values = try evaluate(part, for: call).map { S(part.scale) * $0 }
      total = try total?.adding(values, of: part.loss.name, to: "parts", in: name) ?? values
    }
    return LossOutcome(total ?? Tensor(0))
  }

  /// Evaluates one part on the inputs that it knows, and adds its gradients to those of the call.
  private func evaluate<S: ComputeScalar>(
    _ part: Part, for call: EvaluationRequest<S>
  ) throws(LossError) -> Tensor<S> {
    let signature = part.loss.base.signature
    // A weight and a mask are those of the samples, which a penalty on parameters knows nothing of.
    let hasSamples = signature.inputs.count > 1
    let inputs = call.inputs.filter { input in
      signature.input(input.role) != nil
        || (hasSamples && (input.role == .weight || input.role == .mask))
    }
    let totals = call.gradients.filter { gradient in
      signature.input(gradient.role)?.isDifferentiable ?? false
    }
    let own = totals.map { total in
      GradientView<S>(role: total.role, buffer: .allocate(capacity: total.buffer.count))
    }
    for gradient in own { gradient.buffer.initialize(repeating: 0) }
    defer { for gradient in own { gradient.buffer.deallocate() } }
    let result = try part.evaluate(inputs, own, upstream: call.upstream, in: call)
    let scale = S(part.scale)
    for (total, own) in zip(totals, own) {
      for index in total.buffer.indices { total.buffer[index] += scale * own.buffer[index] }
    }
    return result
  }
}

extension SumLoss.Part: OptionConvertible {
  /// Always nil: only a registry can make a loss of a name.
  public init?(optionValue: OptionValue) { nil }

  /// The configuration of the loss, with the scale.
  public var optionValue: OptionValue {
    guard case .object(var object) = loss.configuration.optionValue else { return .null }
    object["scale"] = .number(scale)
    return .object(object)
  }
}

extension SumLoss {
  /// The sum that a configuration describes, its parts made by a registry.
  static func make(
    _ values: [String: OptionValue], _ registry: LossRegistry
  ) throws(LossError) -> any LossProtocol {
    var others = values
    guard let given = others.removeValue(forKey: "parts") else {
      return SumLoss(options: try Options(others))
    }
    guard others.isEmpty, case .list(let list) = given else {
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
  /// A loss inside another: one that is not meant to be averaged, such as a penalty, stays so.
  init(_ loss: any LossProtocol, scale: Double = 1, reduction: Reduction?, classAxis: Int?) {
    let own = loss.defaultReduction == .mean ? nil : loss.defaultReduction
    self.scale = scale
    self.loss = ConfiguredLoss(loss, reduction: reduction ?? own, classAxis: classAxis)
  }

  /// The value of the loss, without the scale, of inputs and gradients of its own; in all else as
  /// the call says that it is a part of.
  func evaluate<S: ComputeScalar>(
    _ inputs: [InputView], _ gradients: [GradientView<S>], upstream: UnsafeBufferPointer<S>?,
    in call: EvaluationRequest<S>
  ) throws(LossError) -> Tensor<S> {
    try inputs.withUnsafeBufferPointer { (inputs) throws(LossError) in
      try gradients.withUnsafeBufferPointer { (gradients) throws(LossError) in
        let own = EvaluationRequest<S>(
          inputs, gradients: gradients, reduction: loss.reduction ?? call.reduction,
          classAxis: loss.classAxis ?? call.classAxis, threads: call.threads, order: call.order,
          upstream: upstream)
        return try S.evaluate(loss.base, own).tensor
      }
    }
  }

  /// The loss that a configuration with a scale describes, made by a registry for an option of this
  /// range.
  init(
    _ value: OptionValue, of option: String, _ range: String, _ registry: LossRegistry
  ) throws(LossError) {
    guard case .object(var object) = value, case .text? = object["loss"],
      let scale = Double(optionValue: object.removeValue(forKey: "scale") ?? 1)
    else { throw OptionField<SumLoss.Options>.refusal(of: value, for: option, range) }
    let loss = try registry.loss(LossConfiguration(optionValue: .object(object), as: option))
    try Self.refuseAdapters(loss, option)
    self.init(
      loss.base, scale: scale * loss.scale, reduction: loss.reduction, classAxis: loss.classAxis)
  }

  /// A part works on the inputs of the whole as they are; a spelling that counts classes from 1, or
  /// orders axes in another way, cannot be one.
  private static func refuseAdapters(
    _ loss: ConfiguredLoss, _ option: String
  ) throws(LossError) {
    guard let argument = loss.dialectEntry?.arguments.first(where: \.isAdapted) else { return }
    throw LossError(
      .invalidOption, subject: option,
      found: "names \(loss.name), whose \(argument.role) is laid out in a way of its own",
      expected: "a loss that takes its inputs as they are, such as \(loss.base.name)")
  }
}

extension LossProtocol {
  /// The loss with a reduction, or a class axis, that it keeps inside a sum.
  public func reduced(by reduction: Reduction, classAxis: Int? = nil) -> SumLoss {
    SumLoss(self, reduction: reduction, classAxis: classAxis)
  }

  /// A loss whose value and gradients are multiplied by a number.
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
  /// Refuses inputs, and gradients, that a loss of losses knows nothing of.
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
  /// The sum with the result of a further part, which must have the same shape.
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
