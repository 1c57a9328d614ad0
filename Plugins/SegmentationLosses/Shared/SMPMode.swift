import LossCore
import LossDialects

extension DialectOption {
  /// The mode of segmentation_models_pytorch: binary, exclusive classes or independent labels.
  static let smpMode = DialectOption("mode", summary: "binary, multiclass or multilabel") {
    (value, selection) throws(LossError) in
    switch value {
    case "binary": select("sigmoid", per: "all", &selection)
    case "multiclass": select("softmax", per: "class", &selection)
    case "multilabel": select("sigmoid", per: "class", &selection)
    default: throw refusal("mode", value, "\"binary\", \"multiclass\" or \"multilabel\"")
    }
  }

  // Options are read in alphabetical order: `from_logits` is read before `mode`.
  private static func select(
    _ activation: OptionValue, per region: OptionValue, _ selection: inout DialectResolution
  ) {
    selection.options["per"] = region
    if selection.options["activation"] != "none" { selection.options["activation"] = activation }
  }
}
