public import LossCore

extension Dialect {
  /// torchaudio: logits first, the mean of all terms.
  public static let torchaudio = Dialect(
    "torchaudio", title: "torchaudio",
    options: [.reduction(["mean": .mean, "sum": .sum, "none": .unreduced])],
    defaults: { $0.reduction = .mean })

  /// warp-transducer, under the name of its PyTorch module: the mean of all terms.
  public static let warpTransducer = Dialect(
    "warprnnt_pytorch", title: "warp-transducer",
    options: [.reduction(["mean": .mean, "sum": .sum, "none": .unreduced])],
    defaults: { $0.reduction = .mean })
}

extension DialectEntry {
  /// A function of torchaudio, `torchaudio.rnnt_loss` and `torchaudio.functional.rnnt_loss`, and
  /// its class, `torchaudio.transforms.RNNTLoss`.
  public static func torchaudio(
    _ function: String, class type: String, options: [DialectOption] = [],
    overrides: [String: OptionValue] = [:], arguments: [DialectArgument]
  ) -> DialectEntry {
    DialectEntry(
      .torchaudio, [function, "functional.\(function)", "transforms.\(type)"],
      arguments: arguments, options: options, overrides: overrides)
  }

  /// A function of warp-transducer and its class.
  public static func warpTransducer(
    _ function: String, class type: String, options: [DialectOption] = [],
    arguments: [DialectArgument]
  ) -> DialectEntry {
    DialectEntry(.warpTransducer, [function, type], arguments: arguments, options: options)
  }
}
