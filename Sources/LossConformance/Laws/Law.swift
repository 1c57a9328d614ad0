import LossCore

/// A property that every loss has, checked without expected values.
///
/// A law looks at one trial at a time: a loss with its options and inputs drawn from its signature.
/// It knows no loss by name, so that a stranger's plug-in is held to the same as ours.
public struct Law: Sendable, CustomStringConvertible {
  /// A short name: `mask-is-removal`.
  public let name: String
  /// What it says, in one sentence.
  public let claim: String

  /// The kinds of inputs that it is tried with.
  let distributions: [InputDistribution]
  /// The extents of the inputs that it is tried with.
  let settings: [ShapePreset]
  /// Whether it is tried with every variant of the options, or with the defaults only.
  let triesVariants: Bool
  /// Whether one trial of a loss is enough, since it costs much.
  let triesOnce: Bool
  /// Judges one trial. What it throws is a violation too.
  let judge: @Sendable (PropertyTrial) throws(LossError) -> LawVerdict

  /// A law from its judge.
  init(
    _ name: String, _ claim: String,
    distributions: [InputDistribution] = [.ordinary, .ties, .zeros],
    settings: [ShapePreset] = [.batch, .plane, .single], triesVariants: Bool = true,
    triesOnce: Bool = false,
    judge: @escaping @Sendable (PropertyTrial) throws(LossError) -> LawVerdict
  ) {
    self.name = name
    self.claim = claim
    self.distributions = distributions
    self.settings = settings
    self.triesVariants = triesVariants
    self.triesOnce = triesOnce
    self.judge = judge
  }

  /// The name and the claim.
  public var description: String { "\(name): \(claim)" }

  /// Every law.
  public static let all: [Law] = [
    gradientIsDerivative, secondDerivativeIsDerivative, upstreamIsLinear, reductionsAgree,
    permutationPermutes,
    batchIsIndividuals, maskIsRemoval, weightIsRepetition, classAxisMoves, sparseIsOneHot,
    floatIsDouble, threadsGiveSameBits, neverNaN, emptyIsStated, wrongInputsAreRefused,
    jsonRoundTrip, optionsMatter, valueInRange, convexity, symmetry, zeroAtTarget, lipschitz,
    twiceDifferentiable,
  ]

  /// The law with this name; nil if there is none.
  public static func named(_ name: String) -> Law? { all.first { $0.name == name } }
}

/// What a law says of one trial.
enum LawVerdict: Sendable {
  /// The law holds.
  case holds
  /// The law holds, and the furthest number was off by this much, relative to what it should be.
  case near(Double)
  /// It does not, and how that shows.
  case failed(String)
  /// The law has nothing to ask of this loss or of these inputs.
  case notApplicable

  /// Broken if there is a complaint.
  init(_ failureMessage: String?) { self = failureMessage.map(LawVerdict.failed) ?? .holds }
}
