internal import LossCore

/// A JSON object of the C ABI, read key by key; unknown keys are ignored.
struct PluginManifest {
  let object: [String: OptionValue]

  private init(object: [String: OptionValue]) { self.object = object }

  /// - Throws: `LossError` of code `invalid_value` for anything but an object.
  init(_ value: OptionValue) throws(LossError) {
    guard case .object(let object) = value else { throw Self.error("reply", value) }
    self.object = object
  }

  static func error(_ key: String, _ value: OptionValue?) -> LossError {
    LossError(
      .invalidValue, subject: "the library's \(key)",
      found: value.map { "is \($0.text.prefix(60))" } ?? "is missing",
      expected: "a value as CLossPlugin.h describes it")
  }

  /// The value of a required key; `null` is nil for an optional type.
  func value<Value: OptionConvertible>(_ key: String) throws(LossError) -> Value {
    guard let value = object[key], let converted = Value(optionValue: value) else {
      throw Self.error(key, object[key])
    }
    return converted
  }

  /// The value of an optional key.
  func value<Value: OptionConvertible>(
    _ key: String, otherwise: Value
  ) throws(LossError) -> Value {
    object[key] == nil ? otherwise : try value(key)
  }

  /// This manifest with missing keys taken from another one.
  func filled(from other: PluginManifest, keys: [String]) -> PluginManifest {
    PluginManifest(
      object: object.merging(other.object.filter { keys.contains($0.key) }) { value, _ in value })
  }

  /// The objects of an optional list.
  func optionalObjects(_ key: String) throws(LossError) -> [PluginManifest] {
    object[key] == nil ? [] : try objects(key)
  }

  func objects(_ key: String) throws(LossError) -> [PluginManifest] {
    guard case .list(let list)? = object[key] else { throw Self.error(key, object[key]) }
    return try list.map { (value) throws(LossError) in try PluginManifest(value) }
  }

  func inner(_ key: String) throws(LossError) -> PluginManifest {
    guard let value = object[key] else { throw Self.error(key, nil) }
    return try PluginManifest(value)
  }

  /// The properties of a loss; those of a later version are ignored.
  func properties() throws(LossError) -> [LossProperty] {
    var properties: [LossProperty] = []
    for property in try optionalObjects("traits") {
      if let known = try LossProperty(property) { properties.append(known) }
    }
    return properties
  }

  /// The options by name, or a default if the key is missing.
  func options(
    _ key: String = "options", otherwise: [String: OptionValue]
  ) throws(LossError) -> [String: OptionValue] {
    guard let value = object[key] else { return otherwise }
    guard case .object(let options) = value else { throw Self.error(key, value) }
    return options
  }
}

extension OptionDescription {
  init(_ manifest: PluginManifest) throws(LossError) {
    self.init(
      name: try manifest.value("name"),
      defaultValue: manifest.object["default"] ?? .null,
      range: try manifest.value("range", otherwise: ""),
      summary: try manifest.value("summary", otherwise: ""))
  }
}

extension LossSignature {
  init(_ manifest: PluginManifest) throws(LossError) {
    let terms: String = try manifest.value("terms")
    let covers = try manifest.value("mask_covers", otherwise: "terms")
    self.init(
      inputs: try manifest.objects("inputs").map { (input) throws(LossError) in
        try InputSpecification(input)
      },
      terms: AxisPattern(terms), classAxis: try manifest.value("class_axis", otherwise: nil),
      maskCovers: covers == "elements" ? .elements : .terms)
  }
}

extension InputSpecification {
  fileprivate init(_ manifest: PluginManifest) throws(LossError) {
    let role: Role = try manifest.value("role")
    let domain = try manifest.value("domain", otherwise: Domain.any.rawValue)
    let encodings = try manifest.objects("forms").map { (encoding) throws(LossError) in
      try InputSpecification.Encoding(encoding)
    }
    self.init(
      role, encodings, Domain(rawValue: domain) ?? .any,
      isDifferentiable: try manifest.value("differentiable", otherwise: false),
      isOptional: try manifest.value("optional", otherwise: false),
      listEnd: try manifest.value("list_end", otherwise: nil))
  }
}

extension InputSpecification.Encoding {
  fileprivate init(_ manifest: PluginManifest) throws(LossError) {
    let word: String = try manifest.value("kind")
    let axes: String = try manifest.value("axes")
    let kind: InputSpecification.Kind
    switch word {
    case "real": kind = .real
    case "group": kind = .group
    case "class_index": kind = .classIndex(of: try manifest.value("of"))
    case "label": kind = .label(of: try manifest.value("of"))
    case "length": kind = .length(of: try manifest.value("of"))
    default: throw PluginManifest.error("kind", .text(word))
    }
    self.init(kind: kind, axes: AxisPattern(axes))
  }
}

extension LossProperty {
  /// A property; nil for one that this version does not know.
  fileprivate init?(_ manifest: PluginManifest) throws(LossError) {
    let word: String = try manifest.value("trait")
    switch word {
    case "convex": self = .convex
    case "symmetric": self = .symmetric
    case "zero_at_target": self = .zeroAtTarget
    case "twice_differentiable": self = .twiceDifferentiable
    case "holds_constant": self = .stopsGradient(through: try manifest.value("part"))
    case "couples_samples": self = .batchDependent
    case "couples_places": self = .positionDependent
    case "lipschitz": self = .lipschitz(try manifest.value("constant"))
    case "range":
      let low: Double = try manifest.value("low")
      let high: Double = try manifest.value("high")
      guard low <= high else { throw PluginManifest.error("range", .number(low)) }
      self = .range(low...high)
    default: return nil
    }
  }
}

extension DialectResolution {
  init(name: String, _ manifest: PluginManifest) throws(LossError) {
    self.init(name: name, options: try manifest.options(otherwise: [:]))
    reduction = try manifest.value("reduction", otherwise: nil)
    classAxis = try manifest.value("class_axis", otherwise: nil)
    keepsDimensions = try manifest.value("keeps_axes", otherwise: false)
    scale = try manifest.value("scale", otherwise: 1)
    inputs = try manifest.options("inputs", otherwise: [:])
    optionalArguments = try manifest.value("optional_arguments", otherwise: [])
    joinedAxes = try manifest.value("joined_axes", otherwise: nil)
    let ignored: [Double]? = try manifest.value("ignored", otherwise: nil)
    if let ignored, ignored.count == 2 {
      self.ignored = IgnoredTarget(ignored[0], isCounted: ignored[1] != 0)
    }
  }
}

extension LossError {
  /// An error of the library; a code of a later version becomes `invalid_value`.
  init(_ manifest: PluginManifest) throws(LossError) {
    let code: String = try manifest.value("code")
    self.init(
      Code(rawValue: code) ?? .invalidValue, loss: try manifest.value("loss", otherwise: ""),
      subject: try manifest.value("subject", otherwise: ""),
      found: try manifest.value("found", otherwise: ""),
      expected: try manifest.value("expected", otherwise: ""),
      hint: try manifest.value("hint", otherwise: ""))
  }
}
