public import LossCore

/// The response of an implementation to a case, with the names and the layout of the case.
public enum AdapterResponse: Sendable {
  /// The value and the requested gradients.
  case result(LossResult)
  /// The implementation rejected inputs or options. Code and subject are nil if it does not report
  /// them; they are then not compared.
  case rejected(code: String?, subject: String?, message: String)
  /// The implementation does not support the loss, an option or an input, with the reason.
  case unsupported(String)
  /// There is no response, with the reason.
  case noResponse(String)
}

extension AdapterResponse {
  /// The response for an error that a loss throws.
  init(_ error: LossError) {
    self = .rejected(
      code: error.code.rawValue, subject: error.subject, message: error.description)
  }

  /// The reason why there is no result; nil for a result.
  var failureDescription: String? {
    switch self {
    case .result: nil
    case .rejected(_, _, let message): "an error: \(message)"
    case .unsupported(let reason): "unsupported: \(reason)"
    case .noResponse(let reason): "no answer: \(reason)"
    }
  }
}
