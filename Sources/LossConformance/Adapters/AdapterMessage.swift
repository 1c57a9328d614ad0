import Foundation
import LossCore

/// A line of an adapter that is no chatter: its greeting, or an answer.
enum AdapterMessage {
  case greeting(version: Int, implementation: String?)
  case response(id: Int, AdapterResponse)

  /// Reads a line; nil if it is neither of the two.
  init?(_ line: some Collection<UInt8>) {
    guard line.first == UInt8(ascii: "{") else { return nil }
    let data = Data(line)
    guard let head = try? JSONDecoder().decode(Head.self, from: data) else { return nil }
    if let id = head.id {
      self = .response(id: id, Self.response(data))
    } else if let version = head.version {
      self = .greeting(version: version, implementation: head.implementation)
    } else {
      return nil
    }
  }

  private static func response(_ data: Data) -> AdapterResponse {
    guard let body = try? JSONDecoder().decode(Body.self, from: data) else {
      return .failure("its answer is not as the protocol has it")
    }
    switch (body.value, body.error, body.unsupported) {
    case (let value?, nil, nil):
      let gradients = (body.gradients ?? [:]).map { (Role($0.key), $0.value.numbers) }
      return .result(
        LossResult(
          value: value.numbers, gradients: Dictionary(gradients, uniquingKeysWith: { $1 })))
    case (nil, let error?, nil):
      let words = [error.code, error.subject, error.message].compactMap { $0 }
      return .rejection(
        code: error.code, subject: error.subject,
        message: words.isEmpty ? "without a word" : words.joined(separator: ", "))
    case (nil, nil, let reason?): return .unsupported(reason)
    default: return .failure("its answer holds not one of value, error and unsupported")
    }
  }

  private struct Head: Decodable {
    var version: Int?
    var implementation: String?
    var id: Int?

    enum CodingKeys: String, CodingKey {
      case version = "protocol"
      case implementation, id
    }
  }

  private struct Body: Decodable {
    var value: FixtureTensor?
    var gradients: [String: FixtureTensor]?
    var error: Refusal?
    var unsupported: String?
  }

  private struct Refusal: Decodable {
    var code: String?
    var subject: String?
    var message: String?
  }
}

extension FixtureTensor {
  /// The numbers as they are written, whatever element is said beside them.
  fileprivate var numbers: AnyTensor { AnyTensor(Tensor(trusted: shape, doubles)) }
}
