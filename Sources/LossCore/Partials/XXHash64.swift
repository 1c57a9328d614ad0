/// The XXH64 hash: it detects data that were truncated or altered by accident, not on purpose
/// (Y. Collet, *xxHash fast digest algorithm*, format 0.1.1).
package struct XXHash64: Sendable {
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63,
    0x27d4_eb2f_1656_67c5
  )
  private var lanes = SIMD4<UInt64>(
    XXHash64.primes.0 &+ XXHash64.primes.1, XXHash64.primes.1, 0, 0 &- XXHash64.primes.0)
  private var count: UInt64 = 0
  /// The bytes after the last block of 32.
  private var rest: [UInt8] = []

  /// The hash of no bytes.
  package init() {}

  /// Adds bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    count &+= UInt64(bytes.count)
    var start = 0
    if !rest.isEmpty {
      start = min(32 - rest.count, bytes.count)
      rest += bytes[..<start]
      guard rest.count == 32 else { return }
      rest.withUnsafeBytes { addBlocks($0, from: 0, count: 1) }
      rest.removeAll(keepingCapacity: true)
    }
    let blocks = (bytes.count - start) / 32
    addBlocks(bytes, from: start, count: blocks)
    rest += bytes[(start + 32 * blocks)...]
  }

  private mutating func addBlocks(_ bytes: UnsafeRawBufferPointer, from start: Int, count: Int) {
    let primes = Self.primes
    for block in 0..<count {
      for lane in 0..<4 {
        let offset = start + 32 * block + 8 * lane
        let word = UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        lanes[lane] = Self.rotate(lanes[lane] &+ word &* primes.1, 31) &* primes.0
      }
    }
  }

  /// The hash of the bytes that were added.
  package var value: UInt64 {
    let primes = Self.primes
    var hash: UInt64
    if count < 32 {
      hash = primes.4
    } else {
      hash =
        Self.rotate(lanes[0], 1) &+ Self.rotate(lanes[1], 7) &+ Self.rotate(lanes[2], 12)
        &+ Self.rotate(lanes[3], 18)
      for lane in 0..<4 {
        hash = (hash ^ Self.round(lanes[lane])) &* primes.0 &+ primes.3
      }
    }
    hash &+= count
    var bytes = rest[...]
    func word(_ size: Int) -> UInt64 {
      bytes.prefix(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    while bytes.count >= 8 {
      hash = Self.rotate(hash ^ Self.round(word(8)), 27) &* primes.0 &+ primes.3
      bytes = bytes.dropFirst(8)
    }
    if bytes.count >= 4 {
      hash = Self.rotate(hash ^ (word(4) &* primes.0), 23) &* primes.1 &+ primes.2
      bytes = bytes.dropFirst(4)
    }
    for byte in bytes { hash = Self.rotate(hash ^ (UInt64(byte) &* primes.4), 11) &* primes.0 }
    hash = (hash ^ hash >> 33) &* primes.1
    hash = (hash ^ hash >> 29) &* primes.2
    return hash ^ hash >> 32
  }

  /// The hash as 16 hexadecimal digits.
  package var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func round(_ word: UInt64) -> UInt64 {
    rotate(word &* primes.1, 31) &* primes.0
  }

  private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
    word << bits | word >> (64 - bits)
  }
}

extension XXHash64 {
  /// The hash of an array.
  package static func hash(_ bytes: some Collection<UInt8>) -> UInt64 {
    var hash = XXHash64()
    Array(bytes).withUnsafeBytes { hash.add($0) }
    return hash.value
  }
}
