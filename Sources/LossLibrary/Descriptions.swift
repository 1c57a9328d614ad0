internal import LossCore
internal import LossPluginABI

extension LossRegistry {
  /// Every name: ours, and those of the frameworks by their prefix.
  var listing: OptionValue {
    var dialects: [String: [String]] = [:]
    for name in dialectNames {
      let prefix = dialectEntry(named: name)?.dialect.name ?? ""
      dialects[prefix, default: []].append(name)
    }
    return [
      "losses": names.optionValue, "dialects": .object(dialects.mapValues(\.optionValue)),
    ]
  }

  /// What there is to say about a loss.
  ///
  /// - Throws: `LossError` of code `unknown_loss`.
  func description(of name: String) throws(LossError) -> OptionValue {
    let loss = try loss(named: name)
    guard let entry = entry(named: name), case .object(var object) = entry.manifest else {
      throw LossError(.unknownLoss, subject: name, found: "is not described")
    }
    object["family"] = .text(plugin(named: name) ?? "")
    object["arguments"] = loss.argumentNames
    if let dialectEntry = loss.dialectEntry {
      object["spelling"] = dialectEntry.manifest
      object["reduction"] = loss.defaultReduction.optionValue
    }
    return .object(object)
  }
}

extension ConfiguredLoss {
  /// The names of the arguments in order: those of the framework, or our roles.
  fileprivate var argumentNames: OptionValue {
    let names = dialectEntry?.arguments.map { $0.names.first ?? $0.role.name }
    let others = arguments.dropFirst(names?.count ?? 0).map(\.name)
    return ((names ?? []) + others).optionValue
  }

  /// The configuration, the arguments and the inputs of the loss.
  var manifestOfConfiguration: OptionValue {
    guard case .object(var object) = base.manifest else { return .null }
    object["configuration"] = configuration.optionValue
    object["arguments"] = argumentNames
    object["reduction"] = defaultReduction.optionValue
    object["class_axis"] = classAxis.optionValue
    return .object(object)
  }
}
