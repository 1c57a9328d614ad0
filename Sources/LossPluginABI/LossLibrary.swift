internal import CLossPlugin
internal import LossCore

/// The host's side: the functions of a library, with typed arguments and errors.
///
/// `@unchecked`: nothing in it changes after `init`, and CLossPlugin.h lets every function be called
/// from any thread.
final class LossLibrary: @unchecked Sendable {
  /// The file, for errors and for telling libraries apart.
  let path: String
  private let table: loss_plugin_table_v1

  /// Takes over a table that lasts as long as the process.
  ///
  /// - Throws: `LossError` of code `invalid_value` for a table of another kind or version.
  init(_ table: UnsafeRawPointer?, path: String) throws(LossError) {
    self.path = path
    guard let table else {
      throw LossError(.invalidValue, subject: path, found: "gives no table of losses")
    }
    let pointer = table.assumingMemoryBound(to: loss_plugin_table_v1.self)
    // Only the head may be read before it says how long the table is.
    let magic = table.load(as: UInt32.self)
    let version = table.load(fromByteOffset: 4, as: UInt32.self)
    guard magic == LOSS_PLUGIN_MAGIC else {
      throw LossError(
        .invalidValue, subject: path, found: "gives something else than a table of losses",
        expected: "one that begins with LOSS_PLUGIN_MAGIC")
    }
    guard version == LOSS_PLUGIN_VERSION else {
      throw LossError(
        .invalidValue, subject: path, found: "speaks version \(version) of the plug-in table",
        expected: "version \(LOSS_PLUGIN_VERSION)",
        hint: "Build the plug-in and this program with versions of swift-losses that agree.")
    }
    let size = table.load(fromByteOffset: 8, as: UInt64.self)
    guard size >= UInt64(MemoryLayout<loss_plugin_table_v1>.size) else {
      throw LossError(
        .invalidValue, subject: path, found: "gives a table of \(size) bytes",
        expected: "at least \(MemoryLayout<loss_plugin_table_v1>.size)")
    }
    self.table = pointer.pointee
    let functions: [(name: String, isThere: Bool)] = [
      ("describe", self.table.describe != nil), ("make", self.table.make != nil),
      ("release", self.table.release != nil), ("evaluate", self.table.evaluate != nil),
      ("select", self.table.select != nil), ("adapt", self.table.adapt != nil),
    ]
    if let missing = functions.first(where: { !$0.isThere }) {
      throw LossError(
        .invalidValue, subject: path, found: "gives a table without \(missing.name)",
        expected: "all functions of CLossPlugin.h")
    }
  }

  /// What the library says of itself.
  func description() throws(LossError) -> PluginManifest {
    try PluginManifest(text { table.describe?(table.context, $0) })
  }

  /// Makes a loss; the caller releases it.
  func make(
    _ name: String, _ options: [String: OptionValue]
  ) throws(LossError) -> (loss: UnsafeMutableRawPointer, description: PluginManifest) {
    let request: OptionValue = ["loss": .text(name), "options": .object(options)]
    var loss: UnsafeMutableRawPointer?
    let answer = try text { answer in
      request.json.withText { table.make?(table.context, $0, answer, &loss) }
    }
    guard let loss else {
      throw LossError(
        .invalidValue, loss: name, subject: path, found: "makes no loss and says no reason")
    }
    do {
      return (loss, try PluginManifest(answer))
    } catch {
      release(loss)
      throw error
    }
  }

  func release(_ loss: UnsafeMutableRawPointer) { table.release?(table.context, loss) }

  func evaluate(
    _ loss: UnsafeMutableRawPointer, _ call: UnsafePointer<loss_call_v1>
  ) throws(LossError) -> AnyTensor {
    try tensor { table.evaluate?(table.context, loss, call, $0) }
  }

  /// What options in another framework's words come to.
  func selection(
    _ dialect: String, _ given: DialectResolution
  ) throws(LossError) -> DialectResolution {
    let request: OptionValue = [
      "name": .text("\(dialect).\(given.name)"), "options": .object(given.options),
      "class_axis": given.classAxis.optionValue,
    ]
    let answer = try text { answer in
      request.json.withText { table.select?(table.context, $0, answer) }
    }
    return try DialectResolution(name: given.name, PluginManifest(answer))
  }

  /// An argument of a spelled name in our layout, or a gradient in the framework's.
  func adapt(
    _ argument: Int, of name: String, _ given: AnyTensor, restores: Bool
  ) throws(LossError) -> AnyTensor {
    try tensor { answer in
      name.withText { name in
        given.withCrossing { tensor in
          table.adapt?(table.context, name, Int64(argument), restores ? 1 : 0, tensor, answer)
        }
      }
    }
  }

  private func text(
    _ call: (UnsafePointer<loss_answer_v1>) -> Int32?
  ) throws(LossError) -> OptionValue {
    guard let text = try answer(call).text else { throw silence() }
    return text
  }

  private func tensor(
    _ call: (UnsafePointer<loss_answer_v1>) -> Int32?
  ) throws(LossError) -> AnyTensor {
    guard let tensor = try answer(call).tensor else { throw silence() }
    return tensor
  }

  private func silence() -> LossError {
    LossError(.invalidValue, subject: path, found: "does not answer as CLossPlugin.h says")
  }

  /// Calls a function of the table and gathers its answer.
  private func answer(
    _ call: (UnsafePointer<loss_answer_v1>) -> Int32?
  ) throws(LossError) -> Answer {
    let answer = Answer()
    let status = withExtendedLifetime(answer) {
      var table = loss_answer_v1(
        context: Unmanaged.passUnretained(answer).toOpaque(),
        text: { context, text in
          Answer.at(context) { answer throws(LossError) in
            answer.text = try OptionValue(json: text.bytes8)
          }
        },
        tensor: { context, tensor in
          Answer.at(context) { answer throws(LossError) in
            answer.tensor = try tensor.pointee.copied()
          }
        },
        error: { context, error in
          Answer.at(context) { answer throws(LossError) in
            answer.error = try LossError(PluginManifest(OptionValue(json: error.bytes8)))
          }
        })
      return call(&table)
    }
    if let error = answer.error { throw error }
    guard status == LOSS_DONE else { throw silence() }
    return answer
  }
}

/// What a function of the table answered.
private final class Answer {
  var text: OptionValue?
  var tensor: AnyTensor?
  var error: LossError?

  /// Takes what a library says; what cannot be read becomes the error.
  static func at(
    _ context: UnsafeMutableRawPointer?, _ take: (Answer) throws(LossError) -> Void
  ) {
    guard let context else { return }
    let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
    do throws(LossError) { try take(answer) } catch { answer.error = error }
  }
}
