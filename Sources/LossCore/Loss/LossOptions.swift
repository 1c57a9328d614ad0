/// The options of a loss: a struct whose properties are described once, in `fields`.
///
/// `fields` defines the JSON form, the checks, the output of `losses show` and the documentation:
///
///     public struct Options: LossOptions {
///       public var delta = 1.0
///       public init() {}
///       public static let fields: [OptionField<Self>] = [
///         .number("delta", \.delta, .above(0), "the residual where squared becomes absolute
///         error")
///       ]
///     }
public protocol LossOptions: Hashable, Sendable {
  /// The default options.
  init()
  /// The name, range and one-line summary of each option.
  static var fields: [OptionField<Self>] { get }
  /// The values of all options by name; derived from `fields` by default.
  var values: [String: OptionValue] { get }
  /// Checks every option against its range; derived from `fields` by default.
  ///
  /// Every evaluation calls it; as a requirement, it is specialised for the type.
  func validate() throws(LossError)
}

/// The options of a loss that has none.
public struct NoOptions: LossOptions {
  public init() {}
  public static var fields: [OptionField<NoOptions>] { [] }
}

extension LossOptions {
  /// The options from values by name; missing options have their defaults.
  ///
  /// - Throws: `LossError` of code `unknown_option` for an unknown name, with the nearest known
  ///   name as a hint, and `invalid_option` for a value of the wrong type or out of range.
  public init(_ values: [String: OptionValue]) throws(LossError) {
    self.init()
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let field = Self.fields.first(where: { $0.name == name }) else {
        throw LossError(
          .unknownOption, subject: name, found: "is not an option of this loss",
          expected: Self.fields.isEmpty
            ? "no options" : "one of " + Self.fields.map(\.name).joined(separator: ", "),
          hint: NearestName.hint(for: name, among: Self.fields.map(\.name)))
      }
      try field.write(value, &self)
    }
    try validate()
  }

  /// Checks every option against its range.
  ///
  /// - Throws: `LossError` of code `invalid_option` for the first value out of range.
  @inlinable
  public func validate() throws(LossError) {
    for field in Self.fields where field.isBounded { try field.check(self) }
  }

  /// The values of all options by name.
  public var values: [String: OptionValue] {
    var values: [String: OptionValue] = [:]
    for field in Self.fields { values[field.name] = field.read(self) }
    return values
  }
}
