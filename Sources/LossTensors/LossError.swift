/// The only error type of the library.
///
/// An error names the loss, the offending input or option, the value that was found and the value
/// that was expected. Programs match `code`; people read `description`:
///
///     huber: target has shape [3, 1]; expected [3], the shape of prediction.
public struct LossError: Error, Hashable, Sendable {
  /// The reason of an error; the list is closed, so that programs can match it.
  public enum Code: String, Hashable, Sendable, CaseIterable {
    /// The registry has no loss of this name.
    case unknownLoss = "unknown_loss"
    /// The loss has no option of this name.
    case unknownOption = "unknown_option"
    /// An option has the wrong type or is out of range.
    case invalidOption = "invalid_option"
    /// A required input is missing.
    case missingInput = "missing_input"
    /// The loss has no input of this role.
    case unknownInput = "unknown_input"
    /// The shape of an input does not match the shape of another.
    case shapeMismatch = "shape_mismatch"
    /// An input has too few or too many axes.
    case invalidRank = "invalid_rank"
    /// A class index is out of range.
    case invalidClass = "invalid_class"
    /// A number is outside the domain of its input.
    case invalidValue = "invalid_value"
    /// An input has an element type that its role does not accept.
    case invalidType = "invalid_type"
    /// A mean has no terms.
    case emptyInput = "empty_input"
    /// A file could not be read, or its contents do not match its format.
    case unreadableFile = "unreadable_file"
  }

  /// The reason.
  public var code: Code
  /// The name of the loss, or of the part of the tool that failed; may be empty.
  public var loss: String
  /// The role, option, name or file that caused the error.
  public var subject: String
  /// The value that was found, as a phrase after the subject: `has shape [3, 1]`.
  public var found: String
  /// The value that was expected, as a phrase after "expected"; may be empty.
  public var expected: String
  /// A sentence that helps to fix the error; may be empty.
  public var hint: String

  /// An error from its parts.
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

  /// The error with this loss name, unless it already has one.
  public func named(_ name: String) -> LossError {
    guard loss.isEmpty else { return self }
    var error = self
    error.loss = name
    return error
  }
}

extension LossError: CustomStringConvertible {
  /// One line: `loss: subject found; expected value. Hint.`
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

  /// A name shortened and escaped for one line, since callers can pass any string.
  private static func printable(_ name: String) -> String {
    let limit = 80
    let prefix = name.unicodeScalars.prefix(limit).map { scalar in
      scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : "\(scalar)"
    }
    return prefix.joined() + (name.unicodeScalars.count > limit ? "…" : "")
  }
}

extension LossError {
  /// The beginning of a text on one line, so that every message is one line.
  package static func excerpt(_ text: some StringProtocol, limit: Int = 40) -> String {
    let words = text.prefix(10 * limit).split(whereSeparator: \.isWhitespace)
    let line = words.joined(separator: " ")
    return line.count > limit ? line.prefix(limit - 1) + "…" : line
  }

  /// The beginning of a text in quotes, with unprintable characters escaped.
  package static func quotation(_ bytes: some Collection<UInt8>) -> String {
    excerpt(String(decoding: bytes.prefix(200), as: UTF8.self)).debugDescription
  }
}
