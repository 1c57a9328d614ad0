import ClassificationLosses
import LossComposition
import LossCore
import LossDialects
import SegmentationLosses

extension DiceLoss.Options {
  /// Of the softmax of logits, with a region for each class of each sample.
  static var ofLogits: Self {
    var options = Self()
    (options.smooth, options.activation, options.per) = (1e-5, .softmax, .sampleAndClass)
    return options
  }

  /// For a prediction of so many classes: one class is no softmax, and is weighed by no other.
  func fitted(to classCount: Int) -> Self {
    var fitted = self
    fitted.activation = activation.fitted(to: classCount)
    if classCount == 1 { fitted.classWeights = [] }
    return fitted
  }
}

extension GeneralizedDiceLoss.Options {
  /// Of the softmax of logits.
  static var ofLogits: Self {
    var options = Self()
    options.activation = .softmax
    return options
  }
}

extension BinaryFocalLoss.Options {
  /// What can be told of a focal part of logits.
  static var ofLogits: [OptionField<Self>] {
    fields.filter { $0.name == "gamma" || $0.name == "alpha" }
  }
}

extension Activation {
  /// One class by itself has a sigmoid where several have a softmax.
  func fitted(to classCount: Int) -> Activation {
    self == .softmax && classCount == 1 ? .sigmoid : self
  }
}

extension DialectOption {
  /// What each part is reduced by.
  static let monaiParts = DialectOption("reduction", summary: "mean, sum: our parts") {
    (value, selection) throws(LossError) in
    guard value == "mean" || value == "sum" else {
      throw refusal("reduction", value, "mean or sum")
    }
    selection.options["parts"] = value
  }
}
