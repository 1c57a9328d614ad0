import ClassificationLosses
import LossComposition
import LossCore
import LossDialects
import SegmentationLosses

extension DiceLoss.Options {
  /// Options for logits with a softmax and a region per class and sample.
  static var ofLogits: Self {
    var options = Self()
    (options.smooth, options.activation, options.per) = (1e-5, .softmax, .sampleAndClass)
    return options
  }

  /// The options for a number of classes: a single class has no softmax and no class weights.
  func fitted(to classCount: Int) -> Self {
    var fitted = self
    fitted.activation = activation.fitted(to: classCount)
    if classCount == 1 { fitted.classWeights = [] }
    return fitted
  }
}

extension GeneralizedDiceLoss.Options {
  /// Options for logits with a softmax.
  static var ofLogits: Self {
    var options = Self()
    options.activation = .softmax
    return options
  }
}

extension BinaryFocalLoss.Options {
  /// The options that a focal part of logits has.
  static var ofLogits: [OptionField<Self>] {
    fields.filter { $0.name == "gamma" || $0.name == "alpha" }
  }
}

extension Activation {
  /// A sigmoid instead of a softmax for a single class.
  func fitted(to classCount: Int) -> Activation {
    self == .softmax && classCount == 1 ? .sigmoid : self
  }
}

extension DialectOption {
  /// MONAI's reduction, which is that of each part.
  static let monaiParts = DialectOption("reduction", summary: "mean, sum: our parts") {
    (value, selection) throws(LossError) in
    guard value == "mean" || value == "sum" else {
      throw refusal("reduction", value, "mean or sum")
    }
    selection.options["parts"] = value
  }
}
