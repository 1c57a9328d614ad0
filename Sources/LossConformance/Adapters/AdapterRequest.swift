import LossCore

/// A case as an adapter is asked it: in our words and our layout, whatever name the case uses.
///
/// A case under another framework's name is translated on the way out, and its answer on the way
/// back, so that an adapter needs to know one vocabulary.
struct AdapterRequest {
  /// The case in its own words.
  let asked: ConformanceCase
  /// The loss that it comes to; nil where our registry refuses its name or its options.
  private let configured: ConfiguredLoss?
  /// The inputs under our roles.
  private let inputs: LossInputs
  /// The roles whose gradients are wanted, as the case names them.
  private let roles: [Role]

  init(_ asked: ConformanceCase, in registry: LossRegistry) {
    self.asked = asked
    roles = asked.wantedGradients
    let fixture = asked.fixture
    let configured = try? registry.loss(
      named: asked.loss, options: fixture.options, reduction: fixture.reduction,
      classAxis: fixture.classAxis)
    let translated = try? configured?.translated(asked.inputs)
    // What cannot be translated is asked as it stands.
    self.configured = translated == nil ? nil : configured
    inputs = translated ?? asked.inputs
  }

  /// The request as one line of JSON, without its end.
  func line(id: Int) -> String {
    var fields: [(key: String, value: JSONLine)] = [
      ("protocol", .integer(Adapter.protocolVersion)), ("id", .integer(id)),
      ("case", .text(asked.fullID)), ("loss", .text(configured?.base.name ?? asked.loss)),
      ("options", .named(options, JSONLine.init)), ("reduction", JSONLine(reduction)),
      ("class_axis", classAxis), ("element", .text(asked.element.rawValue)),
    ]
    let tensors = inputs.tensors.sorted { $0.role.name < $1.role.name }
    fields.append(("inputs", .object(tensors.map { ($0.role.name, JSONLine($0.tensor)) })))
    fields.append(
      ("gradients", .list(roles.map { .text((configured?.translated($0) ?? $0).name) })))
    if configured?.dialectEntry != nil {
      let options = JSONLine.named(asked.fixture.options, JSONLine.init)
      fields.append(("spelled", .object([("loss", .text(asked.loss)), ("options", options)])))
    }
    return JSONLine.object(fields).written
  }

  private var options: [String: OptionValue] {
    configured?.base.options.values ?? asked.fixture.options
  }

  private var reduction: OptionValue {
    let reduction = configured.map { $0.reduction ?? $0.base.defaultReduction }
    return (reduction ?? asked.fixture.reduction)?.optionValue ?? .null
  }

  private var classAxis: JSONLine {
    guard let configured else { return asked.fixture.classAxis.map(JSONLine.integer) ?? .null }
    let axis = configured.classAxis ?? (configured.base.signature.classAxis == nil ? nil : -1)
    return axis.map(JSONLine.integer) ?? .null
  }

  /// An answer in the words and the layout of the case.
  func restored(_ response: AdapterResponse) -> AdapterResponse {
    guard case .result(let result) = response, let configured else { return response }
    do throws(LossError) {
      return .result(try configured.restored(result, of: inputs, gradientsOf: roles))
    } catch {
      return .failure("its answer has the wrong shape: \(error)")
    }
  }
}
