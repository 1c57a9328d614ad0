import LossCore

/// A case as it is sent to an adapter: with our names, options and layout.
///
/// A case under another framework's name is translated, and so is its response in the opposite
/// direction, so that an adapter needs to know one vocabulary only.
struct AdapterRequest {
  /// The case as it is written.
  let conformanceCase: ConformanceCase
  /// The resolved loss; nil if the registry rejects its name or its options.
  private let configured: ConfiguredLoss?
  /// The call with the inputs under our roles; nil if they cannot be translated.
  private let call: DialectCall?
  /// The roles of the expected gradients, as named by the case.
  private let roles: [Role]

  init(_ conformanceCase: ConformanceCase, in registry: LossRegistry) {
    self.conformanceCase = conformanceCase
    roles = conformanceCase.expectedGradients
    let fixture = conformanceCase.fixture
    let configured = try? registry.loss(
      named: conformanceCase.loss, options: fixture.options, reduction: fixture.reduction,
      classAxis: fixture.classAxis)
    let taken = try? configured?.taking(conformanceCase.inputs)
    call = taken.flatMap { try? $0.loss.call($0.inputs) }
    // A case that cannot be translated is sent as it is written.
    self.configured = call == nil ? nil : taken?.loss
  }

  /// The request as one line of JSON, without a newline.
  func line(id: Int) -> String {
    var fields: [(key: String, value: JSONLine)] = [
      ("protocol", .integer(Adapter.protocolVersion)), ("id", .integer(id)),
      ("case", .text(conformanceCase.fullID)),
      ("loss", .text(configured?.base.name ?? conformanceCase.loss)),
      ("options", .named(options, JSONLine.init)), ("reduction", JSONLine(reduction)),
      ("class_axis", classAxis), ("element", .text(conformanceCase.element.rawValue)),
    ]
    let inputs = call?.inputs ?? conformanceCase.inputs
    let tensors = inputs.tensors.sorted { $0.role.name < $1.role.name }
    fields.append(("inputs", .object(tensors.map { ($0.role.name, JSONLine($0.tensor)) })))
    fields.append(
      ("gradients", .list(roles.map { .text((configured?.translated($0) ?? $0).name) })))
    if configured?.dialectEntry != nil {
      let options = JSONLine.named(conformanceCase.fixture.options, JSONLine.init)
      fields.append(
        (
          "spelled", .object([("loss", .text(conformanceCase.loss)), ("options", options)])
        ))
    }
    return JSONLine.object(fields).written
  }

  private var options: [String: OptionValue] {
    configured?.base.options.values ?? conformanceCase.fixture.options
  }

  private var reduction: OptionValue {
    let reduction = configured.map { $0.reduction ?? $0.base.defaultReduction }
    return (reduction ?? conformanceCase.fixture.reduction)?.optionValue ?? .null
  }

  private var classAxis: JSONLine {
    guard let configured else {
      return conformanceCase.fixture.classAxis.map(JSONLine.integer) ?? .null
    }
    let axis = configured.classAxis ?? (configured.base.signature.classAxis == nil ? nil : -1)
    return axis.map(JSONLine.integer) ?? .null
  }

  /// A response with the names and the layout of the case.
  func restored(_ response: AdapterResponse) -> AdapterResponse {
    guard case .result(let result) = response, let configured, let call else { return response }
    do throws(LossError) {
      return .result(try configured.restored(result, of: call, gradientsOf: roles))
    } catch {
      return .noResponse("its response has the wrong shape: \(error)")
    }
  }
}
