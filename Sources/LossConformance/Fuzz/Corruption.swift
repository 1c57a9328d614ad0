extension SeededGenerator {
  /// A copy of the bytes of a file with random changes: bytes replaced, removed, inserted and copied,
  /// numbers replaced by those that overflow, and the end cut off.
  ///
  /// - Parameter alphabet: the bytes that keep a file of this format nearly valid.
  package mutating func corrupted(_ bytes: [UInt8], alphabet: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &self) where !bytes.isEmpty {
      let position = Int.random(in: 0..<bytes.count, using: &self)
      switch Int.random(in: 0..<10, using: &self) {
      case 0: bytes.removeSubrange(position...)
      case 1: bytes.remove(at: position)
      case 2, 3: bytes[position] = UInt8.random(in: 0...255, using: &self)
      case 4: bytes.insert(pick(alphabet), at: position)
      case 5:
        let end = Int.random(in: position..<min(bytes.count, position + 64), using: &self)
        bytes.insert(
          contentsOf: Array(bytes[position...end]),
          at: Int.random(in: 0...bytes.count, using: &self))
      case 6: replaceNumber(of: &bytes, at: position)
      default: bytes[position] = pick(alphabet)
      }
    }
    return bytes
  }

  /// Replaces the digits at a position, or 8 bytes without digits.
  private mutating func replaceNumber(of bytes: inout [UInt8], at position: Int) {
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    if isDigit(bytes[position]) {
      let start = bytes[..<position].lastIndex { !isDigit($0) }.map { $0 + 1 } ?? 0
      let end = bytes[position...].firstIndex { !isDigit($0) } ?? bytes.count
      bytes.replaceSubrange(start..<end, with: Array(pick(Self.extremes).utf8))
    } else {
      let number = pick(Self.limits)
      for offset in 0..<min(8, bytes.count - position) {
        bytes[position + offset] = UInt8(truncatingIfNeeded: number >> (8 * offset))
      }
    }
  }

  private static let limits: [UInt64] = [
    .max, 1 << 63, 1 << 48, 0xffff_ffff, 1 << 31, 0xffff, 0,
  ]

  /// Numbers whose sums and products overflow.
  private static let extremes = [
    "0", "1", "4294967296", "9223372036854775807", "9223372036854775808", "4611686018427387904",
    "99999999999999999999", "1e400", "-1",
  ]
}
