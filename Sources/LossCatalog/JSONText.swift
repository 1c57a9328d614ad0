/// JSON that is safe inside a script element.
enum JSONText {
  /// A string.
  static func string(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "<", ">", "&",
        _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// An array of texts that are JSON.
  static func list(_ items: [String]) -> String { "[\(items.joined(separator: ","))]" }

  /// An array of strings.
  static func strings(_ items: [String]) -> String { list(items.map(string)) }

  /// An object; its values are JSON.
  static func object(_ members: KeyValuePairs<String, String>) -> String {
    "{\(members.map { "\(string($0.key)):\($0.value)" }.joined(separator: ","))}"
  }
}
