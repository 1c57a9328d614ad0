/// A loss: a value that is its options and nothing else.
///
/// Conform to a form (`ElementwiseLoss`, `RowwiseLoss`, `RegionLoss`, `SequenceLoss`, `BatchLoss`)
/// and give the formula; the form does the rest. Conform to this protocol alone only for a loss
/// that is made of others.
///
/// The two requirements that compute are concrete in `Float` and `Double`, so that a call through
/// `any LossProtocol` costs one dynamic dispatch and the loops below it are specialised.
public protocol LossProtocol: CallableLoss, CustomStringConvertible {
  /// What can be set; `NoOptions` for nothing.
  associatedtype Options: LossOptions

  /// The loss's name and what there is to say about it.
  static var metadata: LossMetadata { get }
  /// Whether this is a loss, or a transform with the same calls and a gradient; a loss by default.
  static var kind: LossKind { get }
  /// The options of this value.
  var options: Options { get }
  /// A loss with these options. Options out of range are reported when the loss is evaluated, and
  /// at once when it is made by name.
  init(options: Options)

  /// The name of this loss in errors and in JSON.
  var name: String { get }
  /// The inputs, with the shape relation between them.
  var signature: LossSignature { get }
  /// The reduction where the caller names none.
  var defaultReduction: Reduction { get }
  /// The inputs with respect to which the loss has a second derivative, element by element.
  var rolesWithSecondDerivative: [Role] { get }
  /// What this loss, with these options, claims of its terms.
  var properties: [LossProperty] { get }

  /// Evaluates in `Float`: value, and the gradients that the call asks for.
  func evaluate(_ call: EvaluationRequest<Float>) throws(LossError) -> LossOutcome<Float>
  /// Evaluates in `Double`: value, and the gradients that the call asks for.
  func evaluate(_ call: EvaluationRequest<Double>) throws(LossError) -> LossOutcome<Double>
}

extension LossProtocol {
  /// A loss.
  public static var kind: LossKind { .loss }
  /// The name on the card.
  @inlinable public var name: String { Self.metadata.name }
  /// The mean of all terms.
  @inlinable public var defaultReduction: Reduction { .mean }
  /// None.
  @inlinable public var rolesWithSecondDerivative: [Role] { [] }
  /// No claims.
  @inlinable public var properties: [LossProperty] { [] }
  /// The loss with its default options.
  @inlinable public init() { self.init(options: Options()) }
  /// The loss with its default options but for what a function sets: `HuberLoss { $0.delta = 0.5 }`.
  public init(_ set: (inout Options) -> Void) {
    var options = Options()
    set(&options)
    self.init(options: options)
  }

  /// The name with the options: `huber(delta: 0.5)`.
  public var description: String {
    let values = options.values
    let words = Options.fields.map { "\($0.name): \(values[$0.name]?.text ?? "")" }
    return words.isEmpty ? name : "\(name)(\(words.joined(separator: ", ")))"
  }
}

extension LossProtocol where Options == NoOptions {
  /// Nothing can be set.
  public var options: NoOptions { NoOptions() }
}

/// What a type with the calls of a loss is.
public enum LossKind: String, OptionChoice {
  /// A loss: a number, or one for each term, that falls as predictions improve.
  case loss
  /// A function of tensors, such as the softmax: it has a gradient, and nothing to compare with.
  case transform
}

/// The description of a loss: shown by the tool, the catalogue and the documentation.
///
/// Every fact about a loss that is not code stands here, once.
public struct LossMetadata: Sendable {
  /// The registry name: snake_case, without the word loss.
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

/// A number that losses are computed in: it chooses the requirements of `LossProtocol` and `FormLoss`
/// for it.
public protocol ComputeScalar: LossScalar, TensorScalar {
  /// Evaluates a loss in this element.
  static func evaluate(
    _ loss: some LossProtocol, _ call: EvaluationRequest<Self>
  ) throws(LossError) -> LossOutcome<Self>
  /// The value of a loss in this element, of a call whose result is one number.
  static func value(
    of loss: some LossProtocol, _ call: TypedRequest<Self>
  ) throws(LossError) -> Self
  /// Asks a loss what its terms weigh.
  static func termWeights(
    _ loss: some FormLoss, _ pass: borrowing KernelContext<Self>, into termWeights: inout [Self])
  /// Lets a loss walk its data.
  static func run(_ loss: some FormLoss, _ pass: borrowing KernelContext<Self>) throws(LossError)
}

extension Float: ComputeScalar {
  /// Evaluates a loss in `Float`.
  @export(interface)
  public static func evaluate(
    _ loss: some LossProtocol, _ call: EvaluationRequest<Float>
  ) throws(LossError) -> LossOutcome<Float> {
    try loss.evaluate(call)
  }
  /// The value of a loss in `Float`, of a call whose result is one number.
  @export(interface)
  public static func value(
    of loss: some LossProtocol, _ call: TypedRequest<Float>
  ) throws(LossError) -> Float {
    try call.value(of: loss)
  }
  /// Asks a loss what its terms weigh.
  @export(interface)
  public static func termWeights(
    _ loss: some FormLoss, _ pass: borrowing KernelContext<Float>, into termWeights: inout [Float]
  ) {
    loss.termWeights(pass, into: &termWeights)
  }
  /// Lets a loss walk its data.
  @export(interface)
  public static func run(
    _ loss: some FormLoss, _ pass: borrowing KernelContext<Float>
  ) throws(LossError) {
    try loss.run(pass)
  }
}

extension Double: ComputeScalar {
  /// Evaluates a loss in `Double`.
  @export(interface)
  public static func evaluate(
    _ loss: some LossProtocol, _ call: EvaluationRequest<Double>
  ) throws(LossError) -> LossOutcome<Double> {
    try loss.evaluate(call)
  }
  /// The value of a loss in `Double`, of a call whose result is one number.
  @export(interface)
  public static func value(
    of loss: some LossProtocol, _ call: TypedRequest<Double>
  ) throws(LossError) -> Double {
    try call.value(of: loss)
  }
  /// Asks a loss what its terms weigh.
  @export(interface)
  public static func termWeights(
    _ loss: some FormLoss, _ pass: borrowing KernelContext<Double>, into termWeights: inout [Double]
  ) {
    loss.termWeights(pass, into: &termWeights)
  }
  /// Lets a loss walk its data.
  @export(interface)
  public static func run(
    _ loss: some FormLoss, _ pass: borrowing KernelContext<Double>
  ) throws(LossError) {
    try loss.run(pass)
  }
}
