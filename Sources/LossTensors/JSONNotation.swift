/// How texts and numbers are written in JSON, for every writer of this package.
package enum JSONNotation {
  /// A text in quotation marks.
  package static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// A number with as few digits as give it back. What JSON cannot write becomes a word in quotation
  /// marks, which every reader of this package takes for the number: nan, inf or -inf.
  package static func number(
    _ number: some BinaryFloatingPoint & CustomStringConvertible
  ) -> String {
    if number.isNaN { return "\"nan\"" }
    return number.isInfinite ? "\"\(number)\"" : "\(number)"
  }
}
