/// The options of a loss: a plain struct whose properties are described once, in `fields`.
///
/// From `fields` come the JSON form, the checks, `losses show` and the documentation:
///
///     public struct Options: LossOptions {
///       public var delta = 1.0
///       public init() {}
///       public static let fields: [OptionField<Self>] = [
///         .number("delta", \.delta, .above(0), "where the loss turns from squared to absolute")
///       ]
///     }
public protocol LossOptions: Hashable, Sendable {
  /// The options with all their defaults.
  init()
  /// Each option with its name, its range and its line of documentation.
  static var fields: [OptionField<Self>] { get }
  /// Every option with its value, by name; by default that of each field.
  var values: [String: OptionValue] { get }
  /// Checks every option against its range; by default as its field says.
  ///
  /// A requirement, so that it is compiled for these options: every evaluation asks.
  func validate() throws(LossError)
}

/// The options of a loss that has none.
public struct NoOptions: LossOptions {
  /// The only value.
  public init() {}
  /// No options.
  public static var fields: [OptionField<NoOptions>] { [] }
}

extension LossOptions {
  /// The options from values by name; what is not named keeps its default.
  ///
  /// - Throws: `LossError` of code `unknown_option` for a name that is none of the fields, with the
  ///   nearest one as a hint, and `invalid_option` for a value of the wrong type or out of range.
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
  /// - Throws: `LossError` of code `invalid_option` for the first that lies outside.
  @inlinable
  public func validate() throws(LossError) {
    for field in Self.fields where field.isBounded { try field.check(self) }
  }

  /// Every option with its value, by name.
  public var values: [String: OptionValue] {
    var values: [String: OptionValue] = [:]
    for field in Self.fields { values[field.name] = field.read(self) }
    return values
  }
}
