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
  /// The linker collects one record per plug-in, so that no registration call is needed. If two
  /// linked plug-ins register the same name, `linked` is empty; the error of `linkedResult` names
  /// them.
  public static let linked: LossRegistry = (try? linkedResult.get()) ?? .empty

  /// The registry of the linked plug-ins, or the error that two of them register the same name.
  public static let linkedResult: Result<LossRegistry, LossError> = Result {
    () throws(LossError) in try LossRegistry(linkedPlugins())
  }

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
