internal import CLossPlugin
public import LossCore

extension LossPlugin {
  /// A table of C functions for the losses of a plug-in, which a shared library exports.
  ///
  /// Export it from a target that only the shared library contains:
  ///
  ///     @c(loss_plugin_v1) public func lossPlugin() -> UnsafeRawPointer {
  ///       LossPlugin.table(of: myLosses)
  ///     }
  ///
  /// Each call allocates a new table, which stays valid until the process exits.
  public static func table(of plugin: LossPlugin) -> UnsafeRawPointer {
    let exported = ExportedPlugin(plugin)
    let table = UnsafeMutablePointer<loss_plugin_table_v1>.allocate(capacity: 1)
    table.initialize(
      to: loss_plugin_table_v1(
        magic: LOSS_PLUGIN_MAGIC, version: LOSS_PLUGIN_VERSION,
        size: UInt64(MemoryLayout<loss_plugin_table_v1>.size),
        context: UnsafeRawPointer(Unmanaged.passRetained(exported).toOpaque()),
        describe: { context, answer in
          ExportedPlugin.perform(context, answer) { plugin throws(LossError) in
            answer.pointee.reply(try plugin.manifest())
          }
        },
        make: { context, request, answer, loss in
          ExportedPlugin.perform(context, answer) { plugin throws(LossError) in
            let exported = try plugin.loss(request)
            answer.pointee.reply(exported.loss.manifest)
            loss.pointee = Unmanaged.passRetained(exported).toOpaque()
          }
        },
        release: { _, loss in Unmanaged<ExportedLoss>.fromOpaque(loss).release() },
        evaluate: { context, loss, call, answer in
          ExportedPlugin.perform(context, answer) { _ throws(LossError) in
            let exported = Unmanaged<ExportedLoss>.fromOpaque(loss).takeUnretainedValue()
            try exported.evaluate(call.pointee, answer.pointee)
          }
        },
        select: { context, request, answer in
          ExportedPlugin.perform(context, answer) { plugin throws(LossError) in
            answer.pointee.reply(try plugin.resolution(request).manifest)
          }
        },
        adapt: { context, name, argument, restores, tensor, answer in
          ExportedPlugin.perform(context, answer) { plugin throws(LossError) in
            let argument = try plugin.argument(Int(argument), of: name.string)
            let tensor = try tensor.pointee.copied()
            let adapted = try restores != 0 ? argument.restore(tensor) : argument.adapt(tensor)
            adapted.withTensor { answer.pointee.tensor(answer.pointee.context, $0) }
          }
        }))
    return UnsafeRawPointer(table)
  }
}

extension loss_answer_v1 {
  func reply(_ value: OptionValue) { value.json.withText { text(context, $0) } }
  func reply(_ reason: LossError) { reason.manifest.json.withText { error(context, $0) } }
}

/// A plug-in as the context of an exported table.
private final class ExportedPlugin: Sendable {
  let plugin: LossPlugin
  private let registry: Result<LossRegistry, LossError>

  init(_ plugin: LossPlugin) {
    self.plugin = plugin
    registry = Result { () throws(LossError) in try LossRegistry([plugin]) }
  }

  /// Runs one function of the table and returns its status.
  static func perform(
    _ context: UnsafeRawPointer?, _ answer: UnsafePointer<loss_answer_v1>,
    _ work: (ExportedPlugin) throws(LossError) -> Void
  ) -> Int32 {
    do throws(LossError) {
      guard let context else {
        throw LossError(.invalidValue, subject: "context", found: "is missing")
      }
      try work(Unmanaged<ExportedPlugin>.fromOpaque(context).takeUnretainedValue())
      return LOSS_DONE
    } catch {
      answer.pointee.reply(error)
      return LOSS_REFUSED
    }
  }

  func manifest() throws(LossError) -> OptionValue {
    if let missingRequirement = CPUFeatures.missingRequirement {
      throw LossError(
        .invalidValue, subject: "plug-in \"\(plugin.name)\"", found: "cannot run on this processor",
        hint: missingRequirement)
    }
    _ = try registry.get()
    return plugin.manifest
  }

  func loss(_ request: loss_text_v1) throws(LossError) -> ExportedLoss {
    let request = try PluginManifest(OptionValue(json: request.utf8))
    let name: String = try request.value("loss")
    let registry = try registry.get()
    guard let entry = registry.entry(named: name) else { throw Self.unknown(name) }
    return ExportedLoss(try entry.make(try request.options(otherwise: [:]), registry))
  }

  func resolution(_ request: loss_text_v1) throws(LossError) -> DialectResolution {
    let request = try PluginManifest(OptionValue(json: request.utf8))
    let name: String = try request.value("name")
    let dialectEntry = try dialectEntry(name)
    return try dialectEntry.resolution(
      name: String(name.dropFirst(dialectEntry.dialect.name.count + 1)),
      try request.options(otherwise: [:]), reduction: nil,
      classAxis: try request.value("class_axis", otherwise: nil))
  }

  func argument(_ index: Int, of name: String) throws(LossError) -> DialectArgument {
    let arguments = try dialectEntry(name).arguments
    guard arguments.indices.contains(index) else { throw Self.unknown("argument \(index)") }
    return arguments[index]
  }

  private func dialectEntry(_ name: String) throws(LossError) -> DialectEntry {
    guard let dialectEntry = try registry.get().dialectEntry(named: name) else {
      throw Self.unknown(name)
    }
    return dialectEntry
  }

  private static func unknown(_ name: String) -> LossError {
    LossError(.unknownLoss, subject: name, found: "does not exist in this library")
  }
}

/// A loss that was created for the host, which releases it.
private final class ExportedLoss: Sendable {
  let loss: any LossProtocol

  init(_ loss: any LossProtocol) { self.loss = loss }

  func evaluate(_ call: loss_call_v1, _ answer: loss_answer_v1) throws(LossError) {
    switch ElementType(code: call.element) {
    case .float32: try evaluate(in: Float.self, call, answer)
    case .float64: try evaluate(in: Double.self, call, answer)
    default:
      throw LossError(
        .invalidType, subject: "element", found: "is \(call.element)",
        expected: "\(LOSS_FLOAT32) or \(LOSS_FLOAT64)")
    }
  }

  /// Evaluates on the memory of the host, without a copy.
  private func evaluate<S: ComputeScalar>(
    in type: S.Type, _ call: loss_call_v1, _ answer: loss_answer_v1
  ) throws(LossError) {
    let inputs = try UnsafeBufferPointer(start: call.inputs, count: Int(call.input_count))
      .map { (tensor) throws(LossError) in try tensor.view() }
    let order = DerivativeOrder(code: call.order)
    let vectors =
      order == .hessianVectorProduct
      ? try UnsafeBufferPointer(start: call.vectors, count: Int(call.vector_count))
        .map { (tensor) throws(LossError) in try tensor.view() } : []
    let gradients = UnsafeBufferPointer(start: call.gradients, count: Int(call.gradient_count))
      .map { gradient in
        GradientView<S>(
          role: Role(gradient.role.string),
          buffer: UnsafeMutableBufferPointer(
            start: gradient.data?.assumingMemoryBound(to: S.self), count: Int(gradient.count)))
      }
    let reduction = try OptionValue(json: call.reduction.utf8)
    guard let reduction = Reduction(optionValue: reduction) else {
      throw LossError(
        .invalidOption, subject: "reduction", found: "is \(reduction.text)",
        expected: Reduction.expectation)
    }
    let result = try inputs.withUnsafeBufferPointer { (inputs) throws(LossError) in
      try vectors.withUnsafeBufferPointer { (vectors) throws(LossError) in
        try gradients.withUnsafeBufferPointer { (gradients) throws(LossError) in
          var request = EvaluationRequest<S>(
            inputs, gradients: gradients, reduction: reduction,
            classAxis: call.class_axis.map { Int($0.pointee) }, threads: Int(call.threads),
            order: order,
            upstream: call.upstream.map { upstream in
              UnsafeBufferPointer(
                start: upstream.assumingMemoryBound(to: S.self), count: Int(call.upstream_count))
            })
          request.vectors = vectors
          request.domainChecks = DomainChecks(code: call.checks)
          return try S.evaluate(loss, request).tensor
        }
      }
    }
    AnyTensor(result).withTensor { answer.tensor(answer.context, $0) }
  }
}

extension DerivativeOrder {
  /// The order by its number in a call; the first for an unknown number.
  init(code: Int32) { self = code == 2 ? .second : code == 3 ? .hessianVectorProduct : .first }

  /// The number in a call.
  var code: Int32 {
    switch self {
    case .first: 1
    case .second: 2
    case .hessianVectorProduct: 3
    }
  }
}

extension DomainChecks {
  /// The checks by their number in a call; all for an unknown number.
  init(code: Int32) { self = code == 1 ? .data : code == 2 ? .none : .all }

  /// The number in a call.
  var code: Int32 {
    switch self {
    case .all: 0
    case .data: 1
    case .none: 2
    }
  }
}
