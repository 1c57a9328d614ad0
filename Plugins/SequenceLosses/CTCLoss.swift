public import LossCore
import LossDialects

/// Negative log-likelihood of a label sequence, summed over all alignments.
///
/// An alignment assigns the blank or a label to each time step; merging repeats and then removing
/// blanks gives the label sequence. Time steps and labels beyond a length are not read and have a
/// gradient of 0.
///
/// - Shape: prediction `[..., time, class]`, target `[..., label]`, lengths `[...]`.
public struct CTCLoss: BlankedLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Class index of the blank; -1 is the last class.
    public var blank = 0
    /// Whether prediction holds logits, not log-probabilities.
    public var fromLogits = true
    /// Loss of labels that no alignment fits.
    public var infeasible = Infeasible.infinity
    /// Whether each loss is divided by its number of labels.
    public var perLabel = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .integer("blank", \.blank, "class index of the blank; -1 is the last class"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not log-probabilities"),
      .choice("infeasible", \.infeasible, "loss of labels that no alignment fits"),
      .flag("per_label", \.perLabel, "whether each loss is divided by its number of labels"),
    ]
  }

  /// The loss of labels that no alignment fits.
  public enum Infeasible: String, OptionChoice {
    /// Infinity, with gradient 0.
    case infinity
    /// Zero, with gradient 0.
    case zero
  }

  public static let metadata = LossMetadata(
    "ctc", "Negative log-likelihood of a label sequence, summed over all alignments.",
    formula: "- log Σ over alignments Π over time p[time, symbol]",
    domain: """
      Logits of any size, or log-probabilities. Without labels every step \
      is blank. Labels that no alignment fits give infinity, or 0 with \
      infeasible zero. Finite logits never give NaN or a negative value.
      """,
    gradient: "0 where no alignment fits the labels.",
    usage: """
      Speech and handwriting recognition: more time steps than labels, with an unknown monotonic \
      alignment. Outputs are independent given the input; rnnt conditions them on earlier labels.
      """,
    related: ["rnnt", "cross_entropy"],
    references: [
      """
      A. Graves et al., Connectionist Temporal Classification: Labelling \
      Unsegmented Sequence Data with Recurrent Neural Networks, 2006
      """
    ],
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
      ) { resolution in
        // Axon's mean averages losses that are divided by their numbers of labels.
        if resolution.reduction?.kind == .mean { resolution.options["per_label"] = true }
      },
      .torch(
        "ctc_loss", class: "CTCLoss", options: [.same("blank"), .torchZeroInfinity],
        overrides: ["from_logits": false],
        arguments: [
          .torchTimeFirst, DialectArgument(.target, "targets"),
          DialectArgument(.predictionLengths, "input_lengths"),
          DialectArgument(.targetLengths, "target_lengths"),
        ]
      ) { resolution in
        // PyTorch's mean averages losses that are divided by their numbers of labels.
        if resolution.reduction?.kind == .mean { resolution.options["per_label"] = true }
      }.preparing(.joinedLabels),
      .keras("ctc", class: "CTC"),
      .optax(
        "ctc_loss",
        options: [
          .same("blank_id", as: "blank"),
          .refused("log_epsilon", unless: [-1e5], hint: "Logarithms of 0 are exact here."),
        ],
        arguments: [
          .optaxPrediction, .paddings(.predictionLengths, "logit_paddings"), .optaxTarget,
          .paddings(.targetLengths, "label_paddings"),
        ]),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] { options.fromLogits ? [.nonNegative] : [] }

  public var signature: LossSignature { options.fromLogits ? .sequence : .logSequence }

  public var rolesWithHessianVectorProduct: [Role] { [.prediction] }

  /// The class index of the blank.
  public var blank: Int { options.blank }

  public func workspaceCount(time: Int, labels: Int, classes: Int) -> ClosedRange<Int> {
    let blocks = CTCBlocks(time: time, labels: labels, classes: classes)
    return blocks.leastCount...max(blocks.leastCount, blocks.mostCount)
  }

  public func term<S: LossScalar>(
    _ sequence: SequenceView<S>, workspace: UnsafeMutableBufferPointer<Double>
  ) -> S {
    guard let memory = workspace.baseAddress else { return .nan }
    let alignments = CTCSequence(
      sequence, blank: forbiddenLabel(classCount: sequence.classCount) ?? 0,
      fromLogits: options.fromLogits, workspace: memory, capacity: workspace.count)
    let product = sequence.vector.map { CTCProduct(alignments, vector: $0) }
    defer { product?.deallocate() }
    let loss = alignments.loss(product?.stepForward)
    let divisor = options.perLabel ? Double(max(1, sequence.labels.count)) : 1
    guard loss < .infinity else {
      alignments.fillGradient(loss.isNaN ? .nan : 0)
      return loss.isNaN ? .nan : options.infeasible == .zero ? 0 : .infinity
    }
    if let product {
      product.write(divisor: divisor)
    } else {
      alignments.writeGradient(divisor: divisor)
    }
    return S(options.fromLogits ? Double.maximumPropagatingNaN(0, loss) / divisor : loss / divisor)
  }
}

extension DialectOption {
  /// Whether labels that no alignment fits have a loss of 0.
  static let torchZeroInfinity = DialectOption(
    "zero_infinity", summary: "whether labels that no alignment fits give 0"
  ) { (value, resolution) throws(LossError) in
    guard let isZero = Bool(optionValue: value) else {
      throw refusal("zero_infinity", value, "true or false")
    }
    resolution.options["infeasible"] = isZero ? "zero" : "infinity"
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

  /// Lengths given as paddings: 0 for each element before the end, 1 for each one behind it.
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

extension DialectPreparation {
  /// PyTorch's labels of all sequences in one axis, one sequence after the other.
  static let joinedLabels = DialectPreparation { shapes, _ in
    shapes.first.shape.rank == 3 && shapes.second.shape.rank == 1
  } apply: { (call) throws(LossError) in
    guard case .int64(let joined)? = call.inputs[.target]?.widened, joined.shape.rank == 1,
      let leading = call.leading, leading.rank == 3
    else { return }
    let sequences = leading.extents[0]
    guard let given = call.inputs[.targetLengths] else {
      throw LossError(
        .missingInput, subject: Role.targetLengths.name, found: "is missing",
        expected: "the number of labels of each sequence, since those of all are joined in one axis"
      )
    }
    // Lengths of another type are refused as such.
    guard case .int64(let lengths) = given.widened else { return }
    guard lengths.shape.extents == [sequences] else {
      throw LossError(
        .shapeMismatch, subject: Role.targetLengths.name, found: "has shape \(lengths.shape)",
        expected: "[\(sequences)], one for each sequence")
    }
    let counts = lengths.scalars
    guard counts.allSatisfy({ (0...joined.scalars.count).contains($0) }),
      counts.reduce(0, +) == joined.scalars.count
    else {
      throw LossError(
        .shapeMismatch, subject: Role.target.name, found: "has \(joined.scalars.count) labels",
        expected:
          "the sum of \(Role.targetLengths), each at least 0, since all labels are joined in one axis"
      )
    }
    let longest = counts.max() ?? 0
    var padded: [Int] = []
    var start = 0
    for count in counts {
      padded += joined.scalars[start..<start + count]
      padded += Array(repeating: 0, count: longest - count)
      start += count
    }
    call.inputs[.target] = .int64(try Tensor(shape: [sequences, longest], scalars: padded))
  }
}
