/// A JSON value of an option.
public enum OptionValue: Hashable, Sendable {
  /// Null: the option is disabled.
  case null
  /// A boolean.
  case flag(Bool)
  /// A number.
  case number(Double)
  /// A string.
  case text(String)
  /// An array.
  case list([OptionValue])
  /// An object.
  case object([String: OptionValue])

  /// The number as an integer; nil if it is not one.
  public var integer: Int? {
    guard case .number(let number) = self else { return nil }
    return Int(exactly: number)
  }

  /// The value as text, with strings unquoted.
  public var text: String {
    switch self {
    case .null: "null"
    case .flag(let flag): flag ? "true" : "false"
    case .number(let number): Int(exactly: number).map(String.init) ?? String(number)
    case .text(let text): text
    case .list(let list): "[" + list.map(\.text).joined(separator: ", ") + "]"
    case .object(let object):
      "{"
        + object.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }
        .joined(separator: ", ") + "}"
    }
  }
}

extension OptionValue {
  /// The value in one line of JSON, with the keys of objects in order. NaN and infinities become
  /// strings, which options accept as numbers.
  package var json: String {
    switch self {
    case .null: "null"
    case .flag(let flag): flag ? "true" : "false"
    case .number(let number):
      // An integer would lose the sign of -0.0.
      (number.isZero && number.sign == .minus ? nil : integer.map(String.init))
        ?? JSONNotation.number(number)
    case .text(let text): JSONNotation.quoted(text)
    case .list(let list): "[" + list.map(\.json).joined(separator: ", ") + "]"
    case .object(let object):
      "{"
        + object.sorted { $0.key < $1.key }
        .map { "\(JSONNotation.quoted($0.key)): \($0.value.json)" }.joined(separator: ", ") + "}"
    }
  }
}

extension OptionValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .flag(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .text(value) }
  public init(arrayLiteral elements: OptionValue...) { self = .list(elements) }
  /// An object; for a repeated name the last value is kept.
  public init(dictionaryLiteral elements: (String, OptionValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}

extension OptionValue: Codable {
  /// Reads any JSON value; the strings "nan", "inf" and "-inf" remain strings.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([OptionValue].self) {
      self = .list(list)
    } else {
      self = .object(try container.decode([String: OptionValue].self))
    }
  }

  /// Writes the JSON value; NaN and infinities become the strings "nan", "inf" and "-inf".
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .flag(let flag): try container.encode(flag)
    case .number(let number):
      if number.isFinite {
        try container.encode(number)
      } else {
        try container.encode(number.isNaN ? "nan" : number > 0 ? "inf" : "-inf")
      }
    case .text(let text): try container.encode(text)
    case .list(let list): try container.encode(list)
    case .object(let object): try container.encode(object)
    }
  }
}
