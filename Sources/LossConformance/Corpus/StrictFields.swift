/// The fields of a JSON object; an unknown key is an error, so that no typo falls back to a default.
struct StrictFields {
  private let container: KeyedDecodingContainer<Key>

  init(_ decoder: any Decoder, required: [String], optional: [String]) throws {
    container = try decoder.container(keyedBy: Key.self)
    let known = required + optional
    for key in container.allKeys where !known.contains(key.stringValue) {
      throw error(
        key.stringValue, "is an unknown key; expected one of \(known.joined(separator: ", "))")
    }
    for name in required where !container.contains(Key(name)) {
      throw error(name, "is missing")
    }
  }

  /// The number of keys that the object has.
  var count: Int { container.allKeys.count }

  func value<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
    try container.decode(type, forKey: Key(name))
  }

  func optional<Value: Decodable>(
    _ name: String, as type: Value.Type = Value.self
  ) throws -> Value? {
    try container.decodeIfPresent(type, forKey: Key(name))
  }

  func error(_ name: String, _ reason: String) -> DecodingError {
    DecodingError.dataCorrupted(
      DecodingError.Context(codingPath: container.codingPath, debugDescription: "\(name) \(reason)")
    )
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
