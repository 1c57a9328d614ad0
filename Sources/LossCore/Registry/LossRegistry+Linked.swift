internal import CLossSection

extension LossPlugin {
  /// The return value of a record in the section `loss_plugins`: a retained reference, which the
  /// registry releases.
  public static func export(_ plugin: LossPlugin) -> UnsafeRawPointer {
    UnsafeRawPointer(Unmanaged.passRetained(Box(plugin)).toOpaque())
  }

  fileprivate final class Box: Sendable {
    let plugin: LossPlugin
    init(_ plugin: LossPlugin) { self.plugin = plugin }
  }
}

extension LossRegistry {
  /// The registry of all plug-ins that are linked into this program, imported or not.
  ///
  /// The linker gathers one record for each; reading them needs no call before and no order. Of two
  /// linked plug-ins that register one name the first in alphabetical order keeps it, and every
  /// `loss(named:)` throws an error that names both.
  public static let linked = LossRegistry(keepingFirst: linkedPlugins())

  private static func linkedPlugins() -> [LossPlugin] {
    guard let start = loss_plugins_start(), let stop = loss_plugins_stop() else { return [] }
    var plugins: [LossPlugin] = []
    var place = start
    while place < stop {
      // Null entries are padding by the linker.
      if let address = place.pointee {
        let record = unsafeBitCast(address, to: (@convention(c) () -> UnsafeRawPointer).self)
        plugins.append(
          Unmanaged<LossPlugin.Box>.fromOpaque(record()).takeRetainedValue().plugin)
      }
      place += 1
    }
    return plugins.sorted { $0.name < $1.name }
  }
}
