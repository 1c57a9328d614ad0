import LossFunctions

extension Arguments {
  /// The losses that are built in, and those of every `--plugin`.
  ///
  /// - Throws: `LossError` for a file that is no library of losses, and for a name that two plug-ins
  ///   claim.
  func registry() throws(LossError) -> LossRegistry {
    let linked = LossRegistry.linked
    if let clash = linked.clashes.first { throw clash }
    let paths = values[CommandOption.plugin.name] ?? []
    guard !paths.isEmpty else { return linked }
    let loaded = try paths.map { (path) throws(LossError) in try LossPlugin(contentsOf: path) }
    return try LossRegistry(linked.plugins + loaded)
  }
}
