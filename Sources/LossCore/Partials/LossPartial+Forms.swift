package import LossNumerics

extension LossPartial {
  /// The JSON form. Sums are whole numbers times a power of two, in hexadecimal.
  package var optionValue: OptionValue {
    [
      "partial": loss.configuration.optionValue, "reduction": reduction.optionValue,
      "element": .text(element.rawValue), "version": .text(version),
      "sources": sources.optionValue, "sums": sums.optionValue,
    ]
  }

  /// Reads the JSON form, with a registry for the loss.
  ///
  /// - Throws: `LossError` of code `invalid_value` for another form, and as the registry does.
  package init(optionValue: OptionValue, in registry: LossRegistry) throws(LossError) {
    try self.init(optionValue: optionValue) { (configuration) throws(LossError) in
      try registry.loss(configuration)
    }
  }

  private init(
    optionValue: OptionValue,
    _ makeLoss: (LossConfiguration) throws(LossError) -> ConfiguredLoss
  ) throws(LossError) {
    guard case .object(let object) = optionValue, object.count == 6,
      let configuration = object["partial"],
      let reduction = object["reduction"].flatMap(Reduction.init(optionValue:)),
      case .text(let element)? = object["element"],
      let elementType = ElementType(rawValue: element),
      case .text(let version)? = object["version"],
      let sources = object["sources"].flatMap([PartialSource].init(optionValue:)),
      let sums = object["sums"].flatMap(PartialSums.init(optionValue:))
    else {
      throw LossError(
        .invalidValue, subject: "partial", found: "has another form",
        expected: "an object with partial, reduction, element, version, sources and sums")
    }
    let loss = try makeLoss(LossConfiguration(optionValue: configuration, as: "partial"))
    self.init(loss, reduction, elementType, version: version, sources, sums)
  }

  /// The binary form: `LOSSPART`, the JSON form in CBOR, and the XXH64 hash of both.
  public var bytes: [UInt8] {
    var bytes = Self.magic + optionValue.cbor
    let hash = XXHash64.hash(bytes)
    for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: hash >> UInt64(8 * index))) }
    return bytes
  }

  /// Reads the binary form, with a registry for the loss.
  ///
  /// - Throws: `LossError` of code `invalid_value` for bytes that were truncated or altered.
  public init(
    bytes: some Collection<UInt8>, in registry: LossRegistry = .linked
  ) throws(LossError) {
    try self.init(optionValue: Self.optionValue(bytes), in: registry)
  }

  /// Reads the binary form of a partial result like another one, whose loss need not be in a registry.
  init(bytes: some Collection<UInt8>, like other: LossPartial) throws(LossError) {
    try self.init(optionValue: Self.optionValue(bytes)) { (configuration) throws(LossError) in
      configuration == other.loss.configuration
        ? other.loss : try LossRegistry.linked.loss(configuration)
    }
  }

  private static func optionValue(
    _ bytes: some Collection<UInt8>
  ) throws(LossError) -> OptionValue {
    func refuse(_ found: String) -> LossError {
      LossError(
        .invalidValue, subject: "partial", found: found,
        expected: "the bytes of one, as they were written")
    }
    let all = Array(bytes)
    guard all.starts(with: magic) else { throw refuse("is no partial result") }
    guard all.count > magic.count + 8,
      XXHash64.hash(all.dropLast(8))
        == all.suffix(8).reversed().reduce(0, { $0 << 8 | UInt64($1) }),
      let value = OptionValue(cbor: all[magic.count..<all.count - 8])
    else { throw refuse("was truncated or altered") }
    return value
  }

  private static let magic = Array("LOSSPART".utf8)
}

extension LossPartial: Codable {
  /// Reads the JSON form; the loss must be in `LossRegistry.linked`.
  public init(from decoder: any Decoder) throws {
    try self.init(optionValue: OptionValue(from: decoder), in: .linked)
  }

  /// Writes the JSON form.
  public func encode(to encoder: any Encoder) throws { try optionValue.encode(to: encoder) }
}

extension PartialSums: OptionConvertible {
  package init?(optionValue: OptionValue) {
    guard case .object(let object) = optionValue else { return nil }
    self.init()
    for (key, value) in object {
      switch key {
      case "sum":
        guard let sum = ExactAccumulator(optionValue: value) else { return nil }
        self.sum = sum
      case "divisor":
        guard let divisor = ExactAccumulator(optionValue: value) else { return nil }
        self.divisor = divisor
      case "terms":
        guard let count = Int(optionValue: value), count >= 0 else { return nil }
        termCount = count
      case "classes":
        // The formula of the sums is evaluated for as many classes.
        guard let count = value.integer, count >= 0, count <= 1 << 24 else { return nil }
        classCount = count
      case "regions":
        guard let regions = [Region](optionValue: value) else { return nil }
        self.regions = regions
      case "parts":
        guard let parts = [PartialSums](optionValue: value) else { return nil }
        self.parts = parts
      default: return nil
      }
    }
  }

  /// Everything that is not empty.
  package var optionValue: OptionValue {
    var object: [String: OptionValue] = [:]
    if termCount > 0 || sum != ExactAccumulator() { object["sum"] = .text(sum.description) }
    if divisor != ExactAccumulator() { object["divisor"] = .text(divisor.description) }
    if termCount > 0 { object["terms"] = termCount.optionValue }
    if let classCount { object["classes"] = classCount.optionValue }
    if !regions.isEmpty { object["regions"] = regions.optionValue }
    if !parts.isEmpty { object["parts"] = parts.optionValue }
    return .object(object)
  }
}

extension PartialSums.Region: OptionConvertible {
  package init?(optionValue: OptionValue) {
    guard case .object(let object) = optionValue, object.count == 3,
      let sums = object["sums"].flatMap([ExactAccumulator].init(optionValue:)),
      let scaled = object["scaled"].flatMap([ExactAccumulator].init(optionValue:)),
      let count = object["count"].flatMap(Int.init(optionValue:)), count >= 0
    else { return nil }
    self.init(sums: sums, scaledSums: scaled, count: count)
  }

  package var optionValue: OptionValue {
    [
      "sums": sums.optionValue, "scaled": scaledSums.optionValue, "count": count.optionValue,
    ]
  }
}

extension ExactAccumulator: OptionConvertible {
  /// Reads the text of a sum.
  public init?(optionValue: OptionValue) {
    guard case .text(let text) = optionValue else { return nil }
    self.init(text)
  }

  /// The text of the sum.
  public var optionValue: OptionValue { .text(description) }
}
