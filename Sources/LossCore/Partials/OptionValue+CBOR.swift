/// JSON values in CBOR (RFC 8949): whole numbers as integers, other numbers as `Double`, definite
/// lengths, keys in order.
extension OptionValue {
  /// The bytes of the value.
  package var cbor: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return bytes
  }

  private func write(to bytes: inout [UInt8]) {
    switch self {
    case .flag(let flag): bytes.append(flag ? 0xf5 : 0xf4)
    case .null: bytes.append(0xf6)
    case .number(let number):
      if let integer, !(number.isZero && number.sign == .minus) {
        let isNegative = integer < 0
        Self.write(
          UInt64(isNegative ? -1 - integer : integer), kind: isNegative ? 1 : 0, to: &bytes)
      } else {
        bytes.append(0xfb)
        Self.write(bigEndian: number.bitPattern, count: 8, to: &bytes)
      }
    case .text(let text):
      Self.write(UInt64(text.utf8.count), kind: 3, to: &bytes)
      bytes += text.utf8
    case .list(let list):
      Self.write(UInt64(list.count), kind: 4, to: &bytes)
      for value in list { value.write(to: &bytes) }
    case .object(let object):
      Self.write(UInt64(object.count), kind: 5, to: &bytes)
      for (key, value) in object.sorted(by: { $0.key < $1.key }) {
        OptionValue.text(key).write(to: &bytes)
        value.write(to: &bytes)
      }
    }
  }

  private static func write(_ number: UInt64, kind: UInt8, to bytes: inout [UInt8]) {
    let size =
      number < 24 ? 0 : number < 1 << 8 ? 1 : number < 1 << 16 ? 2 : number < 1 << 32 ? 4 : 8
    let short: [Int: UInt8] = [1: 24, 2: 25, 4: 26, 8: 27]
    bytes.append(kind << 5 | (short[size] ?? UInt8(number)))
    write(bigEndian: number, count: size, to: &bytes)
  }

  private static func write(bigEndian number: UInt64, count: Int, to bytes: inout [UInt8]) {
    for index in (0..<count).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index)))
    }
  }

  /// Reads a value that fills the bytes; nil for anything else.
  package init?(cbor bytes: ArraySlice<UInt8>) {
    var reader = CBORReader(bytes: bytes)
    guard let value = reader.value(depth: 0), reader.bytes.isEmpty else { return nil }
    self = value
  }
}

/// Reads the subset of CBOR that is written.
private struct CBORReader {
  var bytes: ArraySlice<UInt8>

  mutating func value(depth: Int) -> OptionValue? {
    guard depth < 64, let first = bytes.popFirst() else { return nil }
    switch first {
    case 0xf4: return .flag(false)
    case 0xf5: return .flag(true)
    case 0xf6: return .null
    case 0xfb: return bigEndian(8).map { .number(Double(bitPattern: $0)) }
    default: break
    }
    guard let number = argument(first & 31) else { return nil }
    switch first >> 5 {
    case 0: return .number(Double(number))
    case 1: return .number(-1 - Double(number))
    case 3: return text(number).map(OptionValue.text)
    case 4:
      var list: [OptionValue] = []
      // A value takes at least one byte.
      guard number <= bytes.count else { return nil }
      for _ in 0..<number {
        guard let value = value(depth: depth + 1) else { return nil }
        list.append(value)
      }
      return .list(list)
    case 5:
      var object: [String: OptionValue] = [:]
      guard number <= bytes.count else { return nil }
      for _ in 0..<number {
        guard case .text(let key)? = value(depth: depth + 1), object[key] == nil,
          let value = value(depth: depth + 1)
        else { return nil }
        object[key] = value
      }
      return .object(object)
    default: return nil
    }
  }

  private mutating func argument(_ short: UInt8) -> UInt64? {
    switch short {
    case 0..<24: UInt64(short)
    case 24: bigEndian(1)
    case 25: bigEndian(2)
    case 26: bigEndian(4)
    case 27: bigEndian(8)
    default: nil
    }
  }

  private mutating func bigEndian(_ count: Int) -> UInt64? {
    guard bytes.count >= count else { return nil }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func text(_ count: UInt64) -> String? {
    guard count <= bytes.count else { return nil }
    defer { bytes = bytes.dropFirst(Int(count)) }
    return String(validating: bytes.prefix(Int(count)), as: UTF8.self)
  }
}
