public import LossCore

extension ZLoss: ClassParallelLoss {
  /// The value and gradient where the classes are split over processes, as in vocabulary-parallel
  /// training: each process has the logits of some classes of every row.
  ///
  /// A row takes one message of two numbers: the largest logit and the sum of the exponentials.
  ///
  /// Every process has the same value, and the gradient with respect to its own logits, as one process
  /// has them where the largest logit of a row has a magnitude of at most 210 in `Float` and 1494 in
  /// `Double`; beyond, last bits depend on the split.
  ///
  /// The inputs are prediction, the logits of the classes of this process; weight and mask of the rows.
  /// Together, the processes have each class once. The parameters are those of the same call of
  /// `CrossEntropyLoss`.
  ///
  /// - Throws: `LossError` for invalid inputs, and if rows, weights or classes of the processes do not
  ///   fit; on every process if it throws on one.
  public func evaluate(
    _ inputs: LossInputs, classes: Range<Int>, gradientsOf roles: [Role] = [],
    reduction: Reduction? = nil, classAxis: Int? = nil, upstream: AnyTensor? = nil,
    in element: ElementType? = nil, threads: Int = 1, domainChecks: DomainChecks? = nil,
    over group: some ProcessGroup
  ) throws(LossError) -> LossResult {
    try ZLossShard(inputs, classes).evaluate(
      gradientsOf: roles, reduction: reduction ?? defaultReduction, classAxis: classAxis,
      upstream: upstream, in: element, threads: threads, domainChecks: domainChecks, over: group)
  }
}

/// The classes of one process, as a loss of its rows: first of these classes, then of all.
private struct ZLossShard: RowwiseLoss, ClassShard {
  static let metadata = ZLoss.metadata
  let options = NoOptions()
  /// Not converted in parts, whose rows would be counted from 0 each.
  var termLayout: TermLayout? { nil }
  let inputs: LossInputs
  let classes: Range<Int>
  let rows: RowTable<LogitRow>
  /// Whether the rows are those of all classes.
  var isWhole = false

  init(options: NoOptions) { self.init([:], 0..<0) }

  init(_ inputs: LossInputs, _ classes: Range<Int>) {
    self.inputs = inputs
    self.classes = classes
    rows = RowTable(
      count: (inputs[.prediction]?.shape.count ?? 0) / max(1, classes.count), LogitRow())
  }

  var signature: LossSignature { ZLoss().signature }

  func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let logits = row[0] else { return 0 }
    // Rows do not share a term, so that threads write to different ones.
    let statistics = rows.pointer(row.term)
    guard isWhole else {
      let largest = RowMath.maximum(logits, count: row.count)
      var own = LogitRow()
      _ = own.add(
        largest: largest.value,
        RowMath.sumExp(logits, count: row.count, below: largest.value, skipping: largest.index))
      statistics.pointee = own
      return 0
    }
    let top = S(statistics.pointee.top)
    let gradient = row.gradient(0)
    if let gradient { RowMath.exponentials(logits, count: row.count, below: top, into: gradient) }
    return ZLoss.term(
      row, top, ExponentialSum(maximum: top, sumExcludingMax: statistics.pointee.others), gradient)
  }

  func check(classAxis: Int?) throws(LossError) {
    try GatheredClassShards.check(classes, of: .prediction, in: inputs, classAxis: classAxis)
  }

  func message(_ terms: AnyTensor, _ reduction: Reduction) -> [UInt8] {
    var message = MessageWriter(
      GatheredClassShards.description(
        of: inputs, classes, sharing: [.weight, .mask], terms, [:], reduction, target: "none"))
    for row in rows.all {
      message.add(row.top, in: terms.element)
      message.add(row.others, in: terms.element)
    }
    return message.bytes
  }

  mutating func read(_ messages: [[UInt8]], _ terms: AnyTensor) throws(LossError) {
    let element = terms.element
    let form = MessageForm(numbers: 1, sums: 1, in: element)
    var shards = try GatheredClassShards(messages, form, rows: rows.all.count)
    for term in rows.all.indices {
      var row = LogitRow()
      for process in shards.ranges.indices {
        let top = shards.readers[process].number(in: element)
        let sum = shards.readers[process].sum(in: element)
        _ = element == .float32 ? row.add(largest: Float(top), sum) : row.add(largest: top, sum)
      }
      rows.pointer(term).pointee = row
    }
    isWhole = true
  }
}
