/// The elements that one term of a `RegionFormLoss` covers.
public enum RegionScope: String, OptionChoice {
  /// All elements: one term.
  case all
  /// The elements of one sample, along the first axis that is not the class axis: one term per
  /// sample.
  case sample
  /// The elements of one class in all samples: one term per class.
  case `class`
  /// The elements of one class in one sample: one term per sample and class, in this order.
  case sampleAndClass = "sample_and_class"

  /// The signature of a loss over such regions. The target may be class indices, where the
  /// prediction has one probability or logit per class; a dense target has a gradient unless
  /// `targetHasGradient` is false.
  public func signature(
    prediction: InputSpecification.Domain, target: InputSpecification.Domain,
    targetHasGradient: Bool = true
  ) -> LossSignature {
    guard target == .probability, prediction == .probability || prediction == .any
    else { return makeSignature(prediction, target, targetHasGradient) }
    let cache = targetHasGradient ? Self.cache : Self.cacheForFixedTarget
    return (prediction == .any ? cache.logits : cache.probabilities)[self]
  }

  private typealias Cache = (logits: RegionSignatures, probabilities: RegionSignatures)
  private static let cache = makeCache(targetHasGradient: true)
  private static let cacheForFixedTarget = makeCache(targetHasGradient: false)

  private static func makeCache(targetHasGradient: Bool) -> Cache {
    (
      RegionSignatures { $0.makeSignature(.any, .probability, targetHasGradient) },
      RegionSignatures { $0.makeSignature(.probability, .probability, targetHasGradient) }
    )
  }

  fileprivate var index: Int {
    switch self {
    case .all: 0
    case .sample: 1
    case .class: 2
    case .sampleAndClass: 3
    }
  }

  private func makeSignature(
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

  /// The signature of a loss over such regions, for real predictions and targets of any value.
  public var signature: LossSignature { Self.realSignatures[self] }

  private static let realSignatures = RegionSignatures(\.realSignature)

  private var realSignature: LossSignature {
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

/// One cached signature per scope, since parsing the axis patterns takes microseconds.
package struct RegionSignatures: Sendable {
  private let signatures: [LossSignature]

  package init(_ make: (RegionScope) -> LossSignature) {
    signatures = RegionScope.allCases.map(make)
  }

  package subscript(region: RegionScope) -> LossSignature { signatures[region.index] }
}
