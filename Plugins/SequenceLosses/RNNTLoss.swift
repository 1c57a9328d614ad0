public import LossCore
import LossDialects

/// RNN-transducer loss: negative log-likelihood over all alignments.
///
/// A path starts at the first time step with no label emitted. The blank leads to the next time
/// step, a label to the next number of emitted labels. A path ends with the blank at the last time
/// step, after all labels. What lies beyond a length is not read and has a gradient of 0.
///
/// - Shape: prediction `[..., time, label+1, class]`, target `[..., label]`, lengths `[...]`. The
///   axis `label+1` is the number of emitted labels.
public struct RNNTLoss: BlankedLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Class index of the blank; -1 is the last class.
    public var blank = 0
    /// Whether prediction holds logits, not log-probabilities.
    public var fromLogits = true
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .integer("blank", \.blank, "class index of the blank; -1 is the last class"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not log-probabilities"),
    ]
  }

  public static let metadata = LossMetadata(
    "rnnt", "RNN-transducer loss: negative log-likelihood over all alignments.",
    formula: "- log Σ over paths Π over edges p[time, emitted labels, class]",
    domain: """
      Logits of any size, or log-probabilities. Without labels every step is \
      blank. Labels without a time step, or with a probability of 0 on every \
      path, give infinity. Finite logits never give NaN or a negative value.
      """,
    gradient: "0 where every path has a probability of 0. It is never clamped.",
    usage: """
      Streaming speech recognition with a prediction network, whose outputs depend \
      on the labels emitted so far. ctc needs no joint network and is cheaper.
      """,
    related: ["ctc"], alsoKnownAs: ["rnn_transducer", "transducer"],
    references: ["A. Graves, Sequence Transduction with Recurrent Neural Networks, 2012"],
    dialectEntries: [
      .torchaudio(
        "rnnt_loss", class: "RNNTLoss",
        options: [
          .same("blank"), .same("fused_log_softmax", as: "from_logits"), .torchaudioClamp,
        ],
        overrides: ["blank": -1],
        arguments: [
          DialectArgument(.prediction, "logits"), DialectArgument(.target, "targets"),
          DialectArgument(.predictionLengths, "logit_lengths"),
          DialectArgument(.targetLengths, "target_lengths"),
        ]),
      .warpTransducer(
        "rnnt_loss", class: "RNNTLoss", options: [.same("blank")],
        arguments: [
          DialectArgument(.prediction, "acts"), DialectArgument(.target, "labels"),
          DialectArgument(.predictionLengths, "act_lens"),
          DialectArgument(.targetLengths, "label_lens"),
        ]),
    ])
  private static let logits = transducer(.any)
  private static let logarithms = transducer(.logDistribution)

  private static func transducer(_ domain: InputSpecification.Domain) -> LossSignature {
    LossSignature(
      .real(.prediction, "... time label+1 class", domain),
      .sequence(.target, of: "class", "... label"),
      .lengths(.predictionLengths, of: "time", "..."),
      .lengths(.targetLengths, of: "label", "..."),
      terms: "...", classAxis: "class")
  }

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] { options.fromLogits ? [.nonNegative] : [] }

  public var signature: LossSignature { options.fromLogits ? Self.logits : Self.logarithms }

  /// The class index of the blank.
  public var blank: Int { options.blank }

  public func workspaceCount(time: Int, labels: Int, classes: Int) -> ClosedRange<Int> {
    let count = TransducerLattice.workspaceCount(time: time, labels: labels)
    return count...count
  }

  public func term<S: LossScalar>(
    _ sequence: SequenceView<S>, workspace: UnsafeMutableBufferPointer<Double>
  ) -> S {
    guard let workspace = workspace.baseAddress else { return .nan }
    let paths = TransducerSequence(
      sequence, blank: forbiddenLabel(classCount: sequence.classCount) ?? 0,
      fromLogits: options.fromLogits, workspace: workspace)
    let loss = paths.loss()
    guard loss < .infinity else {
      paths.fillGradient(loss.isNaN ? .nan : 0)
      return S(loss)
    }
    paths.writeGradient()
    return S(options.fromLogits ? Double.maximumPropagatingNaN(0, loss) : loss)
  }
}

extension DialectOption {
  /// A bound of the gradient, which is not supported: only values that disable it are accepted.
  static let torchaudioClamp = DialectOption(
    "clamp", summary: "bound of the gradient, not supported: 0 or less for none"
  ) { (value, resolution) throws(LossError) in
    guard case .number(let limit) = value, limit <= 0 else {
      throw LossError(
        .invalidOption, subject: "clamp", found: "is \(value.text)",
        expected: "0 or less, for no limit",
        hint: "Gradients are not clamped here; clamp them where they are used.")
    }
  }
}
