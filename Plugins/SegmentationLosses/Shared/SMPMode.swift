import LossCore
import LossDialects

extension DialectOption {
  /// The mode of segmentation_models_pytorch: binary, exclusive classes or independent labels.
  static let smpMode = DialectOption("mode", summary: "binary, multiclass or multilabel") {
    (value, resolution) throws(LossError) in
    switch value {
    case "binary": select("sigmoid", per: "all", &resolution)
    case "multiclass": return select("softmax", per: "class", &resolution)
    case "multilabel": select("sigmoid", per: "class", &resolution)
    default: throw refusal("mode", value, "\"binary\", \"multiclass\" or \"multilabel\"")
    }
    resolution.preparations.append(.maskOfOneClass)
  }

  // Options are read in alphabetical order: `from_logits` is read before `mode`.
  private static func select(
    _ activation: OptionValue, per region: OptionValue, _ resolution: inout DialectResolution
  ) {
    resolution.options["per"] = region
    if resolution.options["activation"] != "none" { resolution.options["activation"] = activation }
  }
}
