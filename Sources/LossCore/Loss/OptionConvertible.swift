/// A type of option that can be converted to and from JSON.
public protocol OptionConvertible: Sendable {
  /// The value from JSON; nil for JSON of another type.
  init?(optionValue: OptionValue)
  /// The value as JSON.
  var optionValue: OptionValue { get }
}

/// An enumeration of string values.
public protocol OptionChoice: OptionConvertible, CaseIterable, RawRepresentable, Hashable
where RawValue == String {}

extension OptionChoice {
  public init?(optionValue: OptionValue) {
    guard case .text(let name) = optionValue else { return nil }
    self.init(rawValue: name)
  }
  public var optionValue: OptionValue { .text(rawValue) }
}

extension Double: OptionConvertible {
  /// A number, or one of the strings "inf", "-inf" and "nan", which JSON has no numbers for.
  public init?(optionValue: OptionValue) {
    switch optionValue {
    case .number(let number): self = number
    case .text("inf"): self = .infinity
    case .text("-inf"): self = -.infinity
    case .text("nan"): self = .nan
    default: return nil
    }
  }
  /// The number, or the string that JSON has for it.
  public var optionValue: OptionValue {
    isFinite ? .number(self) : .text(isNaN ? "nan" : self > 0 ? "inf" : "-inf")
  }
}

extension Int: OptionConvertible {
  /// An integer; one beyond 2⁵³, where JSON numbers are not exact, may be a string of digits.
  public init?(optionValue: OptionValue) {
    if case .text(let digits) = optionValue, let integer = Int(digits) {
      self = integer
    } else if let integer = optionValue.integer, integer.magnitude < 1 << 53 {
      self = integer
    } else {
      return nil
    }
  }
  /// The number, or a string of its digits where a number would not be exact.
  public var optionValue: OptionValue {
    magnitude < 1 << 53 ? .number(Double(self)) : .text(String(self))
  }
}

extension Bool: OptionConvertible {
  public init?(optionValue: OptionValue) {
    guard case .flag(let flag) = optionValue else { return nil }
    self = flag
  }
  public var optionValue: OptionValue { .flag(self) }
}

extension String: OptionConvertible {
  public init?(optionValue: OptionValue) {
    guard case .text(let text) = optionValue else { return nil }
    self = text
  }
  public var optionValue: OptionValue { .text(self) }
}

extension Array: OptionConvertible where Element: OptionConvertible {
  public init?(optionValue: OptionValue) {
    guard case .list(let list) = optionValue else { return nil }
    let values = list.compactMap(Element.init(optionValue:))
    guard values.count == list.count else { return nil }
    self = values
  }
  public var optionValue: OptionValue { .list(map(\.optionValue)) }
}

extension Optional: OptionConvertible where Wrapped: OptionConvertible {
  public init?(optionValue: OptionValue) {
    if case .null = optionValue {
      self = .none
    } else if let value = Wrapped(optionValue: optionValue) {
      self = .some(value)
    } else {
      return nil
    }
  }
  public var optionValue: OptionValue { map(\.optionValue) ?? .null }
}

/// A small number ε that keeps a logarithm or a quotient finite.
public enum Epsilon: OptionConvertible, Hashable, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral
{
  /// The number itself.
  case value(Double)
  /// The machine epsilon of the scalar type of the computation.
  case machine

  /// The number in a scalar type.
  @inlinable @inline(__always)
  public func callAsFunction<S: LossArithmetic>(_ type: S.Type = S.self) -> S {
    switch self {
    case .value(let number): S(number)
    case .machine: S.ulpOfOne
    }
  }

  /// A number, or the string "machine".
  public init?(optionValue: OptionValue) {
    if case .text("machine") = optionValue {
      self = .machine
    } else if let number = Double(optionValue: optionValue) {
      self = .value(number)
    } else {
      return nil
    }
  }
  public var optionValue: OptionValue {
    switch self {
    case .value(let number): .number(number)
    case .machine: "machine"
    }
  }
  public init(floatLiteral value: Double) { self = .value(value) }
  public init(integerLiteral value: Int) { self = .value(Double(value)) }
}
