import LossCore
import LossDialects

extension SpelledOption {
  /// Whether the prediction goes through a sigmoid.
  static let monaiSigmoid = activation("sigmoid")
  /// Whether the prediction goes through a softmax.
  static let monaiSoftmax = activation("softmax")

  private static func activation(_ name: String) -> SpelledOption {
    SpelledOption(name, summary: "whether input goes through a \(name)") {
      (value, selection) throws(LossError) in
      guard let isOn = Bool(optionValue: value) else { throw refusal(name, value, "true or false") }
      if isOn { selection.options["activation"] = .text(name) }
    }
  }

  /// Whether all images are summed together.
  static let monaiBatch = SpelledOption("batch", summary: "whether all images are summed together")
  {
    (value, selection) throws(LossError) in
    guard let isBatch = Bool(optionValue: value) else {
      throw refusal("batch", value, "true or false")
    }
    selection.options["per"] = isBatch ? "all" : "sample"
  }
}
