import LossCore
import LossDialects

extension DialectOption {
  /// What the channels are: one class, one of several, or several at once.
  static let smpMode = DialectOption("mode", summary: "binary, multiclass or multilabel") {
    (value, selection) throws(LossError) in
    switch value {
    case "binary": select("sigmoid", per: "all", &selection)
    case "multiclass": select("softmax", per: "class", &selection)
    case "multilabel": select("sigmoid", per: "class", &selection)
    default: throw refusal("mode", value, "\"binary\", \"multiclass\" or \"multilabel\"")
    }
  }

  // Options come in alphabetical order: `from_logits` has spoken before the mode.
  private static func select(
    _ activation: OptionValue, per region: OptionValue, _ selection: inout DialectResolution
  ) {
    selection.options["per"] = region
    if selection.options["activation"] != "none" { selection.options["activation"] = activation }
  }
}
