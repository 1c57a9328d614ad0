/// A JSON value that is written on one line, its keys in order.
///
/// `JSONEncoder` would drop the sign of -0.0, which tells two inputs apart.
indirect enum JSONLine {
  case null
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([JSONLine])
  case object([(key: String, value: JSONLine)])

  var written: String {
    switch self {
    case .null: "null"
    case .flag(let flag): flag ? "true" : "false"
    case .integer(let integer): String(integer)
    case .number(let number):
      number.isFinite ? "\(number)" : number.isNaN ? "\"nan\"" : number > 0 ? "\"inf\"" : "\"-inf\""
    case .text(let text): Self.quoted(text)
    case .list(let list): "[" + list.map(\.written).joined(separator: ", ") + "]"
    case .object(let object):
      "{"
        + object.map { "\(Self.quoted($0.key)): \($0.value.written)" }.joined(separator: ", ")
        + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
