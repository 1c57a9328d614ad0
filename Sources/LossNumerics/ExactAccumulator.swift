/// An exact sum: a number as wide as any sum of `Double`s, to which additions lose nothing.
///
/// The sum depends on the numbers only, not on their order or on how they are split among
/// accumulators that are added later. `value` is the true sum, rounded once.
///
/// A fixed-point number of 2240 bits, from 2^-1074, the smallest `Double`, in signed digits of 32
/// bits in 64-bit integers, which collect carries (U. Kulisch, *Computer Arithmetic and Validity*, 8).
///
/// - Limits: 2^63 additions of the largest `Double` stay below 2^1087; the digits reach 2^1165.
/// - Edge cases: those of ``CompensatedSum``, except that a partial sum beyond the largest `Double`
///   is not lost: only the final sum can be infinite.
public struct ExactAccumulator: Sendable {
  /// Digit i counts multiples of 2^(32 i - 1074). After `carry`, every digit but the last is in
  /// 0 ..< 2^32, and the last has the sign.
  private(set) var digits: [Int64]
  /// The number of additions since the last `carry`, each of which changes a digit by less than
  /// 2^32.
  private var pending = 0
  /// Infinities and NaN among the numbers.
  private(set) var special = Special.none

  /// What takes precedence over the digits.
  enum Special: Sendable { case none, positive, negative, nan }

  static let digitCount = 70
  static let lowestExponent = -1074

  /// The empty sum, 0.
  public init() { digits = Array(repeating: 0, count: Self.digitCount) }

  /// A sum of one number.
  public init(_ number: Double) {
    self.init()
    add(number)
  }

  /// Adds one number.
  public mutating func add(_ number: Double) {
    guard number.isFinite else {
      return add(number.isNaN ? .nan : number > 0 ? .positive : .negative)
    }
    // A subnormal number has the exponent of the smallest normal one, without the leading bit.
    let bits = number.bitPattern
    let exponent = Int(bits >> 52 & 0x7ff)
    let fraction = bits & (1 << 52 - 1)
    add(
      exponent == 0 ? fraction : fraction | 1 << 52, at: max(exponent, 1) - 1,
      isNegative: number.sign == .minus)
  }

  /// Adds the numbers of another sum.
  public mutating func add(_ other: ExactAccumulator) {
    add(other.special)
    if other.pending > 0 {
      var other = other
      other.carry()
      return add(other)
    }
    for index in digits.indices { digits[index] += other.digits[index] }
    countAddition()
  }

  private mutating func add(_ other: Special) {
    guard other != .none, other != special else { return }
    special = special == .none ? other : .nan
  }

  private mutating func add(_ significand: UInt64, at bit: Int, isNegative: Bool) {
    let (index, shift) = (bit >> 5, UInt64(bit & 31))
    let low = significand << shift & 0xffff_ffff
    let rest = significand >> (32 - shift)
    let sign: Int64 = isNegative ? -1 : 1
    digits[index] += sign * Int64(low)
    digits[index + 1] += sign * Int64(rest & 0xffff_ffff)
    digits[index + 2] += sign * Int64(rest >> 32)
    countAddition()
  }

  private mutating func countAddition() {
    pending += 1
    if pending == 1 << 30 { carry() }
  }

  /// Brings the digits into range.
  mutating func carry() {
    guard pending > 0 else { return }
    var carry: Int64 = 0
    for index in 0..<(Self.digitCount - 1) {
      let digit = digits[index] + carry
      digits[index] = digit & 0xffff_ffff
      carry = digit >> 32
    }
    digits[Self.digitCount - 1] += carry
    pending = 0
  }
}

extension ExactAccumulator {
  /// The sum, rounded to the nearest `Double`.
  public var value: Double { rounded(to: Double.self) }

  /// The sum, rounded to the nearest number of a type, ties to even: once, unlike ``value`` rounded
  /// again.
  public func rounded<S: BinaryFloatingPoint>(to type: S.Type) -> S {
    switch special {
    case .none: break
    case .nan: return .nan
    case .positive: return .infinity
    case .negative: return -.infinity
    }
    let (magnitude, isNegative) = magnitude
    guard let top = magnitude.lastIndex(where: { $0 != 0 }) else { return 0 }
    func bits(_ range: Range<Int>) -> UInt64 {
      range.reversed().reduce(0) { $0 << 1 | UInt64(magnitude[$1 >> 5] >> UInt32($1 & 31) & 1) }
    }
    let last = 32 * top + 31 - magnitude[top].leadingZeroBitCount
    // The lowest bit of the significand, and the lowest of any number of the type.
    let smallest = Int(S.leastNonzeroMagnitude.exponent) - Self.lowestExponent
    let lowest = max(last - S.significandBitCount, smallest)
    var significand = last >= lowest ? bits(lowest..<last + 1) : 0
    if lowest > 0, lowest - 1 <= last {
      let isHalf = bits(lowest - 1..<lowest) == 1
      let below = lowest - 1
      let isAbove =
        magnitude[..<(below >> 5)].contains { $0 != 0 }
        || magnitude[below >> 5] & (1 << UInt32(below & 31) - 1) != 0
      if isHalf, isAbove || significand & 1 == 1 { significand += 1 }
    }
    // Exact, or beyond the largest number.
    let exponent = S.Exponent(lowest + Self.lowestExponent)
    let rounded =
      significand == 0
      ? 0 : S(sign: .plus, exponent: exponent, significand: S(significand))
    return isNegative ? -rounded : rounded
  }

  /// The digits of the absolute value, and the sign.
  var magnitude: (digits: [UInt32], isNegative: Bool) {
    var sum = self
    sum.carry()
    let isNegative = sum.digits[Self.digitCount - 1] < 0
    if isNegative {
      for index in sum.digits.indices { sum.digits[index] = -sum.digits[index] }
      sum.pending = 1
      sum.carry()
    }
    return (sum.digits.map { UInt32(truncatingIfNeeded: $0) }, isNegative)
  }
}

extension ExactAccumulator: Hashable {
  /// Whether both sums are the same number, or the same infinity, or both NaN.
  public static func == (a: ExactAccumulator, b: ExactAccumulator) -> Bool {
    guard a.special == b.special else { return false }
    guard a.special == .none else { return true }
    var (a, b) = (a, b)
    a.carry()
    b.carry()
    return a.digits == b.digits
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(special)
    var sum = self
    sum.carry()
    if special == .none { hasher.combine(sum.digits) }
  }
}

/// As text: a hexadecimal whole number times a power of two, such as `-0x1fp-32`; `nan`, `inf` or
/// `-inf`.
extension ExactAccumulator: LosslessStringConvertible {
  public var description: String {
    switch special {
    case .none: break
    case .nan: return "nan"
    case .positive: return "inf"
    case .negative: return "-inf"
    }
    let (digits, isNegative) = magnitude
    guard let top = digits.lastIndex(where: { $0 != 0 }),
      let lowest = digits.firstIndex(where: { $0 != 0 })
    else { return "0" }
    var text = "\(isNegative ? "-" : "")0x" + String(digits[top], radix: 16)
    for index in stride(from: top - 1, through: lowest, by: -1) {
      let word = String(digits[index], radix: 16)
      text += String(repeating: "0", count: 8 - word.count) + word
    }
    return text + "p\(32 * lowest + Self.lowestExponent)"
  }

  /// Reads the text of a sum; nil for any other.
  public init?(_ text: String) {
    self.init()
    switch text {
    case "0": return
    case "nan": special = .nan
    case "inf": special = .positive
    case "-inf": special = .negative
    default:
      let isNegative = text.hasPrefix("-")
      let parts = text.dropFirst(isNegative ? 3 : 2).split(
        separator: "p", omittingEmptySubsequences: false)
      guard text.dropFirst(isNegative ? 1 : 0).hasPrefix("0x"), parts.count == 2,
        let exponent = Int(parts[1]), exponent >= Self.lowestExponent,
        exponent <= 32 * Self.digitCount, (exponent - Self.lowestExponent) % 32 == 0
      else { return nil }
      var index = (exponent - Self.lowestExponent) / 32
      var rest = parts[0]
      while !rest.isEmpty {
        // The last digit is left for the sign.
        guard let digit = UInt32(rest.suffix(8), radix: 16), index < Self.digitCount - 1 else {
          return nil
        }
        digits[index] = isNegative ? -Int64(digit) : Int64(digit)
        index += 1
        rest = rest.dropLast(8)
      }
      pending = 1
      carry()
    }
    guard description == text else { return nil }
  }
}
