internal import LossCore

/// An object of the boundary's JSON, read key by key; keys that are not asked for are ignored.
struct PluginManifest {
  let object: [String: OptionValue]

  private init(object: [String: OptionValue]) { self.object = object }

  /// - Throws: `LossError` of code `invalid_value` for anything but an object.
  init(_ value: OptionValue) throws(LossError) {
    guard case .object(let object) = value else { throw Self.refusal("answer", value) }
    self.object = object
  }

  static func refusal(_ key: String, _ value: OptionValue?) -> LossError {
    LossError(
      .invalidValue, subject: "the library's \(key)",
      found: value.map { "is \($0.text.prefix(60))" } ?? "is missing",
      expected: "what CLossPlugin.h says of it")
  }

  /// The value of a key that has to be there; `null` stands for nil where nil is allowed.
  func value<Value: OptionConvertible>(_ key: String) throws(LossError) -> Value {
    guard let value = object[key], let converted = Value(optionValue: value) else {
      throw Self.refusal(key, object[key])
    }
    return converted
  }

  /// The value of a key that may be left out.
  func value<Value: OptionConvertible>(
    _ key: String, otherwise: Value
  ) throws(LossError) -> Value {
    object[key] == nil ? otherwise : try value(key)
  }

  /// The same with what another description says for the keys that this one leaves out.
  func filled(from other: PluginManifest, keys: [String]) -> PluginManifest {
    PluginManifest(
      object: object.merging(other.object.filter { keys.contains($0.key) }) { own, _ in own })
  }

  /// The objects of a list; none of one that is left out.
  func optionalObjects(_ key: String) throws(LossError) -> [PluginManifest] {
    object[key] == nil ? [] : try objects(key)
  }

  func objects(_ key: String) throws(LossError) -> [PluginManifest] {
    guard case .list(let list)? = object[key] else { throw Self.refusal(key, object[key]) }
    return try list.map { (value) throws(LossError) in try PluginManifest(value) }
  }

  func inner(_ key: String) throws(LossError) -> PluginManifest {
    guard let value = object[key] else { throw Self.refusal(key, nil) }
    return try PluginManifest(value)
  }

  /// What a loss claims; a claim of a later version is left out.
  func properties() throws(LossError) -> [LossProperty] {
    var properties: [LossProperty] = []
    for property in try optionalObjects("traits") {
      if let known = try LossProperty(property) { properties.append(known) }
    }
    return properties
  }

  /// Options by name, or what they are where the key is left out.
  func options(
    otherwise: [String: OptionValue]
  ) throws(LossError) -> [String: OptionValue] {
    guard let value = object["options"] else { return otherwise }
    guard case .object(let options) = value else { throw Self.refusal("options", value) }
    return options
  }
}

extension OptionDescription {
  init(_ description: PluginManifest) throws(LossError) {
    self.init(
      name: try description.value("name"),
      defaultValue: description.object["default"] ?? .null,
      range: try description.value("range", otherwise: ""),
      summary: try description.value("summary", otherwise: ""))
  }
}

extension LossSignature {
  init(_ description: PluginManifest) throws(LossError) {
    let terms: String = try description.value("terms")
    let covers = try description.value("mask_covers", otherwise: "terms")
    self.init(
      inputs: try description.objects("inputs").map { (input) throws(LossError) in
        try InputSpecification(input)
      },
      terms: AxisPattern(terms), classAxis: try description.value("class_axis", otherwise: nil),
      maskCovers: covers == "elements" ? .elements : .terms)
  }
}

extension InputSpecification {
  fileprivate init(_ description: PluginManifest) throws(LossError) {
    let role: Role = try description.value("role")
    let domain = try description.value("domain", otherwise: Domain.any.rawValue)
    let encodings = try description.objects("forms").map { (form) throws(LossError) in
      try InputSpecification.Encoding(form)
    }
    self.init(
      role, encodings, Domain(rawValue: domain) ?? .any,
      isDifferentiable: try description.value("differentiable", otherwise: false),
      isOptional: try description.value("optional", otherwise: false),
      listEnd: try description.value("list_end", otherwise: nil))
  }
}

extension InputSpecification.Encoding {
  fileprivate init(_ description: PluginManifest) throws(LossError) {
    let word: String = try description.value("kind")
    let axes: String = try description.value("axes")
    let kind: InputSpecification.Kind
    switch word {
    case "real": kind = .real
    case "group": kind = .group
    case "class_index": kind = .classIndex(of: try description.value("of"))
    case "label": kind = .label(of: try description.value("of"))
    case "length": kind = .length(of: try description.value("of"))
    default: throw PluginManifest.refusal("kind", .text(word))
    }
    self.init(kind: kind, axes: AxisPattern(axes))
  }
}

extension LossProperty {
  /// A claim; nil for one that this version does not know.
  fileprivate init?(_ description: PluginManifest) throws(LossError) {
    let word: String = try description.value("trait")
    switch word {
    case "convex": self = .convex
    case "symmetric": self = .symmetric
    case "zero_at_target": self = .zeroAtTarget
    case "twice_differentiable": self = .twiceDifferentiable
    case "holds_constant": self = .stopsGradient(through: try description.value("part"))
    case "couples_samples": self = .batchDependent
    case "couples_places": self = .positionDependent
    case "lipschitz": self = .lipschitz(try description.value("constant"))
    case "range":
      let low: Double = try description.value("low")
      let high: Double = try description.value("high")
      guard low <= high else { throw PluginManifest.refusal("range", .number(low)) }
      self = .range(low...high)
    default: return nil
    }
  }
}

extension DialectResolution {
  init(name: String, _ description: PluginManifest) throws(LossError) {
    self.init(name: name, options: try description.options(otherwise: [:]))
    reduction = try description.value("reduction", otherwise: nil)
    classAxis = try description.value("class_axis", otherwise: nil)
    keepsDimensions = try description.value("keeps_axes", otherwise: false)
    scale = try description.value("scale", otherwise: 1)
  }
}

extension LossError {
  /// An error as the library tells it; a code of a later version counts as `invalid_value`.
  init(_ description: PluginManifest) throws(LossError) {
    let code: String = try description.value("code")
    self.init(
      Code(rawValue: code) ?? .invalidValue, loss: try description.value("loss", otherwise: ""),
      subject: try description.value("subject", otherwise: ""),
      found: try description.value("found", otherwise: ""),
      expected: try description.value("expected", otherwise: ""),
      hint: try description.value("hint", otherwise: ""))
  }
}
