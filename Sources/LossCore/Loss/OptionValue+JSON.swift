extension OptionValue {
  /// The value of a JSON text.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - name: the name of the text in errors.
  ///   - code: the code of errors.
  /// - Throws: `LossError` for invalid JSON and for a repeated key.
  package init(
    json bytes: some Sequence<UInt8>, name: String = "JSON", code: LossError.Code = .invalidValue
  ) throws(LossError) {
    var scanner = JSONScanner(Array(bytes), name: name, code: code)
    self = try scanner.value(depth: 0)
    try scanner.expectEnd()
  }
}

extension JSONScanner {
  /// The maximum nesting depth, so that no text can overflow the stack.
  private static let maximumDepth = 64

  fileprivate mutating func value(depth: Int) throws(LossError) -> OptionValue {
    guard depth < Self.maximumDepth else {
      throw unexpected("at most \(Self.maximumDepth) nested lists")
    }
    switch next {
    case "{":
      var object: [String: OptionValue] = [:]
      var keys: Set<[UInt8]> = []
      while let key = try key(after: &keys) {
        // A dictionary has one of the strings that are equal with different bytes.
        guard object.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
          throw repeated(key)
        }
      }
      return .object(object)
    case "[":
      var list: [OptionValue] = []
      try expect("[")
      while list.isEmpty ? !take("]") : try takeComma(orEnd: "]") {
        list.append(try value(depth: depth + 1))
      }
      return .list(list)
    case "\"": return .text(try string())
    default:
      let start = self
      switch word() {
      case "null": return .null
      case "true": return .flag(true)
      case "false": return .flag(false)
      case let word:
        guard Self.isNumber(word), let number = Double(word), number.isFinite else {
          throw start.unexpected("a value")
        }
        return .number(number)
      }
    }
  }
}
