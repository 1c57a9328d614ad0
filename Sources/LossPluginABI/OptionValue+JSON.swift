package import LossCore

// JSON for the C ABI without Foundation, so that a plug-in depends on the core only.

extension OptionValue {
  /// The value of a JSON text.
  ///
  /// - Throws: `LossError` of code `invalid_value` for invalid JSON.
  package init(json bytes: some Sequence<UInt8>) throws(LossError) {
    var reader = JSONReader(bytes: Array(bytes))
    self = try reader.document()
  }
}

/// A recursive-descent JSON reader.
private struct JSONReader {
  let bytes: [UInt8]
  var position = 0

  /// The maximum nesting depth, so that no text can overflow the stack.
  private static let maximumDepth = 64

  mutating func document() throws(LossError) -> OptionValue {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("the end") }
    return value
  }

  private func error(_ expected: String) -> LossError {
    LossError(
      .invalidValue, subject: "JSON", found: "cannot be read at byte \(position)",
      expected: expected)
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || (0x09...0x0d).contains(byte) { position += 1 }
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let byte = peek, byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(LossError) -> OptionValue {
    guard depth < Self.maximumDepth else {
      throw error("at most \(Self.maximumDepth) nested lists")
    }
    skipSpace()
    if take("{") { return .object(try object(depth)) }
    if take("[") { return .list(try list(depth)) }
    if take("\"") { return .text(try text()) }
    let start = position
    while let byte = peek, isWordByte(byte) { position += 1 }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    switch word {
    case "null": return .null
    case "true": return .flag(true)
    case "false": return .flag(false)
    default:
      // Swift also accepts hexadecimal numbers.
      guard !word.contains("x"), let number = Double(word), number.isFinite else {
        position = start
        throw error("a value")
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
    guard take("]") else { throw error("\"]\"") }
    return list
  }

  private mutating func object(_ depth: Int) throws(LossError) -> [String: OptionValue] {
    var object: [String: OptionValue] = [:]
    skipSpace()
    if take("}") { return object }
    repeat {
      skipSpace()
      guard take("\"") else { throw error("a key") }
      let key = try text()
      skipSpace()
      guard take(":") else { throw error("\":\"") }
      object[key] = try value(depth: depth + 1)
      skipSpace()
    } while take(",")
    guard take("}") else { throw error("\"}\"") }
    return object
  }

  /// A string after its opening quotation mark.
  private mutating func text() throws(LossError) -> String {
    var utf8: [UInt8] = []
    while let byte = peek {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: utf8, as: UTF8.self)
      case UInt8(ascii: "\\"): utf8 += String(try escaped()).utf8
      default: utf8.append(byte)
      }
    }
    throw error("the end of a string")
  }

  private mutating func escaped() throws(LossError) -> Unicode.Scalar {
    guard let byte = peek else { throw error("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeScalar()
    default: throw error("an escape")
    }
  }

  private mutating func unicodeScalar() throws(LossError) -> Unicode.Scalar {
    var value = UInt32(try codeUnit())
    // A surrogate pair encodes one scalar outside the basic multilingual plane.
    if (0xd800..<0xdc00).contains(value), take("\\"), take("u") {
      value = 0x10000 + (value - 0xd800) << 10 + (UInt32(try codeUnit()) & 0x3ff)
    }
    return Unicode.Scalar(value) ?? "\u{fffd}"
  }

  private mutating func codeUnit() throws(LossError) -> UInt16 {
    guard position + 4 <= bytes.count,
      let unit = UInt16(
        String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits") }
    position += 4
    return unit
  }
}
