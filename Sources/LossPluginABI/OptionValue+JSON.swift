internal import LossCore

// The JSON of the boundary, without Foundation, so that a plug-in needs nothing but the core.

extension OptionValue {
  /// The value as JSON. Numbers that JSON cannot write become the words that options read.
  var json: String {
    switch self {
    case .null: "null"
    case .flag(let flag): flag ? "true" : "false"
    case .number(let number): JSONNotation.number(number)
    case .text(let text): JSONNotation.quoted(text)
    case .list(let list): "[" + list.map(\.json).joined(separator: ", ") + "]"
    case .object(let object):
      "{"
        + object.sorted { $0.key < $1.key }
        .map { "\(JSONNotation.quoted($0.key)): \($0.value.json)" }.joined(separator: ", ") + "}"
    }
  }

  /// The value that a JSON text says.
  ///
  /// - Throws: `LossError` of code `invalid_value` for what is no JSON.
  init(json bytes: some Sequence<UInt8>) throws(LossError) {
    var reader = JSONReader(bytes: Array(bytes))
    self = try reader.document()
  }
}

/// Reads JSON from its first byte to its last.
private struct JSONReader {
  let bytes: [UInt8]
  var place = 0

  /// How deep lists and objects may lie in each other, so that no text can exhaust the stack.
  private static let depth = 64

  mutating func document() throws(LossError) -> OptionValue {
    let value = try value(depth: 0)
    skipSpace()
    guard place == bytes.count else { throw refusal("the end") }
    return value
  }

  private func refusal(_ expected: String) -> LossError {
    LossError(
      .invalidValue, subject: "JSON", found: "cannot be read at byte \(place)", expected: expected)
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || (0x09...0x0d).contains(byte) { place += 1 }
  }

  private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let byte = peek, byte == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) throws(LossError) -> OptionValue {
    guard depth < Self.depth else { throw refusal("fewer lists in lists") }
    skipSpace()
    if take("{") { return .object(try object(depth)) }
    if take("[") { return .list(try list(depth)) }
    if take("\"") { return .text(try text()) }
    let start = place
    while let byte = peek, isWordByte(byte) { place += 1 }
    let word = String(decoding: bytes[start..<place], as: UTF8.self)
    switch word {
    case "null": return .null
    case "true": return .flag(true)
    case "false": return .flag(false)
    default:
      // Swift reads hexadecimal numbers too.
      guard !word.contains("x"), let number = Double(word), number.isFinite else {
        place = start
        throw refusal("a value")
      }
      return .number(number)
    }
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "E"): true
    default: false
    }
  }

  private mutating func list(_ depth: Int) throws(LossError) -> [OptionValue] {
    var list: [OptionValue] = []
    skipSpace()
    if take("]") { return list }
    repeat {
      list.append(try value(depth: depth + 1))
      skipSpace()
    } while take(",")
    guard take("]") else { throw refusal("\"]\"") }
    return list
  }

  private mutating func object(_ depth: Int) throws(LossError) -> [String: OptionValue] {
    var object: [String: OptionValue] = [:]
    skipSpace()
    if take("}") { return object }
    repeat {
      skipSpace()
      guard take("\"") else { throw refusal("a key") }
      let key = try text()
      skipSpace()
      guard take(":") else { throw refusal("\":\"") }
      object[key] = try value(depth: depth + 1)
      skipSpace()
    } while take(",")
    guard take("}") else { throw refusal("\"}\"") }
    return object
  }

  /// A text after its opening quotation mark.
  private mutating func text() throws(LossError) -> String {
    var utf8: [UInt8] = []
    while let byte = peek {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: utf8, as: UTF8.self)
      case UInt8(ascii: "\\"): utf8 += String(try escaped()).utf8
      default: utf8.append(byte)
      }
    }
    throw refusal("the end of a text")
  }

  private mutating func escaped() throws(LossError) -> Unicode.Scalar {
    guard let byte = peek else { throw refusal("an escape") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeScalar()
    default: throw refusal("an escape")
    }
  }

  private mutating func unicodeScalar() throws(LossError) -> Unicode.Scalar {
    var value = UInt32(try codeUnit())
    // Two escapes make one scalar beyond the first 65,536.
    if (0xd800..<0xdc00).contains(value), take("\\"), take("u") {
      value = 0x10000 + (value - 0xd800) << 10 + (UInt32(try codeUnit()) & 0x3ff)
    }
    return Unicode.Scalar(value) ?? "\u{fffd}"
  }

  private mutating func codeUnit() throws(LossError) -> UInt16 {
    guard place + 4 <= bytes.count,
      let unit = UInt16(String(decoding: bytes[place..<(place + 4)], as: UTF8.self), radix: 16)
    else { throw refusal("four hexadecimal digits") }
    place += 4
    return unit
  }
}
