internal import CLossPlugin
internal import LossCore

/// The functions of a library for the host, with typed arguments and errors.
///
/// `@unchecked`: immutable after `init`, and CLossPlugin.h requires that every function can be called
/// from any thread.
final class PluginLibrary: @unchecked Sendable {
  /// The file, for errors and for comparison.
  let path: String
  private let table: loss_plugin_table_v1

  /// Wraps a table, which must stay valid until the process exits.
  ///
  /// - Throws: `LossError` of code `invalid_value` for an invalid table or another version.
  init(_ table: UnsafeRawPointer?, path: String) throws(LossError) {
    self.path = path
    guard let table else {
      throw LossError(.invalidValue, subject: path, found: "returns no plug-in table")
    }
    let pointer = table.assumingMemoryBound(to: loss_plugin_table_v1.self)
    // Only magic and version may be read before the size is known.
    let magic = table.load(as: UInt32.self)
    let version = table.load(fromByteOffset: 4, as: UInt32.self)
    guard magic == LOSS_PLUGIN_MAGIC else {
      throw LossError(
        .invalidValue, subject: path, found: "returns an invalid plug-in table",
        expected: "a table that begins with LOSS_PLUGIN_MAGIC")
    }
    guard version == LOSS_PLUGIN_VERSION else {
      throw LossError(
        .invalidValue, subject: path, found: "has version \(version) of the plug-in table",
        expected: "version \(LOSS_PLUGIN_VERSION)",
        hint: "Build the plug-in and this program with compatible versions of swift-losses.")
    }
    let size = table.load(fromByteOffset: 8, as: UInt64.self)
    guard size >= UInt64(MemoryLayout<loss_plugin_table_v1>.size) else {
      throw LossError(
        .invalidValue, subject: path, found: "returns a plug-in table of \(size) bytes",
        expected: "at least \(MemoryLayout<loss_plugin_table_v1>.size)")
    }
    self.table = pointer.pointee
    let functions: [(name: String, isPresent: Bool)] = [
      ("describe", self.table.describe != nil), ("make", self.table.make != nil),
      ("release", self.table.release != nil), ("evaluate", self.table.evaluate != nil),
      ("select", self.table.select != nil), ("adapt", self.table.adapt != nil),
    ]
    if let missing = functions.first(where: { !$0.isPresent }) {
      throw LossError(
        .invalidValue, subject: path, found: "returns a plug-in table without \(missing.name)",
        expected: "all functions of CLossPlugin.h")
    }
  }

  /// The manifest of the library.
  func manifest() throws(LossError) -> PluginManifest {
    try PluginManifest(text { table.describe?(table.context, $0) })
  }

  /// Creates a loss; the caller must release it.
  func make(
    _ name: String, _ options: [String: OptionValue]
  ) throws(LossError) -> (loss: UnsafeMutableRawPointer, manifest: PluginManifest) {
    let request: OptionValue = ["loss": .text(name), "options": .object(options)]
    var loss: UnsafeMutableRawPointer?
    let reply = try text { answer in
      request.json.withText { table.make?(table.context, $0, answer, &loss) }
    }
    guard let loss else {
      throw LossError(
        .invalidValue, loss: name, subject: path, found: "creates no loss and reports no error")
    }
    do {
      return (loss, try PluginManifest(reply))
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

  /// Resolves the options of another framework.
  func resolution(
    _ dialect: String, _ unresolved: DialectResolution
  ) throws(LossError) -> DialectResolution {
    let request: OptionValue = [
      "name": .text("\(dialect).\(unresolved.name)"), "options": .object(unresolved.options),
      "class_axis": unresolved.classAxis.optionValue,
    ]
    let reply = try text { answer in
      request.json.withText { table.select?(table.context, $0, answer) }
    }
    return try DialectResolution(name: unresolved.name, PluginManifest(reply))
  }

  /// Converts an argument of a dialect entry to our layout, or a gradient to the framework's layout.
  func adapt(
    _ argument: Int, of name: String, _ tensor: AnyTensor, restores: Bool
  ) throws(LossError) -> AnyTensor {
    try self.tensor { answer in
      name.withText { name in
        tensor.withTensor { tensor in
          table.adapt?(table.context, name, Int64(argument), restores ? 1 : 0, tensor, answer)
        }
      }
    }
  }

  private func text(
    _ call: (UnsafePointer<loss_answer_v1>) -> Int32?
  ) throws(LossError) -> OptionValue {
    guard let text = try reply(call).text else { throw protocolError() }
    return text
  }

  private func tensor(
    _ call: (UnsafePointer<loss_answer_v1>) -> Int32?
  ) throws(LossError) -> AnyTensor {
    guard let tensor = try reply(call).tensor else { throw protocolError() }
    return tensor
  }

  private func protocolError() -> LossError {
    LossError(.invalidValue, subject: path, found: "does not follow the rules of CLossPlugin.h")
  }

  /// Calls a function of the table and collects what it passes to the callbacks.
  private func reply(
    _ call: (UnsafePointer<loss_answer_v1>) -> Int32?
  ) throws(LossError) -> Reply {
    let reply = Reply()
    let status = withExtendedLifetime(reply) {
      var table = loss_answer_v1(
        context: Unmanaged.passUnretained(reply).toOpaque(),
        text: { context, text in
          Reply.update(context) { reply throws(LossError) in
            reply.text = try OptionValue(json: text.utf8)
          }
        },
        tensor: { context, tensor in
          Reply.update(context) { reply throws(LossError) in
            reply.tensor = try tensor.pointee.copied()
          }
        },
        error: { context, error in
          Reply.update(context) { reply throws(LossError) in
            reply.error = try LossError(PluginManifest(OptionValue(json: error.utf8)))
          }
        })
      return call(&table)
    }
    if let error = reply.error { throw error }
    guard status == LOSS_DONE else { throw protocolError() }
    return reply
  }
}

/// The values that a function of the table passed to its callbacks.
private final class Reply {
  var text: OptionValue?
  var tensor: AnyTensor?
  var error: LossError?

  /// Updates the reply from a callback; a conversion failure becomes its error.
  static func update(
    _ context: UnsafeMutableRawPointer?, _ body: (Reply) throws(LossError) -> Void
  ) {
    guard let context else { return }
    let reply = Unmanaged<Reply>.fromOpaque(context).takeUnretainedValue()
    do throws(LossError) { try body(reply) } catch { reply.error = error }
  }
}
