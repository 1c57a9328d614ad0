import LossFunctions

extension Arguments {
  /// The built-in losses, and those of every `--plugin`.
  ///
  /// - Throws: `LossError` for a file that is not a library of losses, and for a duplicate name.
  func registry() throws(LossError) -> LossRegistry {
    let linked = LossRegistry.linked
    if let clash = linked.clashes.first { throw clash }
    let paths = values[CommandOption.plugin.name] ?? []
    guard !paths.isEmpty else { return linked }
    let loaded = try paths.map { (path) throws(LossError) in try LossPlugin(contentsOf: path) }
    return try LossRegistry(linked.plugins + loaded)
  }
}
