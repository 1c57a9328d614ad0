public import LossCore

/// The options of the penalties on parameters.
public struct PenaltyOptions: LossOptions {
  /// The role of the input that is held small.
  public var of = Role.parameters
  /// The role `parameters`.
  public init() {}
  /// This role.
  public init(of role: Role) { of = role }
  /// The options, described.
  public static let fields: [OptionField<Self>] = [
    .role("of", \.of, "the role of the input that is held small")
  ]

  var signature: LossSignature { LossSignature(.real(of, "..."), terms: "...") }
}
