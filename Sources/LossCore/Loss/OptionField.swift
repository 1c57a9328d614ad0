/// One option of a loss: its name, range and summary, and the functions that read and write it.
public struct OptionField<Options: Sendable>: Sendable {
  /// The name in JSON and on the command line, in snake_case.
  public let name: String
  /// The valid values as a phrase: `a number above zero`.
  public let range: String
  /// The meaning of the option, in one line.
  public let summary: String
  /// The value as JSON.
  public let read: @Sendable (Options) -> OptionValue
  /// Sets the option; throws for a value of the wrong type.
  public let write: @Sendable (OptionValue, inout Options) throws(LossError) -> Void
  /// Throws for a value out of range.
  public let check: @Sendable (Options) throws(LossError) -> Void
  /// How the option is declared in Swift; from this initialisers and their documentation are printed.
  public let declaration: @Sendable (Options) -> OptionDeclaration
  /// Whether some value of its type is out of range, so that there is something to check.
  @usableFromInline let isBounded: Bool

  /// An option of any type that can be converted to JSON.
  ///
  /// - Parameters:
  ///   - name: the name in JSON.
  ///   - path: the property that stores the option.
  ///   - range: the valid values, as a phrase that follows "expected".
  ///   - summary: the meaning of the option, in one line.
  ///   - isValid: whether a value is in the range.
  public init<Value: OptionConvertible>(
    _ name: String, _ path: any WritableKeyPath<Options, Value> & Sendable, range: String,
    _ summary: String, isValid: (@Sendable (Value) -> Bool)? = nil
  ) {
    self.name = name
    self.range = range
    self.summary = summary
    read = { $0[keyPath: path].optionValue }
    write = { (value: OptionValue, options: inout Options) throws(LossError) in
      guard let converted = Value(optionValue: value) else {
        throw OptionField.refusal(of: value, for: name, range)
      }
      options[keyPath: path] = converted
    }
    isBounded = isValid != nil
    declaration = { OptionDeclaration(path, name, $0[keyPath: path], summary) }
    check = { (options: Options) throws(LossError) in
      let value = options[keyPath: path]
      guard isValid?(value) ?? true else {
        throw OptionField.refusal(of: value.optionValue, for: name, range)
      }
    }
  }

  /// The same option for options that are a property of other options, as in a compound loss.
  public func inside<Outer: Sendable>(
    _ path: any WritableKeyPath<Outer, Options> & Sendable
  ) -> OptionField<Outer> {
    OptionField<Outer>(
      name: name, range: range, summary: summary, isBounded: isBounded,
      read: { [read] in read($0[keyPath: path]) },
      write: { [write] (value: OptionValue, outer: inout Outer) throws(LossError) in
        try write(value, &outer[keyPath: path])
      },
      check: { [check] (outer: Outer) throws(LossError) in try check(outer[keyPath: path]) },
      declaration: { [declaration] in declaration($0[keyPath: path]).inside(path) })
  }

  private init(
    name: String, range: String, summary: String, isBounded: Bool,
    read: @escaping @Sendable (Options) -> OptionValue,
    write: @escaping @Sendable (OptionValue, inout Options) throws(LossError) -> Void,
    check: @escaping @Sendable (Options) throws(LossError) -> Void,
    declaration: @escaping @Sendable (Options) -> OptionDeclaration
  ) {
    self.name = name
    self.range = range
    self.summary = summary
    self.isBounded = isBounded
    self.read = read
    self.write = write
    self.check = check
    self.declaration = declaration
  }

  package static func refusal(of value: OptionValue, for name: String, _ range: String) -> LossError
  {
    var shown = value.text
    if case .text = value, Double(optionValue: value) == nil { shown = "\"\(shown)\"" }
    if case .number(let number) = value { shown = String(number) }
    // Infinity is above zero, so the range alone would not say what is wrong.
    let isInfinite = Double(optionValue: value).map { !$0.isFinite } ?? false
    let isOutsideFloat =
      !isInfinite
      && (Double(optionValue: value).map { !Float($0).isFinite || ($0 != 0 && Float($0) == 0) }
        ?? false)
    let expected =
      isInfinite && range.hasPrefix("a number") && !range.hasSuffix("or inf")
      ? "a finite" + range.dropFirst(1)
      : isOutsideFloat ? range + ", within the range of f32" : range
    return LossError(.invalidOption, subject: name, found: "is \(shown)", expected: expected)
  }
}

/// The range of a numeric option, without numbers that are infinite in `Float`, or 0 there where they
/// are to be above 0: a loss computes in either type.
public struct NumberRange: Sendable {
  /// The range as a phrase that follows "expected".
  public let description: String
  let contains: @Sendable (Double) -> Bool

  /// Any finite number.
  public static let finite = NumberRange(description: "a finite number") { Float($0).isFinite }
  /// Finite numbers above a bound.
  public static func above(_ bound: Double) -> NumberRange {
    NumberRange(description: "a number above \(name(bound))") {
      Float($0).isFinite && $0 > bound && (bound != 0 || Float($0) != 0)
    }
  }
  /// Finite numbers not below a bound.
  public static func atLeast(_ bound: Double) -> NumberRange {
    NumberRange(description: "a number of at least \(name(bound))") {
      Float($0).isFinite && $0 >= bound
    }
  }
  /// Numbers between two bounds, inclusive.
  public static func from(_ low: Double, to high: Double) -> NumberRange {
    NumberRange(description: "a number from \(name(low)) to \(name(high))") {
      $0 >= low && $0 <= high
    }
  }
  /// Numbers not below a bound and below another.
  public static func from(_ low: Double, below high: Double) -> NumberRange {
    NumberRange(description: "a number of at least \(name(low)) and below \(name(high))") {
      $0 >= low && $0 < high
    }
  }

  private static func name(_ bound: Double) -> String {
    bound == 0 ? "zero" : OptionValue.number(bound).text
  }
}

extension OptionField {
  /// A number in a range.
  public static func number(
    _ name: String, _ path: any WritableKeyPath<Options, Double> & Sendable, _ range: NumberRange,
    _ summary: String
  ) -> OptionField {
    OptionField(name, path, range: range.description, summary, isValid: range.contains)
  }

  /// A number in a range, or null.
  public static func number(
    _ name: String, _ path: any WritableKeyPath<Options, Double?> & Sendable, _ range: NumberRange,
    _ summary: String
  ) -> OptionField {
    OptionField(name, path, range: range.description + ", or null", summary) { value in
      value.map(range.contains) ?? true
    }
  }

  /// Any integer.
  public static func integer(
    _ name: String, _ path: any WritableKeyPath<Options, Int> & Sendable, _ summary: String
  ) -> OptionField {
    OptionField(name, path, range: "an integer", summary)
  }

  /// Any integer, or null.
  public static func integer(
    _ name: String, _ path: any WritableKeyPath<Options, Int?> & Sendable, _ summary: String
  ) -> OptionField {
    OptionField(name, path, range: "an integer, or null", summary)
  }

  /// True or false.
  public static func flag(
    _ name: String, _ path: any WritableKeyPath<Options, Bool> & Sendable, _ summary: String
  ) -> OptionField {
    OptionField(name, path, range: "true or false", summary)
  }

  /// A list of numbers in a range; an empty list disables the option.
  public static func numbers(
    _ name: String, _ path: any WritableKeyPath<Options, [Double]> & Sendable, _ range: NumberRange,
    _ summary: String
  ) -> OptionField {
    OptionField(name, path, range: "a list, each \(range.description)", summary) { list in
      list.allSatisfy(range.contains)
    }
  }

  /// One of the values of an enumeration.
  public static func choice<Choice: OptionChoice>(
    _ name: String, _ path: any WritableKeyPath<Options, Choice> & Sendable, _ summary: String
  ) -> OptionField {
    let words = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    return OptionField(name, path, range: "one of \(words)", summary)
  }

  /// An epsilon that is added to a probability: a non-negative number, or the machine epsilon.
  public static func epsilon(
    _ name: String, _ path: any WritableKeyPath<Options, Epsilon> & Sendable, _ summary: String
  ) -> OptionField {
    OptionField(name, path, range: "a number of at least zero, or \"machine\"", summary) {
      guard case .value(let number) = $0 else { return true }
      return NumberRange.atLeast(0).contains(number)
    }
  }

  /// The name of a role.
  public static func role(
    _ name: String, _ path: any WritableKeyPath<Options, Role> & Sendable, _ summary: String
  ) -> OptionField {
    OptionField(name, path, range: "an input name other than weight and mask", summary) { role in
      !role.name.isEmpty && role != .weight && role != .mask
    }
  }
}
