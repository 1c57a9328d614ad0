/// The JSON description of a loss: a name, options, a reduction and a class axis.
///
///     {"loss": "huber", "options": {"delta": 0.5}, "reduction": "mean"}
///
/// Read and write it with `JSONDecoder` and `JSONEncoder`.
public struct LossConfiguration: Hashable, Sendable, Codable {
  /// The name of the loss, ours or that of another framework.
  public var loss: String
  /// The options, keyed by the option names of the framework that the name belongs to.
  public var options: [String: OptionValue]
  /// The reduction; nil for the default of the loss.
  public var reduction: Reduction?
  /// The class axis; nil for the last axis.
  public var classAxis: Int?

  /// A configuration from its parts.
  public init(
    _ loss: String, options: [String: OptionValue] = [:], reduction: Reduction? = nil,
    classAxis: Int? = nil
  ) {
    self.loss = loss
    self.options = options
    self.reduction = reduction
    self.classAxis = classAxis
  }

  /// Reads a configuration.
  ///
  /// - Throws: `LossError` for an unknown key and for a value of the wrong type.
  public init(from decoder: any Decoder) throws {
    try self.init(optionValue: OptionValue(from: decoder), as: "configuration")
  }

  /// Writes the name, and every other key that is set.
  public func encode(to encoder: any Encoder) throws {
    try optionValue.encode(to: encoder)
  }

  package init(optionValue: OptionValue, as subject: String) throws(LossError) {
    func refuse(_ subject: String, _ value: OptionValue, _ expected: String) -> LossError {
      LossError(.invalidOption, subject: subject, found: "is \(value.text)", expected: expected)
    }
    guard case .object(let object) = optionValue, case .text(let loss)? = object["loss"] else {
      throw refuse(subject, optionValue, "an object with a \"loss\"")
    }
    self.init(loss)
    for (key, value) in object.sorted(by: { $0.key < $1.key }) {
      switch (key, value) {
      case ("loss", _): break
      case ("options", .object(let options)): self.options = options
      case ("reduction", _):
        guard let reduction = Reduction?(optionValue: value) else {
          throw refuse(key, value, Reduction.expectation).named(loss)
        }
        self.reduction = reduction
      case ("class_axis", _):
        guard let classAxis = Int?(optionValue: value) else {
          throw refuse(key, value, "an integer").named(loss)
        }
        self.classAxis = classAxis
      default:
        throw LossError(
          .invalidOption, loss: loss, subject: key, found: "is \(value.text)",
          expected: "the keys loss, options (an object), reduction and class_axis")
      }
    }
  }

  package var optionValue: OptionValue {
    var object: [String: OptionValue] = ["loss": .text(loss)]
    if !options.isEmpty { object["options"] = .object(options) }
    if let reduction { object["reduction"] = reduction.optionValue }
    if let classAxis { object["class_axis"] = classAxis.optionValue }
    return .object(object)
  }
}

extension Reduction {
  /// The valid reductions, as a phrase after "expected".
  public static var expectation: String {
    "one of " + Kind.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
      + ", or an object with kind, axes, keeps_axes, when_empty, first"
  }
}
