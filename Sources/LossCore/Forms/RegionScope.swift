/// What a region of a `RegionFormLoss` is, and so what its terms are.
public enum RegionScope: String, OptionChoice {
  /// All elements: one term.
  case all
  /// The elements of one sample, along the first axis that is not the class axis: a term a sample.
  case sample
  /// The elements of one class in all samples: a term a class.
  case `class`
  /// The elements of one class in one sample: a term for each pair, samples first.
  case sampleAndClass = "sample_and_class"

  /// The signature of a loss over such regions, whose target may be given as class indices where
  /// the prediction has a probability, or a logit, for each class; numbers for target have a
  /// gradient unless `targetHasGradient` is false.
  public func signature(
    prediction: InputSpecification.Domain, target: InputSpecification.Domain,
    targetHasGradient: Bool = true
  ) -> LossSignature {
    guard target == .probability, prediction == .probability || prediction == .any
    else { return made(prediction, target, targetHasGradient) }
    let known = targetHasGradient ? Self.known : Self.knownForFixedTarget
    return (prediction == .any ? known.logits : known.probabilities)[self]
  }

  private typealias Known = (logits: RegionSignatures, probabilities: RegionSignatures)
  private static let known = known(targetHasGradient: true)
  private static let knownForFixedTarget = known(targetHasGradient: false)

  private static func known(targetHasGradient: Bool) -> Known {
    (
      RegionSignatures { $0.made(.any, .probability, targetHasGradient) },
      RegionSignatures { $0.made(.probability, .probability, targetHasGradient) }
    )
  }

  fileprivate var place: Int {
    switch self {
    case .all: 0
    case .sample: 1
    case .class: 2
    case .sampleAndClass: 3
    }
  }

  private func made(
    _ prediction: InputSpecification.Domain, _ target: InputSpecification.Domain,
    _ targetHasGradient: Bool
  ) -> LossSignature {
    let (axes, indices): (AxisPattern, AxisPattern) =
      switch self {
      case .all, .class: ("... class", "...")
      case .sample, .sampleAndClass: ("sample ... class", "sample ...")
      }
    return LossSignature(
      .real(.prediction, axes, prediction),
      .classes(
        .target, of: "class", indices, orReal: axes, target, isDifferentiable: targetHasGradient),
      terms: terms, classAxis: "class", maskCovers: .elements)
  }

  /// The signature of a loss over such regions of any numbers.
  public var signature: LossSignature { Self.plain[self] }

  private static let plain = RegionSignatures(\.made)

  private var made: LossSignature {
    let axes: AxisPattern =
      switch self {
      case .all: "..."
      case .sample: "sample ... class"
      case .class: "... class"
      case .sampleAndClass: "sample ... class"
      }
    return LossSignature(
      .real(.prediction, axes), .real(.target, axes), terms: terms,
      classAxis: self == .all ? nil : "class", maskCovers: .elements)
  }

  private var terms: AxisPattern {
    switch self {
    case .all: ""
    case .sample: "sample"
    case .class: "class"
    case .sampleAndClass: "sample class"
    }
  }
}

/// A signature for each kind of region, made once: it is made of text, which takes microseconds.
package struct RegionSignatures: Sendable {
  private let signatures: [LossSignature]

  package init(_ make: (RegionScope) -> LossSignature) {
    signatures = RegionScope.allCases.map(make)
  }

  package subscript(region: RegionScope) -> LossSignature { signatures[region.place] }
}
