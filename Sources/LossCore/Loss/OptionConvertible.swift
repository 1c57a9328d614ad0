/// A type of option that has a JSON form.
public protocol OptionConvertible: Sendable {
  /// The value from JSON, or nil if JSON says something of another type.
  init?(optionValue: OptionValue)
  /// The value as JSON can say it.
  var optionValue: OptionValue { get }
}

/// A type of option that is one of a few words.
public protocol OptionChoice: OptionConvertible, CaseIterable, RawRepresentable, Hashable
where RawValue == String {}

extension OptionChoice {
  /// The case with this word, or nil.
  public init?(optionValue: OptionValue) {
    guard case .text(let word) = optionValue else { return nil }
    self.init(rawValue: word)
  }
  /// The word of the case.
  public var optionValue: OptionValue { .text(rawValue) }
}

extension Double: OptionConvertible {
  /// A number, or one of the words `inf`, `-inf` and `nan`, which JSON has no numbers for.
  public init?(optionValue: OptionValue) {
    switch optionValue {
    case .number(let number): self = number
    case .text("inf"): self = .infinity
    case .text("-inf"): self = -.infinity
    case .text("nan"): self = .nan
    default: return nil
    }
  }
  /// The number.
  public var optionValue: OptionValue { .number(self) }
}

extension Int: OptionConvertible {
  /// A whole number, or nil. One beyond 2⁵³, where the numbers of JSON have gaps, is a word.
  public init?(optionValue: OptionValue) {
    if case .text(let digits) = optionValue, let integer = Int(digits) {
      self = integer
    } else if let integer = optionValue.integer {
      self = integer
    } else {
      return nil
    }
  }
  /// The number, or its digits as a word where a number would not be exact.
  public var optionValue: OptionValue {
    magnitude < 1 << 53 ? .number(Double(self)) : .text(String(self))
  }
}

extension Bool: OptionConvertible {
  /// True or false, or nil.
  public init?(optionValue: OptionValue) {
    guard case .flag(let flag) = optionValue else { return nil }
    self = flag
  }
  /// True or false.
  public var optionValue: OptionValue { .flag(self) }
}

extension String: OptionConvertible {
  /// The text, or nil.
  public init?(optionValue: OptionValue) {
    guard case .text(let text) = optionValue else { return nil }
    self = text
  }
  /// The text.
  public var optionValue: OptionValue { .text(self) }
}

extension Array: OptionConvertible where Element: OptionConvertible {
  /// A list of values that all convert, or nil.
  public init?(optionValue: OptionValue) {
    guard case .list(let list) = optionValue else { return nil }
    let values = list.compactMap(Element.init(optionValue:))
    guard values.count == list.count else { return nil }
    self = values
  }
  /// The list.
  public var optionValue: OptionValue { .list(map(\.optionValue)) }
}

extension Optional: OptionConvertible where Wrapped: OptionConvertible {
  /// Null, or a value that converts.
  public init?(optionValue: OptionValue) {
    if case .null = optionValue {
      self = .none
    } else if let value = Wrapped(optionValue: optionValue) {
      self = .some(value)
    } else {
      return nil
    }
  }
  /// Null or the value.
  public var optionValue: OptionValue { map(\.optionValue) ?? .null }
}

/// A small number that keeps a logarithm or a quotient finite.
public enum Epsilon: OptionConvertible, Hashable, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral
{
  /// The number itself.
  case value(Double)
  /// The distance from 1 to the next number of the element in which the loss is computed.
  case machine

  /// The number in an element.
  @inlinable @inline(__always)
  public func callAsFunction<S: LossScalar>(_ type: S.Type = S.self) -> S {
    switch self {
    case .value(let number): S(number)
    case .machine: S.ulpOfOne
    }
  }

  /// A number, or the word `machine`.
  public init?(optionValue: OptionValue) {
    if case .text("machine") = optionValue {
      self = .machine
    } else if let number = Double(optionValue: optionValue) {
      self = .value(number)
    } else {
      return nil
    }
  }
  /// The number or the word.
  public var optionValue: OptionValue {
    switch self {
    case .value(let number): .number(number)
    case .machine: "machine"
    }
  }
  /// The number itself.
  public init(floatLiteral value: Double) { self = .value(value) }
  /// The number itself.
  public init(integerLiteral value: Int) { self = .value(Double(value)) }
}
