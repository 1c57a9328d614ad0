/// A loss function: a value type whose state is its options.
///
/// Conform to a form (`ElementwiseLoss`, `RowwiseLoss`, `RegionLoss`, `SequenceLoss`, `BatchLoss`)
/// and implement the formula; the form does the rest. Conform to this protocol directly only for a
/// loss that combines other losses.
///
/// The two `evaluate` requirements are concrete in `Float` and `Double`, so that a call through
/// `any LossProtocol` costs one dynamic dispatch and the loops below it are specialised.
public protocol LossProtocol: CallableLoss, CustomStringConvertible {
  /// What can be set; `NoOptions` for nothing.
  associatedtype Options: LossOptions

  /// The name, summary, formula and other documentation of the loss.
  static var metadata: LossMetadata { get }
  /// Whether this is a loss, or a transform with the same calls and a gradient; a loss by default.
  static var kind: LossKind { get }
  /// The options of this value.
  var options: Options { get }
  /// A loss with these options. Evaluating it throws if an option is out of range; making it by
  /// name throws at once.
  init(options: Options)

  /// The name of this loss in errors and in JSON.
  var name: String { get }
  /// The inputs, with the relations between their shapes.
  var signature: LossSignature { get }
  /// The reduction if the caller names none.
  var defaultReduction: Reduction { get }
  /// The inputs with respect to which the loss has second derivatives, element by element.
  var rolesWithSecondDerivative: [Role] { get }
  /// The inputs that the Hessian covers: a vector may have a part for each, and the product is given
  /// for each.
  var rolesWithHessianVectorProduct: [Role] { get }
  /// The mathematical properties of the terms, with these options.
  var properties: [LossProperty] { get }
  /// What partial results consist of; nil for a loss that needs all samples at once.
  var partialForm: PartialForm? { get }

  /// Evaluates the loss in `Float`: the value and the requested gradients.
  func evaluate(_ request: EvaluationRequest<Float>) throws(LossError) -> LossOutcome<Float>
  /// Evaluates the loss in `Double`: the value and the requested gradients.
  func evaluate(_ request: EvaluationRequest<Double>) throws(LossError) -> LossOutcome<Double>
}

extension LossProtocol {
  public static var kind: LossKind { .loss }
  /// The name in `metadata`.
  @inlinable public var name: String { Self.metadata.name }
  /// The mean of all terms.
  @inlinable public var defaultReduction: Reduction { .mean }
  @inlinable public var rolesWithSecondDerivative: [Role] { [] }
  @inlinable public var rolesWithHessianVectorProduct: [Role] { [] }
  @inlinable public var properties: [LossProperty] { [] }
  /// Nil: no partial results.
  @inlinable public var partialForm: PartialForm? { nil }
  /// The inputs with a gradient; a loss that has all second derivatives returns it as
  /// `rolesWithHessianVectorProduct`.
  public var differentiableRoles: [Role] {
    signature.inputs.filter(\.isDifferentiable).map(\.role)
  }
  /// The loss with its default options.
  @inlinable public init() { self.init(options: Options()) }
  /// The loss with options modified by a function: `HuberLoss { $0.delta = 0.5 }`.
  public init(_ set: (inout Options) -> Void) {
    var options = Options()
    set(&options)
    self.init(options: options)
  }

  /// The name with the options: `huber(delta: 0.5)`.
  public var description: String {
    let values = options.values
    let arguments = Options.fields.map { "\($0.name): \(values[$0.name]?.text ?? "")" }
    return arguments.isEmpty ? name : "\(name)(\(arguments.joined(separator: ", ")))"
  }
}

extension LossProtocol where Options == NoOptions {
  public var options: NoOptions { NoOptions() }
}

/// The kind of a type that conforms to `LossProtocol`.
public enum LossKind: String, OptionChoice {
  /// A loss, which decreases as predictions improve.
  case loss
  /// A differentiable function of tensors without a target, such as the softmax.
  case transform
}

/// The description of a loss: shown by the tool, the catalogue and the documentation.
///
/// It is the only place for every fact about a loss that is not code.
public struct LossMetadata: Sendable {
  /// The registry name, in snake_case without the suffix "loss".
  public let name: String
  /// One sentence in the terms that a reader searches for: `1 − soft Dice coefficient.`
  public let summary: String
  /// The formula of one term, one line per case.
  public let formula: String
  /// The inputs for which the loss is defined, and its value at the edges of that domain.
  public let domain: String
  /// The gradient where the formula alone does not give it: kinks, ties, edges of the domain.
  public let gradient: String
  /// The tasks for which the loss is chosen, and what distinguishes it from its alternatives.
  public let usage: String
  /// The registry names of the alternatives.
  public let related: [String]
  /// Other names and abbreviations in common use, such as `mse`; they are suggested and searched.
  public let alsoKnownAs: [String]
  /// Where the loss comes from: authors, title, year.
  public let references: [String]
  /// The functions of other frameworks that compute this loss.
  public internal(set) var dialectEntries: [DialectEntry]

  /// The description of a loss.
  public init(
    _ name: String, _ summary: String, formula: String, domain: String = "", gradient: String = "",
    usage: String = "", related: [String] = [], alsoKnownAs: [String] = [],
    references: [String] = [], dialectEntries: [DialectEntry] = []
  ) {
    self.name = name
    self.summary = summary
    self.formula = formula
    self.domain = domain
    self.gradient = gradient
    self.usage = usage
    self.related = related
    self.alsoKnownAs = alsoKnownAs
    self.references = references
    self.dialectEntries = dialectEntries
  }
}

/// A type that the numbers of a prediction may have: one that losses are computed in, or half
/// precision, which is widened to `Float` in the pass that reads it. A gradient has the type of its
/// input; each of its numbers is rounded once.
public protocol PredictionScalar: TensorScalar {
  /// The type that a loss of such numbers is computed in, which is that of its value.
  associatedtype Compute: ComputeScalar
  /// The number 0.
  static var zero: Self { get }
}

extension Float: PredictionScalar {
  /// The type itself.
  public typealias Compute = Float
}
extension Double: PredictionScalar {
  /// The type itself.
  public typealias Compute = Double
}
extension BFloat16: PredictionScalar {
  /// 32-bit floating point.
  public typealias Compute = Float
}
#if !(os(macOS) && arch(x86_64))
  extension Float16: PredictionScalar {
    /// 32-bit floating point.
    public typealias Compute = Float
  }
#endif

/// A scalar type that losses are computed in. Its requirements dispatch to those of `LossProtocol`
/// and `FormLoss` for this type.
public protocol ComputeScalar: LossScalar, PredictionScalar where Compute == Self {
  /// Evaluates a loss in this scalar type.
  static func evaluate(
    _ loss: some LossProtocol, _ request: EvaluationRequest<Self>
  ) throws(LossError) -> LossOutcome<Self>
  /// The value of a loss in this scalar type, for a request with a scalar result.
  static func value(
    of loss: some CallableLoss, _ request: TypedRequest<Self>
  ) throws(LossError) -> Self
  /// Writes the weights that a loss gives to its terms.
  static func termWeights(
    _ loss: some FormLoss, _ context: borrowing KernelContext<Self>,
    into termWeights: inout [Self])
  /// Runs the kernel of a loss.
  static func run(
    _ loss: some FormLoss, _ context: borrowing KernelContext<Self>
  ) throws(LossError)
}

extension Float: ComputeScalar {
  /// Evaluates a loss in `Float`.
  @export(interface)
  public static func evaluate(
    _ loss: some LossProtocol, _ request: EvaluationRequest<Float>
  ) throws(LossError) -> LossOutcome<Float> {
    guard request.hasStoredMemory, !(loss is any FormLoss) else {
      return try loss.evaluate(request)
    }
    return try request.converted { (request) throws(LossError) in try loss.evaluate(request) }
  }
  /// The value of a loss in `Float`, for a request with a scalar result.
  @export(interface)
  public static func value(
    of loss: some CallableLoss, _ request: TypedRequest<Float>
  ) throws(LossError) -> Float {
    try loss.value(of: request)
  }
  /// Writes the weights that a loss gives to its terms.
  @export(interface)
  public static func termWeights(
    _ loss: some FormLoss, _ context: borrowing KernelContext<Float>,
    into termWeights: inout [Float]
  ) {
    loss.termWeights(context, into: &termWeights)
  }
  /// Runs the kernel of a loss.
  @export(interface)
  public static func run(
    _ loss: some FormLoss, _ context: borrowing KernelContext<Float>
  ) throws(LossError) {
    try loss.run(context)
  }
}

extension Double: ComputeScalar {
  /// Evaluates a loss in `Double`.
  @export(interface)
  public static func evaluate(
    _ loss: some LossProtocol, _ request: EvaluationRequest<Double>
  ) throws(LossError) -> LossOutcome<Double> {
    guard request.hasStoredMemory, !(loss is any FormLoss) else {
      return try loss.evaluate(request)
    }
    return try request.converted { (request) throws(LossError) in try loss.evaluate(request) }
  }
  /// The value of a loss in `Double`, for a request with a scalar result.
  @export(interface)
  public static func value(
    of loss: some CallableLoss, _ request: TypedRequest<Double>
  ) throws(LossError) -> Double {
    try loss.value(of: request)
  }
  /// Writes the weights that a loss gives to its terms.
  @export(interface)
  public static func termWeights(
    _ loss: some FormLoss, _ context: borrowing KernelContext<Double>,
    into termWeights: inout [Double]
  ) {
    loss.termWeights(context, into: &termWeights)
  }
  /// Runs the kernel of a loss.
  @export(interface)
  public static func run(
    _ loss: some FormLoss, _ context: borrowing KernelContext<Double>
  ) throws(LossError) {
    try loss.run(context)
  }
}
