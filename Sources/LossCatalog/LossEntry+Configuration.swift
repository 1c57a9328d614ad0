public import LossCore

extension LossEntry {
  /// The configuration in JSON with the default options, without those that are null.
  ///
  /// - Parameter width: the number of characters beyond which it takes a line for each member.
  public func configuration(width: Int = .max) -> String {
    let options = options.filter { $0.defaultValue != .null }
      .map { "\"\($0.name)\": \($0.defaultValue.json)" }
    let line = members(options.isEmpty ? "" : "{\(options.joined(separator: ", "))}")
    let text = "{\(line.joined(separator: ", "))}"
    guard text.count > width else { return text }
    let lines = members("{\n    \(options.joined(separator: ",\n    "))\n  }")
    return "{\n  \(lines.joined(separator: ",\n  "))\n}"
  }

  private func members(_ options: String) -> [String] {
    ["\"loss\": \"\(metadata.name)\""] + (options.isEmpty ? [] : ["\"options\": \(options)"])
      + ["\"reduction\": \(defaultReduction.optionValue.json)"]
  }
}

extension LossDeclaration {
  /// The initializer with a line for each parameter if it is longer than a number of characters.
  func initializer(width: Int) -> String {
    guard initializer.count > width else { return initializer }
    return "\(type)(\n  \(parameters.joined(separator: ",\n  "))\n)"
  }
}
