package import LossNumerics

/// Writes a description and numbers.
package struct MessageWriter {
  package private(set) var bytes: [UInt8]

  package init(_ description: OptionValue) {
    let text = description.cbor
    bytes = withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
  }

  package mutating func add(_ number: Double, in element: ElementType) {
    if element == .float32 {
      withUnsafeBytes(of: Float(number).bitPattern.littleEndian) { bytes += $0 }
    } else {
      withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
    }
  }

  package mutating func add(_ tensor: AnyTensor) {
    tensor.withBytes { bytes += $0 }
  }

  /// A sum: in `Double`, and twice its precision for numbers in `Double`.
  package mutating func add(_ sum: CompensatedSum, in element: ElementType) {
    if element == .float32 {
      add(sum.value, in: .float64)
    } else {
      add(sum.high, in: .float64)
      add(sum.low, in: .float64)
    }
  }
}

/// What a message has after its description, for each row.
package struct MessageForm {
  private let numbers: Int
  private let sums: Int
  private let element: ElementType

  package init(numbers: Int = 0, sums: Int = 0, in element: ElementType) {
    self.numbers = numbers
    self.sums = sums
    self.element = element
  }

  /// The number of bytes of a row: a sum of numbers in `Double` has two parts.
  package var size: Int {
    element == .float32 ? 4 * numbers + 8 * sums : 8 * numbers + 16 * sums
  }
}

/// Reads what a `MessageWriter` has written.
package struct MessageReader {
  private let bytes: [UInt8]
  private var next = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var remaining: Int { bytes.count - next }

  package mutating func description() -> OptionValue? {
    guard remaining >= 8 else { return nil }
    let count = word(8)
    guard count <= UInt64(remaining) else { return nil }
    defer { next += Int(count) }
    return OptionValue(cbor: bytes[next..<next + Int(count)])
  }

  /// The next number; its presence has been checked by `remaining`.
  package mutating func number(in element: ElementType) -> Double {
    element == .float32
      ? Double(Float(bitPattern: UInt32(word(4)))) : Double(bitPattern: word(8))
  }

  /// The next bytes; nil if there are fewer.
  package mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= remaining else { return nil }
    defer { next += count }
    return bytes[next..<next + count]
  }

  package mutating func sum(in element: ElementType) -> CompensatedSum {
    let high = number(in: .float64)
    return CompensatedSum(high: high, low: element == .float32 ? 0 : number(in: .float64))
  }

  private mutating func word(_ size: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<size { word |= UInt64(bytes[next + index]) << UInt64(8 * index) }
    next += size
    return word
  }
}

extension LossError {
  package static func unreadableMessage(of process: Int) -> LossError {
    LossError(
      .invalidValue, subject: "process \(process)", found: "sent a message of another form",
      expected: "the same call of every process")
  }
}
