import LossCore

/// A JSON value that is written on one line, with its keys in the given order.
///
/// `JSONEncoder` would drop the sign of -0.0, which distinguishes inputs.
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
    case .number(let number): JSONNotation.number(number)
    case .text(let text): JSONNotation.quoted(text)
    case .list(let list): "[" + list.map(\.written).joined(separator: ", ") + "]"
    case .object(let object):
      "{"
        + object.map { "\(JSONNotation.quoted($0.key)): \($0.value.written)" }
        .joined(separator: ", ") + "}"
    }
  }
}
