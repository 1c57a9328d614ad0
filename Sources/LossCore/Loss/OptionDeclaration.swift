/// How an option is declared in Swift: the parameter of the initialiser of its loss.
public struct OptionDeclaration: Hashable, Sendable {
  /// The name of the parameter: `rootEpsilon`.
  public let label: String
  /// The property within the options: `rootEpsilon`, or `overlap.smooth` for one of a part.
  public let property: String
  /// The type as it is written in the module of the loss: `Double`, `[Double]`, `RegionScope`.
  public let type: String
  /// The modules that declare the type, beside the standard library.
  public let typeModules: [String]
  /// The modules that declare the property.
  public let propertyModules: [String]
  /// The default value as an expression; nil for a value that has no literal.
  public let defaultValue: String?
  /// What the option does, in one line.
  public let summary: String

  init<Root, Value>(
    _ path: any WritableKeyPath<Root, Value> & Sendable, _ name: String, _ value: Value,
    _ summary: String
  ) {
    let label = Self.camelCase(name)
    self.init(
      label: label, property: Self.property(path) ?? label,
      type: Self.name(of: Value.self),
      typeModules: Self.modules(of: Value.self), propertyModules: Self.modules(of: Root.self),
      defaultValue: Self.literal(value), summary: summary)
  }

  private init(
    label: String, property: String, type: String, typeModules: [String],
    propertyModules: [String], defaultValue: String?, summary: String
  ) {
    self.label = label
    self.property = property
    self.type = type
    self.typeModules = typeModules
    self.propertyModules = propertyModules
    self.defaultValue = defaultValue
    self.summary = summary
  }

  /// The same option of a part, within the options of what it is a part of.
  func inside<Root, Part>(_ path: any WritableKeyPath<Root, Part> & Sendable) -> OptionDeclaration {
    OptionDeclaration(
      label: label, property: (Self.property(path).map { "\($0)." } ?? "") + property, type: type,
      typeModules: typeModules, propertyModules: propertyModules, defaultValue: defaultValue,
      summary: summary)
  }

  /// The property that a key path is written as: `\Options.overlap.smooth` gives `overlap.smooth`;
  /// nil for a requirement of a protocol, which a key path does not name.
  private static func property(_ path: some Any) -> String? {
    let written = String(String(describing: path).drop { $0 != "." }.dropFirst())
    return written.contains("<") ? nil : written
  }

  /// `root_epsilon` gives `rootEpsilon`.
  public static func camelCase(_ name: String) -> String {
    let parts = name.split(separator: "_")
    return parts.dropFirst().reduce(String(parts.first ?? "")) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
  }

  /// A type as it is written where the modules of the library are imported.
  package static func name(of type: Any.Type) -> String {
    if let type = type as? any WrittenType.Type { return type.written }
    let parts = String(reflecting: type).split(separator: ".")
    return parts.dropFirst(parts.count > 1 ? 1 : 0).joined(separator: ".")
  }

  private static func modules(of type: Any.Type) -> [String] {
    String(reflecting: type).split { "<>, ".contains($0) }
      .compactMap { $0.contains(".") ? $0.split(separator: ".").first.map(String.init) : nil }
      .filter { $0 != "Swift" }
  }

  private static func literal(_ value: Any) -> String? {
    switch value {
    case let value as any LiteralOption: value.literal
    case let value as any OptionChoice: ".\(value)"
    case let selection as ClassSelection where selection == .all: ".all"
    default: nil
    }
  }
}

/// A type that is written with brackets or a question mark.
private protocol WrittenType {
  static var written: String { get }
}
extension Optional: WrittenType {
  static var written: String { "\(OptionDeclaration.name(of: Wrapped.self))?" }
}
extension Array: WrittenType {
  static var written: String { "[\(OptionDeclaration.name(of: Element.self))]" }
}

/// A value of an option that can be written as an expression.
private protocol LiteralOption {
  var literal: String? { get }
}
extension Double: LiteralOption {
  var literal: String? { "\(self)" }
}
extension Int: LiteralOption {
  var literal: String? { "\(self)" }
}
extension Bool: LiteralOption {
  var literal: String? { "\(self)" }
}
extension Role: LiteralOption {
  var literal: String? { "\"\(name)\"" }
}
extension Epsilon: LiteralOption {
  var literal: String? {
    switch self {
    case .value(let number): "\(number)"
    case .machine: ".machine"
    }
  }
}
extension Optional: LiteralOption {
  var literal: String? { self == nil ? "nil" : (self as? any LiteralOption)?.literal }
}
extension Array: LiteralOption {
  var literal: String? {
    let items = compactMap { ($0 as? any LiteralOption)?.literal }
    return items.count == count ? "[\(items.joined(separator: ", "))]" : nil
  }
}
