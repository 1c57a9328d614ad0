internal import CLossPlugin
public import LossCore

extension LossPlugin {
  /// The losses as a table of C functions: what a shared library hands to the program that loads it.
  ///
  /// One line exports a plug-in, in a target that nothing but the shared library contains:
  ///
  ///     @c(loss_plugin_v1) public func lossPlugin() -> UnsafeRawPointer {
  ///       LossPlugin.table(of: myLosses)
  ///     }
  ///
  /// The table is made anew by each call and lasts as long as the process.
  public static func table(of plugin: LossPlugin) -> UnsafeRawPointer {
    let exported = ExportedPlugin(plugin)
    let table = UnsafeMutablePointer<loss_plugin_table_v1>.allocate(capacity: 1)
    table.initialize(
      to: loss_plugin_table_v1(
        magic: LOSS_PLUGIN_MAGIC, version: LOSS_PLUGIN_VERSION,
        size: UInt64(MemoryLayout<loss_plugin_table_v1>.size),
        context: UnsafeRawPointer(Unmanaged.passRetained(exported).toOpaque()),
        describe: { context, answer in
          ExportedPlugin.at(context, answer) { plugin throws(LossError) in
            answer.pointee.give(try plugin.description())
          }
        },
        make: { context, request, answer, loss in
          ExportedPlugin.at(context, answer) { plugin throws(LossError) in
            let made = try plugin.loss(request)
            answer.pointee.give(made.loss.described)
            loss.pointee = Unmanaged.passRetained(made).toOpaque()
          }
        },
        release: { _, loss in Unmanaged<ExportedLoss>.fromOpaque(loss).release() },
        evaluate: { context, loss, call, answer in
          ExportedPlugin.at(context, answer) { _ throws(LossError) in
            let made = Unmanaged<ExportedLoss>.fromOpaque(loss).takeUnretainedValue()
            try made.evaluate(call.pointee, answer.pointee)
          }
        },
        select: { context, request, answer in
          ExportedPlugin.at(context, answer) { plugin throws(LossError) in
            answer.pointee.give(try plugin.selection(request).described)
          }
        },
        adapt: { context, name, argument, restores, tensor, answer in
          ExportedPlugin.at(context, answer) { plugin throws(LossError) in
            let argument = try plugin.argument(Int(argument), of: name.string)
            let given = try tensor.pointee.copied()
            let adapted = try restores != 0 ? argument.restore(given) : argument.adapt(given)
            adapted.withCrossing { answer.pointee.tensor(answer.pointee.context, $0) }
          }
        }))
    return UnsafeRawPointer(table)
  }
}

extension loss_answer_v1 {
  func give(_ value: OptionValue) { value.json.withText { text(context, $0) } }
  func refuse(_ reason: LossError) { reason.described.json.withText { error(context, $0) } }
}

/// The library's side: a plug-in and the names in it.
private final class ExportedPlugin: Sendable {
  let plugin: LossPlugin
  private let registry: Result<LossRegistry, LossError>

  init(_ plugin: LossPlugin) {
    self.plugin = plugin
    registry = Result { () throws(LossError) in try LossRegistry([plugin]) }
  }

  /// Does the work of one function of the table.
  static func at(
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
      answer.pointee.refuse(error)
      return LOSS_REFUSED
    }
  }

  func description() throws(LossError) -> OptionValue {
    if let missingRequirement = CPUFeatures.missingRequirement {
      throw LossError(
        .invalidValue, subject: "plug-in \"\(plugin.name)\"", found: "cannot run here",
        hint: missingRequirement)
    }
    _ = try registry.get()
    return plugin.described
  }

  func loss(_ request: loss_text_v1) throws(LossError) -> ExportedLoss {
    let request = try PluginManifest(OptionValue(json: request.bytes8))
    let name: String = try request.value("loss")
    let registry = try registry.get()
    guard let entry = registry.entry(named: name) else { throw Self.unknown(name) }
    return ExportedLoss(try entry.make(try request.options(otherwise: [:]), registry))
  }

  func selection(_ request: loss_text_v1) throws(LossError) -> DialectResolution {
    let request = try PluginManifest(OptionValue(json: request.bytes8))
    let name: String = try request.value("name")
    let dialectEntry = try dialectEntry(name)
    return try dialectEntry.selection(
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
    LossError(.unknownLoss, subject: name, found: "is no name of this library")
  }
}

/// A loss that was made for the host and lives until the host releases it.
private final class ExportedLoss: Sendable {
  let loss: any LossProtocol

  init(_ loss: any LossProtocol) { self.loss = loss }

  func evaluate(_ call: loss_call_v1, _ answer: loss_answer_v1) throws(LossError) {
    switch ElementType(code: call.element) {
    case .float32: try evaluate(in: Float.self, call, answer)
    case .float64: try evaluate(in: Double.self, call, answer)
    case .int64, .bool, nil:
      throw LossError(
        .invalidType, subject: "element", found: "is \(call.element)",
        expected: "\(LOSS_FLOAT32) or \(LOSS_FLOAT64)")
    }
  }

  /// Evaluates on the host's memory, without a copy.
  private func evaluate<S: ComputeScalar>(
    in type: S.Type, _ call: loss_call_v1, _ answer: loss_answer_v1
  ) throws(LossError) {
    let inputs = try UnsafeBufferPointer(start: call.inputs, count: Int(call.input_count))
      .map { (tensor) throws(LossError) in try tensor.view() }
    let gradients = UnsafeBufferPointer(start: call.gradients, count: Int(call.gradient_count))
      .map { gradient in
        GradientView<S>(
          role: Role(gradient.role.string),
          buffer: UnsafeMutableBufferPointer(
            start: gradient.data?.assumingMemoryBound(to: S.self), count: Int(gradient.count)))
      }
    let reduction = try OptionValue(json: call.reduction.bytes8)
    guard let reduction = Reduction(optionValue: reduction) else {
      throw LossError(
        .invalidOption, subject: "reduction", found: "is \(reduction.text)",
        expected: Reduction.expectation)
    }
    let result = try inputs.withUnsafeBufferPointer { (inputs) throws(LossError) in
      try gradients.withUnsafeBufferPointer { (gradients) throws(LossError) in
        let own = EvaluationRequest<S>(
          inputs, gradients: gradients, reduction: reduction,
          classAxis: call.class_axis.map { Int($0.pointee) }, threads: Int(call.threads),
          order: call.order == 2 ? .second : .first,
          upstream: call.upstream.map { upstream in
            UnsafeBufferPointer(
              start: upstream.assumingMemoryBound(to: S.self), count: Int(call.upstream_count))
          })
        return try S.evaluate(loss, own).tensor
      }
    }
    AnyTensor(result).withCrossing { answer.tensor(answer.context, $0) }
  }
}
