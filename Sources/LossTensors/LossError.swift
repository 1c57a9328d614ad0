/// What went wrong: the one error type of the library.
///
/// Every error names the loss, the offending input or option, what was found there and what was
/// expected instead, so that it can be matched by a program and read by a person:
///
///     huber: target has shape [3, 1]; expected [3], the shape of prediction.
public struct LossError: Error, Hashable, Sendable {
  /// The closed list of reasons, by which a program can match.
  public enum Code: String, Hashable, Sendable, CaseIterable {
    /// No loss of the registry has the name that was asked for.
    case unknownLoss = "unknown_loss"
    /// The loss has no option of that name.
    case unknownOption = "unknown_option"
    /// An option has the wrong type or lies outside its range.
    case invalidOption = "invalid_option"
    /// A role that the loss needs was not given.
    case missingInput = "missing_input"
    /// A role was given that the loss does not have.
    case unknownInput = "unknown_input"
    /// The shape of an input does not fit the shape of another.
    case shapeMismatch = "shape_mismatch"
    /// An input has too few or too many axes.
    case invalidRank = "invalid_rank"
    /// A class index lies outside the classes.
    case invalidClass = "invalid_class"
    /// A number lies outside the values that its role can take.
    case invalidValue = "invalid_value"
    /// The elements of an input are of a kind that its role cannot take.
    case invalidType = "invalid_type"
    /// Nothing is left to take a mean of.
    case emptyInput = "empty_input"
    /// A file could not be read, or is not what it says it is.
    case unreadableFile = "unreadable_file"
  }

  /// The reason.
  public var code: Code
  /// The name of the loss, or of the tool's part that failed; empty when there is none.
  public var loss: String
  /// The role, option, name or file that is at fault.
  public var subject: String
  /// What was found, as a phrase that follows the subject: `has shape [3, 1]`.
  public var found: String
  /// What was expected instead, as a phrase that follows "expected"; empty when nothing helps.
  public var expected: String
  /// One more sentence that helps, or an empty string.
  public var hint: String

  /// Makes an error from its parts.
  public init(
    _ code: Code, loss: String = "", subject: String, found: String, expected: String = "",
    hint: String = ""
  ) {
    self.code = code
    self.loss = loss
    self.subject = subject
    self.found = found
    self.expected = expected
    self.hint = hint
  }

  /// The same error, said of a loss; an error that already names one keeps it.
  public func named(_ name: String) -> LossError {
    guard loss.isEmpty else { return self }
    var error = self
    error.loss = name
    return error
  }
}

extension LossError: CustomStringConvertible {
  /// One line: `loss: subject found; expected this. Hint.`
  public var description: String {
    let loss = Self.printable(self.loss)
    let subject = Self.printable(self.subject)
    var line = ""
    if !loss.isEmpty, code != .unknownLoss || loss != subject { line += "\(loss): " }
    switch code {
    case .unknownLoss: line += "\(subject.isEmpty ? "\"\"" : subject): \(found)"
    case .unknownOption, .invalidOption: line += "option \"\(subject)\" \(found)"
    default: line += subject.isEmpty ? found : "\(subject) \(found)"
    }
    if !expected.isEmpty { line += "; expected \(expected)" }
    line += "."
    if !hint.isEmpty { line += " \(hint)" }
    return line
  }

  /// A name as it can be printed in a line: a caller may have given any text for it.
  private static func printable(_ name: String) -> String {
    let limit = 80
    let start = name.unicodeScalars.prefix(limit).map { scalar in
      scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : "\(scalar)"
    }
    return start.joined() + (name.unicodeScalars.count > limit ? "…" : "")
  }
}
