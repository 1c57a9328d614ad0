/// The JSON notation of strings and numbers, shared by every writer of this package.
package enum JSONNotation {
  /// A string literal, with quotation marks and escapes.
  package static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "\u{8}": quoted += "\\b"
      case "\u{c}": quoted += "\\f"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// The shortest decimal that reads back as the same number. NaN and infinities, which JSON lacks,
  /// become the strings "nan", "inf" and "-inf", which every reader of this package accepts.
  package static func number(
    _ number: some BinaryFloatingPoint & CustomStringConvertible
  ) -> String {
    if number.isNaN { return "\"nan\"" }
    return number.isInfinite ? "\"\(number)\"" : "\(number)"
  }
}
