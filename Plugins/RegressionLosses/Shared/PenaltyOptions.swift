public import LossCore

/// The options of the penalties on parameters.
public struct PenaltyOptions: LossOptions {
  /// The role of the input that is held small.
  public var of = Role.parameters
  /// The role `parameters`.
  public init() {}
  public static let fields: [OptionField<Self>] = [
    .role("of", \.of, "the role of the input that is held small")
  ]

  var signature: LossSignature { of == .parameters ? Self.ofParameters : Self.signature(of) }

  // Made once, since it is made of text.
  private static let ofParameters = signature(.parameters)

  private static func signature(_ role: Role) -> LossSignature {
    LossSignature(.real(role, "..."), terms: "...")
  }
}
