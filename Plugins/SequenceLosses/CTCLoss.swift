public import LossCore
import LossDialects

/// The surprise at a sequence of labels, over every way to align it with the time steps.
///
///     - log Σ over alignments of Π over t of p[t, symbol of the alignment at t]
///
/// An alignment gives each time step a label or the blank; it stands for the labels that remain when
/// repeats are merged and blanks are dropped. `p` is the softmax of the logits over the classes.
///
/// - Shape: prediction `[..., time, class]`; target `[..., label]` class indices without the blank;
///   prediction_lengths and target_lengths `[...]`, all of it where left out; one term a sequence.
///   What lies beyond a length is not read, and has gradient 0.
/// - Domain: logits of any size. No labels: every step is blank. Labels that no alignment fits (too
///   few steps) have probability 0: the loss is infinity with gradient 0, or 0 with `infeasible`
///   zero. Never NaN for finite logits, never below 0 from logits.
/// - Gradient: softmax minus the share of the alignments that pass through each class and step; for
///   log-probabilities minus that share alone.
/// - Reference: A. Graves et al., "Connectionist Temporal Classification", 2006.
public struct CTCLoss: BlankedLoss {
  /// What the predictions are, which class is the blank and what becomes of impossible targets.
  public struct Options: LossOptions {
    /// The class that separates labels; negative counts from the last, -1.
    public var blank = 0
    /// Whether the prediction holds logits; otherwise log-probabilities, used as they are.
    public var fromLogits = true
    /// What the loss of labels is that no alignment fits.
    public var infeasible = Infeasible.infinity
    /// Whether the loss of each sequence is divided by its number of labels.
    public var perLabel = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .integer("blank", \.blank, "the class that separates labels; -1 is the last"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not log-probabilities"),
      .choice("infeasible", \.infeasible, "the loss of labels that no alignment fits"),
      .flag("per_label", \.perLabel, "whether each loss is divided by its number of labels"),
    ]
  }

  /// What the loss of labels is that no alignment fits.
  public enum Infeasible: String, OptionChoice {
    /// Infinity, with gradient 0.
    case infinity
    /// Zero, with gradient 0.
    case zero
  }

  public static let metadata = LossMetadata(
    "ctc", "The surprise at a sequence of labels, over every way to align it with time.",
    formula: "- log Σ over alignments Π over time p[time, symbol]",
    domain: "Logits of any size. Labels that no alignment fits give infinity, or 0 on request.",
    references: ["A. Graves et al., Connectionist Temporal Classification, 2006"],
    dialectEntries: [
      .flux(
        "ctc_loss", overrides: ["blank": -1],
        arguments: [.fluxPrediction, .fluxClasses]
      ) { $0.classAxis = 0 },
      .axon(
        "connectionist_temporal_classification", options: [.same("blank")],
        overrides: ["from_logits": false],
        arguments: [
          DialectArgument(.targetLengths, "y_true_lengths"), .axonTarget, .axonPrediction,
        ]
      ) { selection in
        // Axon's mean is that of the losses divided by their numbers of labels.
        if selection.reduction?.kind == .mean { selection.options["per_label"] = true }
      },
      .torch(
        "ctc_loss", class: "CTCLoss", options: [.same("blank"), .torchZeroInfinity],
        overrides: ["from_logits": false],
        arguments: [
          .torchTimeFirst, DialectArgument(.target, "targets"),
          DialectArgument(.predictionLengths, "input_lengths"),
          DialectArgument(.targetLengths, "target_lengths"),
        ]
      ) { selection in
        // PyTorch's mean is that of the losses divided by their numbers of labels.
        if selection.reduction?.kind == .mean { selection.options["per_label"] = true }
      },
      .keras("ctc", class: "CTC"),
      .optax(
        "ctc_loss", options: [.same("blank_id", as: "blank")],
        arguments: [
          .optaxPrediction, .paddings(.predictionLengths, "logit_paddings"), .optaxTarget,
          .paddings(.targetLengths, "label_paddings"),
        ]),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] { options.fromLogits ? [.nonNegative] : [] }

  /// Predictions by time and class, labels, and both lengths.
  public var signature: LossSignature { options.fromLogits ? .sequence : .logSequence }

  /// The class that stands for no label.
  public var blank: Int { options.blank }

  /// Room for the emissions and for the lattice: those of a block of time steps, or of all.
  public func workspaceCount(time: Int, labels: Int, classes: Int) -> ClosedRange<Int> {
    let blocks = CTCBlocks(time: time, labels: labels, classes: classes)
    return blocks.leastCount...max(blocks.leastCount, blocks.mostCount)
  }

  /// The loss of one sequence; its gradient if wanted.
  public func term<S: LossScalar>(
    _ sequence: SequenceView<S>, workspace: UnsafeMutableBufferPointer<Double>
  ) -> S {
    guard let memory = workspace.baseAddress else { return .nan }
    let alignments = CTCSequence(
      sequence, blank: forbiddenLabel(classCount: sequence.classCount) ?? 0,
      fromLogits: options.fromLogits, workspace: memory, capacity: workspace.count)
    let loss = alignments.loss()
    let divisor = options.perLabel ? Double(max(1, sequence.labels.count)) : 1
    guard loss < .infinity else {
      alignments.fillGradient(loss.isNaN ? .nan : 0)
      return loss.isNaN ? .nan : options.infeasible == .zero ? 0 : .infinity
    }
    alignments.writeGradient(divisor: divisor)
    return S(options.fromLogits ? Double.maximumPropagatingNaN(0, loss) / divisor : loss / divisor)
  }
}

extension DialectOption {
  /// Whether labels that no alignment fits cost nothing.
  static let torchZeroInfinity = DialectOption(
    "zero_infinity", summary: "whether labels that no alignment fits cost nothing"
  ) { (value, selection) throws(LossError) in
    guard let isZero = Bool(optionValue: value) else {
      throw refusal("zero_infinity", value, "true or false")
    }
    selection.options["infeasible"] = isZero ? "zero" : "infinity"
  }
}

extension DialectArgument {
  /// PyTorch's log-probabilities `[time, sequence, class]`, or `[time, class]`.
  static let torchTimeFirst = DialectArgument(
    .prediction, "log_probs", adapt: exchangeFirstAxes, restore: exchangeFirstAxes)

  private static let exchangeFirstAxes: @Sendable (AnyTensor) throws(LossError) -> AnyTensor = {
    (tensor) throws(LossError) in
    tensor.shape.rank == 3 ? try tensor.permuted([1, 0, 2]) : tensor
  }

  /// Lengths that are given as a 1 for each place behind the end, and a 0 before it.
  static func paddings(_ role: Role, _ name: String) -> DialectArgument {
    DialectArgument(
      role, name,
      adapt: { (tensor) throws(LossError) in
        guard let extent = tensor.shape.extents.last else { return tensor }
        let paddings = tensor.doubles
        let count = tensor.shape.removing(axis: -1).count
        let lengths = (0..<count).map { row in
          paddings[(row * extent)..<((row + 1) * extent)].count { $0 == 0 }
        }
        return try AnyTensor.int64(Tensor(lengths)).reshaped(tensor.shape.removing(axis: -1))
      })
  }
}
