import Foundation
import LossCore

/// A line of an adapter: its greeting, or a response.
enum AdapterMessage {
  case greeting(version: Int, implementation: String?)
  case response(id: Int, AdapterResponse)

  /// Reads a line; nil if it is neither greeting nor response.
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
      return .noResponse("its response does not follow the protocol")
    }
    switch (body.value, body.error, body.unsupported) {
    case (let value?, nil, nil):
      let gradients = (body.gradients ?? [:]).map { (Role($0.key), $0.value.numbers) }
      return .result(
        LossResult(
          value: value.numbers, gradients: Dictionary(gradients, uniquingKeysWith: { $1 })))
    case (nil, let error?, nil):
      let parts = [error.code, error.subject, error.message].compactMap { $0 }
      return .rejected(
        code: error.code, subject: error.subject,
        message: parts.isEmpty ? "without a message" : parts.joined(separator: ", "))
    case (nil, nil, let reason?): return .unsupported(reason)
    default:
      return .noResponse("its response must have exactly one of value, error and unsupported")
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
    var error: Rejection?
    var unsupported: String?
  }

  private struct Rejection: Decodable {
    var code: String?
    var subject: String?
    var message: String?
  }
}

extension FixtureTensor {
  /// The numbers as `f64`, whatever element type is given.
  fileprivate var numbers: AnyTensor { AnyTensor(Tensor(trusted: shape, doubles)) }
}
