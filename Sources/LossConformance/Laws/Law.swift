import LossCore

/// A property of every loss, checked on random inputs without expected values.
///
/// A law checks one trial at a time: a loss with options, and inputs drawn from its signature. Laws
/// depend on no particular loss, so that they apply to the losses of any plug-in.
public struct Law: Sendable, CustomStringConvertible {
  /// A short name: `mask-is-removal`.
  public let name: String
  /// The statement of the law in one sentence.
  public let statement: String

  /// The distributions of the inputs.
  let distributions: [InputDistribution]
  /// The shape presets of the inputs.
  let shapes: [ShapePreset]
  /// Whether the law is checked with every option variant, or with the default options only.
  let usesVariants: Bool
  /// Whether one trial per loss is enough, for an expensive law.
  let usesOneTrial: Bool
  /// Checks one trial. A thrown error is a failure too.
  let check: @Sendable (PropertyTrial) throws(LossError) -> LawVerdict

  init(
    _ name: String, _ statement: String,
    distributions: [InputDistribution] = [.ordinary, .ties, .zeros],
    shapes: [ShapePreset] = [.batch, .plane, .single], usesVariants: Bool = true,
    usesOneTrial: Bool = false,
    check: @escaping @Sendable (PropertyTrial) throws(LossError) -> LawVerdict
  ) {
    self.name = name
    self.statement = statement
    self.distributions = distributions
    self.shapes = shapes
    self.usesVariants = usesVariants
    self.usesOneTrial = usesOneTrial
    self.check = check
  }

  public var description: String { "\(name): \(statement)" }

  /// Every law.
  public static let all: [Law] = [
    gradientIsDerivative, secondDerivativeIsDerivative, hessianVectorIsDerivative,
    hessianIsSymmetric, hessianHasDiagonal, derivativesAreAutomatic, upstreamIsLinear,
    reductionsAgree, permutationPermutes,
    batchIsIndividuals, maskIsRemoval, weightIsRepetition, classAxisMoves, sparseIsOneHot,
    floatIsDouble, halfPrecisionIsRounded, threadsGiveSameBits, partialsMerge, neverNaN,
    emptyIsStated, wrongInputsAreRefused,
    jsonRoundTrip, optionsMatter, valueInRange, convexity, symmetry, zeroAtTarget, lipschitz,
    twiceDifferentiable,
  ]

  /// The law with this name; nil if there is none.
  public static func named(_ name: String) -> Law? { all.first { $0.name == name } }
}

/// The verdict of a law on one trial.
enum LawVerdict: Sendable {
  /// The law holds.
  case holds
  /// The law holds, with this largest relative difference.
  case near(Double)
  /// The law does not hold, with a description of the failure.
  case failed(String)
  /// The law does not apply to this loss or to these inputs.
  case notApplicable

  /// Failed if there is a message.
  init(_ failureMessage: String?) { self = failureMessage.map(LawVerdict.failed) ?? .holds }
}
