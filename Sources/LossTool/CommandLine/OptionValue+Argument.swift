import Foundation
import LossCore

extension OptionValue {
  /// The value that a text of the command line stands for: JSON, a number such as `.5` that JSON
  /// would write in another way, or else a word.
  init(argument text: String) {
    if let value = try? JSONDecoder().decode(OptionValue.self, from: Data(text.utf8)) {
      self = value
    } else if text.utf8.allSatisfy(".0123456789eE+-".utf8.contains), let number = Double(text),
      number.isFinite
    {
      self = .number(number)
    } else {
      self = .text(text)
    }
  }
}
