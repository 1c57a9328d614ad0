public import LossCore

/// A loss of a library that was loaded: everything is computed on the library's side.
///
/// It comes from `LossPlugin(contentsOf:)` and a registry, and is then a loss like any other.
public struct LoadedLoss: LossProtocol {
  /// What a library made of options, and the options as it then tells them.
  public struct Options: LossOptions {
    /// The loss on the library's side; nil for none.
    let made: RemoteLoss?

    /// No loss.
    public init() { made = nil }
    init(_ made: RemoteLoss) { self.made = made }

    /// None: a library checks its options itself.
    public static var fields: [OptionField<Self>] { [] }
    /// Every option with its value, by name.
    public var values: [String: OptionValue] { made?.values ?? [:] }

    /// Options are equal if they make equal losses of one library.
    public static func == (a: Options, b: Options) -> Bool {
      a.made?.library.path == b.made?.library.path && a.made?.name == b.made?.name
        && a.values == b.values
    }
    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(made?.library.path)
      hasher.combine(made?.name)
      hasher.combine(values)
    }
  }

  /// The name of the type; a value bears its own, and its entry in the registry has its card.
  public static let metadata = LossMetadata(
    "loaded", "Evaluates a loss of a library that was loaded.", formula: "the library's")

  /// What the library made.
  public let options: Options
  /// The loss that a library made.
  public init(options: Options) { self.options = options }

  /// The name in the library.
  public var name: String { options.made?.name ?? Self.metadata.name }
  /// The inputs, as the library says.
  public var signature: LossSignature { options.made?.signature ?? .elementwise }
  /// The reduction where none is named, as the library says.
  public var defaultReduction: Reduction { options.made?.defaultReduction ?? .mean }
  /// The inputs with a second derivative, as the library says.
  public var rolesWithSecondDerivative: [Role] { options.made?.rolesWithSecondDerivative ?? [] }
  /// What the library claims of the terms.
  public var properties: [LossProperty] { options.made?.properties ?? [] }
  /// The name with the options, as the library says.
  public var description: String { options.made?.description ?? name }

  /// Evaluates in `Float`.
  public func evaluate(_ call: EvaluationRequest<Float>) throws(LossError) -> LossOutcome<Float> {
    try run(call)
  }
  /// Evaluates in `Double`.
  public func evaluate(_ call: EvaluationRequest<Double>) throws(LossError) -> LossOutcome<Double> {
    try run(call)
  }

  private func run<S: ComputeScalar>(_ call: EvaluationRequest<S>) throws(LossError) -> LossOutcome<
    S
  > {
    guard let made = options.made else {
      throw LossError(
        .invalidValue, loss: name, subject: "options", found: "name no loss of a library",
        expected: "a loss that was made by name")
    }
    do throws(LossError) {
      return try made.evaluate(call)
    } catch {
      throw error.named(name)
    }
  }
}

/// A loss that lives on the library's side.
///
/// `@unchecked`: nothing in it changes after `init`, and CLossPlugin.h lets a loss be evaluated from
/// several threads at once.
final class RemoteLoss: @unchecked Sendable {
  let library: LossLibrary
  let name: String
  let values: [String: OptionValue]
  let signature: LossSignature
  let defaultReduction: Reduction
  let description: String
  let rolesWithSecondDerivative: [Role]
  let properties: [LossProperty]
  private let loss: UnsafeMutableRawPointer

  /// Makes a loss; what its library does not say of it is what it said of all losses of this name.
  init(
    _ entry: PluginManifest, _ options: [String: OptionValue], in library: LossLibrary
  ) throws(LossError) {
    let (loss, answer) = try library.make(entry.value("name"), options)
    do throws(LossError) {
      let description = answer.filled(
        from: entry, keys: ["name", "signature", "reduction", "traits"])
      name = try description.value("name")
      values = try description.options(otherwise: options)
      signature = try LossSignature(description.inner("signature"))
      defaultReduction = try description.value("reduction", otherwise: .mean)
      self.description = try description.value("description", otherwise: name)
      rolesWithSecondDerivative = try description.value("second_derivatives", otherwise: [])
      properties = try description.properties()
    } catch {
      library.release(loss)
      throw error
    }
    self.library = library
    self.loss = loss
  }

  deinit { library.release(loss) }

  /// Hands the caller's memory across and takes over the result.
  func evaluate<S: ComputeScalar>(_ call: EvaluationRequest<S>) throws(LossError) -> LossOutcome<S>
  {
    let result = try MarshalledCall(call).run { (crossing) throws(LossError) in
      try library.evaluate(loss, crossing)
    }
    guard result.element == S.element else {
      throw LossError(
        .invalidType, subject: "the library's result", found: "holds \(result.element.rawValue)",
        expected: S.element.rawValue)
    }
    return LossOutcome(result.converted(to: S.self))
  }
}
