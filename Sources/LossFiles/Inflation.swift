/// DEFLATE decompression (RFC 1951) for ZIP archives.
///
/// Implemented here, since no module of the toolchain provides it on every platform.
struct Inflation {
  /// The decompressed bytes; nil if the data are corrupt or do not give exactly `size` bytes.
  static func inflate(_ data: ArraySlice<UInt8>, size: Int) -> [UInt8]? {
    var inflation = Inflation(data: data, limit: size)
    // The size in a header is untrusted; 1,032 is the maximum compression ratio of DEFLATE.
    inflation.output.reserveCapacity(min(size, data.count * 1_032))
    guard inflation.run(), inflation.output.count == size else { return nil }
    return inflation.output
  }

  private let data: ArraySlice<UInt8>
  private let limit: Int
  private var next: Int
  private var bits: UInt64 = 0
  private var bitCount = 0
  private var output: [UInt8] = []

  private init(data: ArraySlice<UInt8>, limit: Int) {
    self.data = data
    self.limit = limit
    next = data.startIndex
  }

  private mutating func run() -> Bool {
    while true {
      guard let isLast = take(1), let kind = take(2) else { return false }
      let isValid =
        switch kind {
        case 0: copyStored()
        case 1: decode(Code.fixedLiterals, Code.fixedDistances)
        case 2: decodeDynamic()
        default: false
        }
      guard isValid else { return false }
      if isLast == 1 { return true }
    }
  }

  // MARK: - Bits

  /// The next bits, least significant first; nil at the end of the data.
  private mutating func take(_ count: Int) -> Int? {
    while bitCount < count {
      guard next < data.endIndex else { return nil }
      bits |= UInt64(data[next]) << bitCount
      bitCount += 8
      next += 1
    }
    defer {
      bits >>= count
      bitCount -= count
    }
    return Int(bits & (1 << count - 1))
  }

  // MARK: - Blocks

  private mutating func copyStored() -> Bool {
    _ = take(bitCount % 8)
    guard let length = take(16), let check = take(16), length == check ^ 0xffff,
      output.count + length <= limit
    else { return false }
    for _ in 0..<length {
      guard let byte = take(8) else { return false }
      output.append(UInt8(byte))
    }
    return true
  }

  private mutating func decodeDynamic() -> Bool {
    guard let literalCount = take(5), let distanceCount = take(5), let lengthCount = take(4) else {
      return false
    }
    var lengths = [Int](repeating: 0, count: 19)
    for index in Self.orderOfLengths.prefix(lengthCount + 4) {
      guard let length = take(3) else { return false }
      lengths[index] = length
    }
    guard let code = Code(lengths),
      let all = codeLengths(literalCount + 257 + distanceCount + 1, code),
      let literals = Code(Array(all[..<(literalCount + 257)])),
      let distances = Code(Array(all[(literalCount + 257)...]))
    else { return false }
    return decode(literals, distances)
  }

  private mutating func codeLengths(_ count: Int, _ code: Code) -> [Int]? {
    var lengths: [Int] = []
    while lengths.count < count {
      guard let symbol = symbol(code) else { return nil }
      switch symbol {
      case 0...15: lengths.append(symbol)
      case 16:
        guard let last = lengths.last, let more = take(2) else { return nil }
        lengths += Array(repeating: last, count: more + 3)
      default:
        guard let more = take(symbol == 17 ? 3 : 7) else { return nil }
        lengths += Array(repeating: 0, count: more + (symbol == 17 ? 3 : 11))
      }
    }
    return lengths.count == count ? lengths : nil
  }

  private mutating func decode(_ literals: Code, _ distances: Code) -> Bool {
    while let symbol = symbol(literals) {
      if symbol == 256 { return true }
      if symbol < 256 {
        guard output.count < limit else { return false }
        output.append(UInt8(symbol))
        continue
      }
      guard symbol < 286, let length = value(symbol - 257, Self.lengths),
        let code = self.symbol(distances), code < 30,
        let distance = value(code, Self.distances), distance <= output.count,
        output.count + length <= limit
      else { return false }
      // The copy may overlap its own output, so that it must go byte by byte.
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
    return false
  }

  /// Decodes the next symbol bit by bit; nil for an invalid code word.
  private mutating func symbol(_ code: Code) -> Int? {
    var word = 0
    var first = 0
    var index = 0
    for count in code.counts.dropFirst() {
      guard let bit = take(1) else { return nil }
      word |= bit
      if word - first < count { return code.symbols[index + word - first] }
      index += count
      first = (first + count) << 1
      word <<= 1
    }
    return nil
  }

  private mutating func value(_ index: Int, _ table: [(base: Int, extra: Int)]) -> Int? {
    take(table[index].extra).map { table[index].base + $0 }
  }

  // MARK: - Tables

  /// A canonical prefix code, defined by its code lengths (section 3.2.2).
  private struct Code {
    /// The number of code words of each length.
    var counts: [Int]
    /// The symbols in the order of their code words.
    var symbols: [Int]

    /// Nil for an oversubscribed code.
    init?(_ lengths: [Int]) {
      counts = Array(repeating: 0, count: 16)
      for length in lengths { counts[length] += 1 }
      counts[0] = 0
      var unusedCount = 1
      for count in counts.dropFirst() {
        unusedCount = unusedCount * 2 - count
        guard unusedCount >= 0 else { return nil }
      }
      symbols = lengths.indices.filter { lengths[$0] > 0 }
        .sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    }

    private init(valid lengths: [Int]) {
      self = Code(lengths) ?? Code(valid: [])
    }

    static let fixedLiterals = Code(
      valid: Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112)
        + Array(repeating: 7, count: 24) + Array(repeating: 8, count: 8))
    static let fixedDistances = Code(valid: Array(repeating: 5, count: 30))
  }

  private static let orderOfLengths = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]

  private static let lengths: [(base: Int, extra: Int)] = {
    var table: [(base: Int, extra: Int)] = []
    var base = 3
    for index in 0..<28 {
      let extra = max(0, index / 4 - 1)
      table.append((base, extra))
      base += 1 << extra
    }
    return table + [(258, 0)]
  }()

  private static let distances: [(base: Int, extra: Int)] = {
    var table: [(base: Int, extra: Int)] = []
    var base = 1
    for index in 0..<30 {
      let extra = max(0, index / 2 - 1)
      table.append((base, extra))
      base += 1 << extra
    }
    return table
  }()
}
