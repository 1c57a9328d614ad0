public import LossCore

/// The options of the penalties on parameters.
public struct PenaltyOptions: LossOptions {
  /// Role of the penalised input.
  public var of = Role.parameters
  /// A penalty on the role `parameters`.
  public init() {}
  public static let fields: [OptionField<Self>] = [
    .role("of", \.of, "role of the penalised input")
  ]

  var signature: LossSignature { of == .parameters ? Self.ofParameters : Self.signature(of) }

  // Stored, since building a signature parses text.
  private static let ofParameters = signature(.parameters)

  private static func signature(_ role: Role) -> LossSignature {
    LossSignature(.real(role, "..."), terms: "...")
  }
}
