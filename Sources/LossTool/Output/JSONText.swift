import LossCore
import LossFiles

/// A JSON value that keeps the order of its keys.
indirect enum JSONText {
  case null
  case flag(Bool)
  case integer(Int)
  case text(String)
  /// JSON text.
  case verbatim(String)
  case list([JSONText])
  case object([(key: String, value: JSONText)])

  /// A tensor as nested lists.
  static func nested(_ tensor: AnyTensor) -> JSONText { .verbatim(TensorJSON.nested(tensor)) }

  static func texts(_ texts: [String]) -> JSONText { .list(texts.map(JSONText.text)) }

  /// The value of an option.
  init(_ value: OptionValue) {
    self =
      switch value {
      case .null: .null
      case .flag(let flag): .flag(flag)
      case .number: .verbatim(value.json)
      case .text(let text): .text(text)
      case .list(let list): .list(list.map(JSONText.init))
      case .object(let object):
        .object(object.sorted { $0.key < $1.key }.map { ($0.key, JSONText($0.value)) })
      }
  }

  /// The maximum width of a list or an object on one line.
  private static let width = 100

  /// The JSON text: lists and objects on one line if they fit, otherwise with one line per item.
  func written(indent: String = "") -> String {
    switch self {
    case .null: "null"
    case .flag(let flag): flag ? "true" : "false"
    case .integer(let integer): String(integer)
    case .text(let text): JSONNotation.quoted(text)
    case .verbatim(let text): text
    case .list(let list):
      written(list.map { ("", $0) }, between: "[", "]", indent: indent)
    case .object(let object):
      written(
        object.map { (JSONNotation.quoted($0.key) + ": ", $0.value) }, between: "{", "}",
        indent: indent)
    }
  }

  private func written(
    _ items: [(start: String, value: JSONText)], between open: String, _ close: String,
    indent: String
  ) -> String {
    let inner = indent + "  "
    let texts = items.map { $0.start + $0.value.written(indent: inner) }
    let line = open + texts.joined(separator: ", ") + close
    guard indent.count + line.count > JSONText.width || line.contains("\n") else { return line }
    return "\(open)\n\(inner)" + texts.joined(separator: ",\n\(inner)") + "\n\(indent)\(close)"
  }
}
