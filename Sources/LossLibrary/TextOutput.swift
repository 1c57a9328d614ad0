internal import CLosses
internal import LossCore
internal import LossPluginABI

extension losses_text_v1 {
  /// Writes as much of a text as fits, as losses.h says.
  mutating func write(_ text: String) {
    var text = text
    let available = bytes == nil ? 0 : max(0, Int(clamping: capacity) - 1)
    count = text.withUTF8 { utf8 in
      guard let bytes, capacity > 0 else { return Int64(utf8.count) }
      var length = min(available, utf8.count)
      // A byte of the form 10xxxxxx continues a character.
      while length > 0, length < utf8.count, utf8[length] & 0xc0 == 0x80 { length -= 1 }
      for index in 0..<length { bytes[index] = CChar(bitPattern: utf8[index]) }
      bytes[length] = 0
      return Int64(utf8.count)
    }
  }
}

extension LossError.Code {
  /// The code in losses.h.
  var number: Int32 {
    switch self {
    case .unknownLoss: LOSSES_UNKNOWN_LOSS
    case .unknownOption: LOSSES_UNKNOWN_OPTION
    case .invalidOption: LOSSES_INVALID_OPTION
    case .missingInput: LOSSES_MISSING_INPUT
    case .unknownInput: LOSSES_UNKNOWN_INPUT
    case .shapeMismatch: LOSSES_SHAPE_MISMATCH
    case .invalidRank: LOSSES_INVALID_RANK
    case .invalidClass: LOSSES_INVALID_CLASS
    case .invalidValue: LOSSES_INVALID_VALUE
    case .invalidType: LOSSES_INVALID_TYPE
    case .emptyInput: LOSSES_EMPTY_INPUT
    case .unreadableFile: LOSSES_UNREADABLE_FILE
    }
  }
}

/// Runs the body of a function of losses.h and returns its code.
func perform(
  _ error: UnsafeMutablePointer<losses_error_v1>?, _ body: () throws(LossError) -> Void
) -> Int32 {
  do throws(LossError) {
    try body()
    return LOSSES_DONE
  } catch let reason {
    error?.pointee.code = reason.code.number
    error?.pointee.message.write(reason.description)
    error?.pointee.details.write(reason.manifest.json)
    return reason.code.number
  }
}

/// A text argument.
func required(
  _ text: UnsafePointer<CChar>?, _ subject: String
) throws(LossError) -> String {
  guard let text else { throw .argument(subject, "is null") }
  return String(cString: text)
}

extension Reduction {
  /// A reduction from a word or from JSON.
  init(text: String) throws(LossError) {
    let isJSON = text.first.map { "{\" \n".contains($0) } ?? false
    let value = try isJSON ? OptionValue(json: text.utf8) : .text(text)
    guard let reduction = Reduction(optionValue: value) else {
      throw LossError(
        .invalidOption, subject: "reduction", found: "is \(value.text)",
        expected: Reduction.expectation)
    }
    self = reduction
  }
}
