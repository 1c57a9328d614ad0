import Foundation
import LossCore

extension OptionValue {
  /// Parses the value of an option on the command line: JSON, a number in another notation such as `.5`,
  /// or else a word.
  init(argument text: String) {
    if let value = try? JSONDecoder().decode(OptionValue.self, from: Data(text.utf8)) {
      self = value
    } else if text.utf8.allSatisfy(".0123456789eE+-".utf8.contains), let number = Double(text),
      number.isFinite
    {
      self = .number(number)
    } else {
      // As Python spells them, too.
      self = ["None": .null, "True": true, "False": false][text] ?? .text(text)
    }
  }
}
