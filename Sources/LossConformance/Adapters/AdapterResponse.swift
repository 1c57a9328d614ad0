public import LossCore

/// What an implementation says to a case, in the layout and under the names of the case.
public enum AdapterResponse: Sendable {
  /// The value, and the gradients that were asked for.
  case result(LossResult)
  /// The inputs or the options are refused. Code and subject are nil where an implementation has
  /// no such words; the refusal then counts by itself.
  case rejection(code: String?, subject: String?, message: String)
  /// The implementation has no such loss, option or input; why.
  case unsupported(String)
  /// There is no answer; why.
  case failure(String)
}

extension AdapterResponse {
  /// What a loss throws.
  init(_ error: LossError) {
    self = .rejection(
      code: error.code.rawValue, subject: error.subject, message: error.description)
  }

  /// What went wrong where a result was wanted; nil for a result.
  var missingRequirement: String? {
    switch self {
    case .result: nil
    case .rejection(_, _, let message): "an error: \(message)"
    case .unsupported(let reason): "that it is unsupported: \(reason)"
    case .failure(let reason): "no answer: \(reason)"
    }
  }
}
