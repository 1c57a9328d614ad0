public import LossCore
import LossDialects

/// The surprise at a sequence of labels that a transducer says, over every way to say it in time.
///
///     - log Σ over paths of Π over edges of p[t, u, class of the edge]
///
/// A path begins at the first time step with no label said. At step t with u labels said it goes on
/// either by the blank to step t + 1, or by the label u + 1 to u + 1 labels said; it ends with the
/// blank at the last step, when all labels have been said. `p` is the softmax of the logits over the
/// classes.
///
/// - Shape: prediction `[..., time, label+1, class]`, whose place u on the second axis is for u labels
///   said; target `[..., label]` class indices without the blank; prediction_lengths and
///   target_lengths `[...]`, all of it where left out; one term a sequence. What lies beyond a length
///   is not read, and has gradient 0.
/// - Domain: logits of any size. No labels: every step is blank. Labels without a time step, or with
///   logits of minus infinity on every path, have probability 0: the loss is infinity with gradient
///   0. Never NaN for finite logits, never below 0 from logits.
/// - Gradient: the share of the paths that pass through t and u, times softmax, minus the share that
///   goes on by each class; for log-probabilities minus the latter alone. It is not clamped.
/// - Reference: A. Graves, "Sequence Transduction with Recurrent Neural Networks", 2012.
public struct RNNTLoss: BlankedLoss {
  /// What the predictions are, and which class is the blank.
  public struct Options: LossOptions {
    /// The class that goes on to the next time step; negative counts from the last, -1.
    public var blank = 0
    /// Whether the prediction holds logits; otherwise log-probabilities, used as they are.
    public var fromLogits = true
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .integer("blank", \.blank, "the class that goes on to the next time step; -1 is the last"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not log-probabilities"),
    ]
  }

  public static let metadata = LossMetadata(
    "rnnt", "The surprise at labels that a transducer says, over every way to say them in time.",
    formula: "- log Σ over paths Π over edges p[time, labels said, class]",
    domain: "Logits of any size. Labels without a time step give infinity.",
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

  /// Predictions by time, labels said and class, labels, and both lengths.
  public var signature: LossSignature { options.fromLogits ? Self.logits : Self.logarithms }

  /// The class that stands for no label.
  public var blank: Int { options.blank }

  /// Room for the lattice.
  public func workspaceCount(time: Int, labels: Int, classes: Int) -> ClosedRange<Int> {
    let count = TransducerLattice.workspaceCount(time: time, labels: labels)
    return count...count
  }

  /// The loss of one sequence; its gradient if wanted.
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
  /// A limit on the gradients, which are those of the loss here: none is accepted.
  static let torchaudioClamp = DialectOption(
    "clamp", summary: "a limit on gradients, which is refused: -1 or less for none"
  ) { (value, selection) throws(LossError) in
    guard case .number(let limit) = value, limit <= 0 else {
      throw LossError(
        .invalidOption, subject: "clamp", found: "is \(value.text)",
        expected: "0 or less, for no limit",
        hint: "A gradient is that of the loss here; clamp it where it is used.")
    }
  }
}
