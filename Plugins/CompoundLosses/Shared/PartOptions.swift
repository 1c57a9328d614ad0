import ClassificationLosses
import LossComposition
import LossCore
import LossDialects
import SegmentationLosses

extension DiceLoss.Options {
  /// The options of a part for a number of classes: a single class has no class weights.
  func fitted(to classCount: Int) -> Self {
    var fitted = part(of: classCount)
    if classCount == 1 { fitted.classWeights = [] }
    return fitted
  }
}

extension ActivationOptions {
  /// The options for logits with a softmax, and otherwise the defaults.
  static var ofLogits: Self {
    var options = Self()
    (options.activation, options.fromLogits) = (.softmax, true)
    return options
  }

  /// The options of a part for a number of classes: without the activation where the other part
  /// reads probabilities, and with a sigmoid instead of the softmax of a single class.
  func part(of classCount: Int) -> Self {
    var part = self
    part.activation = fromLogits ? activation.fitted(to: classCount) : .identity
    part.fromLogits = false
    return part
  }
}

extension ActivationOptions {
  /// Whether a part reads the prediction as it is, as probabilities.
  var hasPartOfProbabilities: Bool { !fromLogits || activation == .identity }
}

extension BinaryFocalLoss.Options {
  /// The options that a focal part of logits has.
  static var ofLogits: [OptionField<Self>] {
    fields.filter { $0.name == "gamma" || $0.name == "alpha" }
  }
}

extension DialectOption {
  /// MONAI's reduction, which is that of each part.
  static let monaiParts = DialectOption("reduction", summary: "mean, sum: our parts") {
    (value, resolution) throws(LossError) in
    guard value == "mean" || value == "sum" else {
      throw refusal("reduction", value, "mean or sum")
    }
    resolution.options["parts"] = value
  }.setting("reduction")
}
