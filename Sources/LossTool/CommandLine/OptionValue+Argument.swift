import LossCore

extension OptionValue {
  /// Parses the value of an option on the command line: JSON, a number in another notation such as `.5`,
  /// or else a word.
  ///
  /// - Throws: `LossError` of code `invalid_option` for invalid JSON with a brace, which no word has.
  init(argument text: String, option: String, loss: String = "") throws(LossError) {
    do throws(LossError) {
      self = try OptionValue(json: text.utf8, name: option, code: .invalidOption)
    } catch {
      guard !text.contains("{") else { throw error.named(loss) }
      if text.utf8.allSatisfy(".0123456789eE+-".utf8.contains), let number = Double(text),
        number.isFinite
      {
        self = .number(number)
      } else {
        // As Python spells them, too.
        self = ["None": .null, "True": true, "False": false][text] ?? .text(text)
      }
    }
  }

  /// The options of a loss by name.
  static func options(
    _ pairs: [(key: String, value: String)], loss: String
  ) throws(LossError) -> [String: OptionValue] {
    var options: [String: OptionValue] = [:]
    for (key, text) in pairs {
      options[key] = try OptionValue(argument: text, option: key, loss: loss)
    }
    return options
  }
}
