public import LossCore

/// A loss of a shared library, which does all computation.
///
/// It is created by a registry with a plug-in from `LossPlugin(contentsOf:)`.
public struct LoadedLoss: LossProtocol {
  /// The loss that the library created, with its option values.
  public struct Options: LossOptions {
    /// The loss in the library; nil for none.
    let remote: RemoteLoss?

    /// Options without a loss.
    public init() { remote = nil }
    init(_ remote: RemoteLoss) { self.remote = remote }

    /// Empty: the library validates its options.
    public static var fields: [OptionField<Self>] { [] }
    /// Option values by name, as the library reports them.
    public var values: [String: OptionValue] { remote?.values ?? [:] }

    /// Options are equal if name, values and library path are equal.
    public static func == (a: Options, b: Options) -> Bool {
      a.remote?.library.path == b.remote?.library.path && a.remote?.name == b.remote?.name
        && a.values == b.values
    }
    public func hash(into hasher: inout Hasher) {
      hasher.combine(remote?.library.path)
      hasher.combine(remote?.name)
      hasher.combine(values)
    }
  }

  /// The metadata of the type; an instance has the name of its loss, and its entry in the registry has
  /// the metadata of the library.
  public static let metadata = LossMetadata(
    "loaded", "A loss of a shared library.", formula: "defined by the library")

  public let options: Options
  public init(options: Options) { self.options = options }

  /// The name of the loss in the library.
  public var name: String { options.remote?.name ?? Self.metadata.name }
  public var signature: LossSignature { options.remote?.signature ?? .elementwise }
  public var defaultReduction: Reduction { options.remote?.defaultReduction ?? .mean }
  public var rolesWithSecondDerivative: [Role] { options.remote?.rolesWithSecondDerivative ?? [] }
  public var rolesWithHessianVectorProduct: [Role] {
    options.remote?.rolesWithHessianVectorProduct ?? []
  }
  public var properties: [LossProperty] { options.remote?.properties ?? [] }
  public var description: String { options.remote?.description ?? name }

  public func evaluate(_ call: EvaluationRequest<Float>) throws(LossError) -> LossOutcome<Float> {
    try run(call)
  }
  public func evaluate(_ call: EvaluationRequest<Double>) throws(LossError) -> LossOutcome<Double> {
    try run(call)
  }

  private func run<S: ComputeScalar>(_ call: EvaluationRequest<S>) throws(LossError) -> LossOutcome<
    S
  > {
    guard let remote = options.remote else {
      throw LossError(
        .invalidValue, loss: name, subject: "options", found: "have no loss of a library",
        expected: "a loss that a registry created by name")
    }
    do throws(LossError) {
      if call.order == .hessianVectorProduct { try call.refuseSecondOrder(of: self) }
      return try remote.evaluate(call)
    } catch {
      throw error.named(name)
    }
  }
}

/// A handle of a loss in a library.
///
/// `@unchecked`: immutable after `init`, and CLossPlugin.h requires that a loss can be evaluated from
/// several threads at once.
final class RemoteLoss: @unchecked Sendable {
  let library: PluginLibrary
  let name: String
  let values: [String: OptionValue]
  let signature: LossSignature
  let defaultReduction: Reduction
  let description: String
  let rolesWithSecondDerivative: [Role]
  let rolesWithHessianVectorProduct: [Role]
  let properties: [LossProperty]
  private let loss: UnsafeMutableRawPointer

  /// Creates a loss. Keys that its manifest leaves out are taken from the entry of this name.
  init(
    _ entry: PluginManifest, _ options: [String: OptionValue], in library: PluginLibrary
  ) throws(LossError) {
    let (loss, reply) = try library.make(entry.value("name"), options)
    do throws(LossError) {
      let manifest = reply.filled(
        from: entry, keys: ["name", "signature", "reduction", "traits"])
      name = try manifest.value("name")
      values = try manifest.options(otherwise: options)
      signature = try LossSignature(manifest.inner("signature"))
      defaultReduction = try manifest.value("reduction", otherwise: .mean)
      description = try manifest.value("description", otherwise: name)
      rolesWithSecondDerivative = try manifest.value("second_derivatives", otherwise: [])
      rolesWithHessianVectorProduct = try manifest.value("hessian_products", otherwise: [])
      properties = try manifest.properties()
    } catch {
      library.release(loss)
      throw error
    }
    self.library = library
    self.loss = loss
  }

  deinit { library.release(loss) }

  /// Evaluates on the memory of the caller and copies the result.
  func evaluate<S: ComputeScalar>(_ call: EvaluationRequest<S>) throws(LossError) -> LossOutcome<S>
  {
    let result = try MarshalledCall(call).run { (marshalled) throws(LossError) in
      try library.evaluate(loss, marshalled)
    }
    guard result.element == S.element else {
      throw LossError(
        .invalidType, subject: "the library's result", found: "is \(result.element.rawValue)",
        expected: S.element.rawValue)
    }
    return LossOutcome(result.converted(to: S.self))
  }
}
