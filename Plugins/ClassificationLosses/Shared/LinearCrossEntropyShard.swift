public import LossCore

extension LinearCrossEntropyLoss: ClassParallelLoss {
  /// The value and gradients where the classes of the layer are split over processes, as in
  /// vocabulary-parallel training: each process has the hidden rows, and the kernel and bias of some
  /// classes.
  ///
  ///     let result = try LinearCrossEntropyLoss().evaluate(
  ///       ["hidden": hidden, "kernel": kernel, .target: tokens], classes: 64_000..<96_000,
  ///       gradientsOf: ["hidden", "kernel"], over: group)
  ///
  /// A row takes one message of three numbers: the largest logit, that of the target and the sum of the
  /// exponentials; with label smoothing also the sum of the logits. No process holds logits.
  ///
  /// Every process has the same value, and the gradients of its own kernel and bias, as one process has
  /// them (see `CrossEntropyLoss`). That holds where the largest logit of a row has a magnitude of at
  /// most 210 in `Float` and 1494 in `Double`; beyond, last bits depend on the split. The gradient of
  /// the hidden rows is the part that comes from the classes of this process: add those of all, as
  /// behind a column-parallel layer.
  ///
  /// The inputs are hidden, the same on all processes; kernel and bias of the classes of this process;
  /// target, indices among all classes; weight and mask of the rows. Together, the processes have each
  /// class once. The parameters are those of the same call of `CrossEntropyLoss`.
  ///
  /// - Throws: `LossError` for invalid inputs, and if rows, targets, weights, options or classes of the
  ///   processes do not fit; on every process if it throws on one.
  public func evaluate(
    _ inputs: LossInputs, classes: Range<Int>, gradientsOf roles: [Role] = [],
    reduction: Reduction? = nil, classAxis: Int? = nil, upstream: AnyTensor? = nil,
    in element: ElementType? = nil, threads: Int = 1, domainChecks: DomainChecks? = nil,
    over group: some ProcessGroup
  ) throws(LossError) -> LossResult {
    try LinearCrossEntropyShard(self, inputs, classes).evaluate(
      gradientsOf: roles, reduction: reduction ?? defaultReduction, classAxis: classAxis,
      upstream: upstream, in: element, threads: threads, domainChecks: domainChecks, over: group)
  }
}

/// The classes of one process, as a loss of its rows: first of these classes, then of all.
private struct LinearCrossEntropyShard: ClassShard {
  static let metadata = LinearCrossEntropyLoss.metadata
  let options = NoOptions()
  let loss: LinearCrossEntropyLoss
  let inputs: LossInputs
  let classes: Range<Int>
  let rows: RowTable<LogitRow>
  /// The number of all classes; nil before the processes have exchanged it.
  var classCount: Int?

  init(options: NoOptions) { self.init(LinearCrossEntropyLoss(), [:], 0..<0) }

  init(_ loss: LinearCrossEntropyLoss, _ inputs: LossInputs, _ classes: Range<Int>) {
    self.loss = loss
    self.classes = classes
    self.inputs = inputs
    rows = RowTable(count: inputs[.target]?.shape.count ?? 0, LogitRow())
  }

  var signature: LossSignature {
    LossSignature(
      .real("hidden", "... feature"), .groups(.target, "..."), .real("kernel", "class feature"),
      .real("bias", "class", isOptional: true), terms: "...")
  }
  var hasTermWeights: Bool { loss.hasTermWeights }

  func termWeights<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    loss.termWeights(context, into: &termWeights)
  }

  func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    let context = copy context
    guard
      let layer = LinearLayer(
        context, classes: classes, of: classCount ?? 0, weights: loss.options.classWeights,
        smoothing: loss.options.labelSmoothing)
    else { return }
    let rows = rows.pointer(0)
    guard classCount != nil else {
      return layer.forEach(layer.rowBlocks, sums: 0) { block, workspace, _ in
        layer.addLogits(block: block, workspace, to: rows)
      }
    }
    if context.gradient(0) != nil {
      layer.forEach(layer.rowBlocks, sums: layer.sumsOfRows) { block, workspace, sums in
        layer.writeHiddenGradient(block: block, workspace, sums, rows)
      }
    }
    layer.writeLayerGradient(rows)
    context.forEachBlock(elementsPerTerm: 1) { range, terms in
      for term in range {
        terms[term - range.lowerBound] = rows[term].isKept ? S(layer.value(rows[term], term)) : 0
      }
    }
  }
}

extension LinearCrossEntropyShard {
  func check(classAxis: Int?) throws(LossError) {
    try GatheredClassShards.check(classes)
    let weights = loss.options.classWeights
    guard weights.isEmpty || weights.count >= classes.upperBound else {
      throw LossError(
        .invalidOption, subject: "class_weights", found: "has \(weights.count) numbers",
        expected: "one for each class of all processes, at least \(classes.upperBound)")
    }
    guard let shape = inputs["kernel"]?.shape, shape.rank == 2, shape.extents[0] != classes.count
    else { return }
    throw LossError(
      .shapeMismatch, subject: "kernel", found: "has shape \(shape)",
      expected: "\(classes.count) rows, the classes \(classes)")
  }

  private var isSmoothed: Bool { loss.options.labelSmoothing > 0 }

  func message(_ terms: AnyTensor, _ reduction: Reduction) -> [UInt8] {
    var message = MessageWriter(
      GatheredClassShards.description(
        of: inputs, classes, sharing: ["hidden", .target, .weight, .mask], terms,
        loss.options.values, reduction, target: "class indices"))
    for row in rows.all {
      message.add(row.top, in: terms.element)
      message.add(row.targetLogit, in: terms.element)
      message.add(row.others, in: terms.element)
      if isSmoothed { message.add(row.weighted, in: terms.element) }
    }
    return message.bytes
  }

  mutating func read(_ messages: [[UInt8]], _ terms: AnyTensor) throws(LossError) {
    switch terms.element {
    case .float32: try read(messages, terms, Float.self)
    default: try read(messages, terms, Double.self)
    }
  }

  private mutating func read<S: LossScalar>(
    _ messages: [[UInt8]], _ terms: AnyTensor, _ type: S.Type
  ) throws(LossError) {
    let form = MessageForm(numbers: 2, sums: isSmoothed ? 2 : 1, in: terms.element)
    var shards = try GatheredClassShards(messages, form, rows: rows.all.count)
    let count = shards.classCount
    try loss.check(classCount: count)
    for (term, own) in rows.all.enumerated() {
      guard !own.isKept || (0..<count).contains(own.label) else {
        throw signature.invalidClass(
          own.label, of: 1, at: term, terms.shape, below: count, axisOf: 2,
          inputs["kernel"]?.shape ?? terms.shape)
      }
      var row = LogitRow()
      (row.label, row.isKept) = (own.label, own.isKept)
      for (process, range) in shards.ranges.enumerated() {
        let top = S(shards.readers[process].number(in: terms.element))
        let targetLogit = shards.readers[process].number(in: terms.element)
        if range.contains(own.label) { row.targetLogit = targetLogit }
        _ = row.add(largest: top, shards.readers[process].sum(in: terms.element))
        if isSmoothed { row.weighted.add(shards.readers[process].sum(in: terms.element)) }
      }
      rows.pointer(term).pointee = row
    }
    classCount = count
  }
}
