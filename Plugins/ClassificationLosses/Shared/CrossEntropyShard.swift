public import LossCore

extension CrossEntropyLoss: ClassParallelLoss {
  /// The value and gradients where the classes are split over processes, as in vocabulary-parallel
  /// training: each process has the logits of some classes of every row.
  ///
  ///     let result = try CrossEntropyLoss().evaluate(
  ///       [.prediction: logits, .target: tokens], classes: 64_000..<96_000,
  ///       gradientsOf: [.prediction], over: group)
  ///
  /// A row takes two messages: the largest logit and that of the target; then the sum of the
  /// exponentials, and with label smoothing or a dense target those of target and of target times
  /// logit. Label smoothing and class weights are over all classes.
  ///
  /// Every process has the same value, and the gradient with respect to its own logits. They have the
  /// bits of one process, unless a sum in `Double` (in twice its precision for logits in `Double`) lies
  /// within its rounding error of a rounding boundary of the result.
  ///
  /// - Parameters:
  ///   - inputs: prediction, the logits of the classes of this process; target, indices among all
  ///     classes or a dense target for the classes of this process; weight and mask of the rows.
  ///   - classes: the classes of this process. Together, the processes have each class once.
  ///   - roles: the inputs whose gradients are wanted.
  ///   - reduction: nil for the mean.
  ///   - classAxis: the class axis; nil for the last axis.
  ///   - upstream: the upstream gradient that gradients are multiplied by; nil for 1.
  ///   - element: the element type of the computation; nil for the widest of the real inputs.
  ///   - threads: the maximum number of threads; the result does not depend on it.
  ///   - domainChecks: as for `evaluate`.
  ///   - group: the processes.
  /// - Throws: `LossError` for invalid inputs, for probabilities instead of logits, and if rows,
  ///   targets, weights, options or classes of the processes do not fit; on every process if it
  ///   throws on one.
  public func evaluate(
    _ inputs: LossInputs, classes: Range<Int>, gradientsOf roles: [Role] = [],
    reduction: Reduction? = nil, classAxis: Int? = nil, upstream: AnyTensor? = nil,
    in element: ElementType? = nil, threads: Int = 1, domainChecks: DomainChecks? = nil,
    over group: some ProcessGroup
  ) throws(LossError) -> LossResult {
    let reduction = reduction ?? defaultReduction
    var shard = CrossEntropyShard(self, inputs, classes)
    do throws(LossError) {
      let pass = Result { () throws(LossError) in
        try shard.check(classAxis)
        return try shard.evaluate(
          shard.inputs, reduction: .unreduced, classAxis: classAxis, in: element, threads: threads,
          domainChecks: domainChecks
        ).value
      }
      let largest = try group.exchange { () throws(LossError) in
        try shard.firstMessage(pass.get(), reduction)
      }
      let terms = try pass.get()
      try shard.readFirst(largest, terms.element)
      let sums = try group.exchange { () throws(LossError) in
        _ = try shard.evaluate(
          shard.inputs, reduction: .unreduced, classAxis: classAxis, in: element, threads: threads,
          domainChecks: domainChecks)
        return try shard.secondMessage(terms)
      }
      try shard.readSecond(sums, terms.element)
      let result = try group.agree { () throws(LossError) in
        try shard.evaluate(
          shard.inputs, gradientsOf: roles, reduction: reduction, classAxis: classAxis,
          upstream: upstream, in: element, threads: threads, domainChecks: domainChecks)
      }
      return element == nil ? result.rounded(like: inputs) : result
    } catch {
      throw error.named(name)
    }
  }
}

/// The classes of one process, as a loss of its rows.
private struct CrossEntropyShard: RowwiseLoss {
  /// What a pass over the rows computes.
  enum Pass {
    case largest, sums, result
  }

  static let metadata = CrossEntropyLoss.metadata
  let options = NoOptions()
  /// Not converted in parts, whose rows would be counted from 0 each.
  var termLayout: TermLayout? { nil }
  let loss: CrossEntropyLoss
  let inputs: LossInputs
  let classes: Range<Int>
  /// The weights of these classes.
  let weights: [Double]
  let isDense: Bool
  let rows: RowTable<RowStatistics>
  var classCount = 0
  var pass = Pass.largest

  init(options: NoOptions) { self.init(CrossEntropyLoss(), [:], 0..<0) }

  init(_ loss: CrossEntropyLoss, _ inputs: LossInputs, _ classes: Range<Int>) {
    self.loss = loss
    self.classes = classes
    self.inputs = inputs
    let all = loss.options.classWeights
    weights = all.isEmpty ? [] : Array(all[classes.clamped(to: 0..<all.count)])
    isDense =
      switch loss.options.targets {
      case .dense: true
      case .indices, .indexColumn: false
      case .any: inputs[.target]?.shape == inputs[.prediction]?.shape
      }
    rows = RowTable(
      count: (inputs[.prediction]?.shape.count ?? 0) / max(1, classes.count), RowStatistics())
  }

  var signature: LossSignature {
    if isDense { return loss.options.targets.signature(fromLogits: true) }
    let isColumn = loss.options.targets == .indexColumn && inputs[.target]?.shape.extents.last == 1
    return LossSignature(
      .real(.prediction, "... class"), .groups(.target, isColumn ? "... 1" : "..."), terms: "...",
      classAxis: "class")
  }

  /// Whether a row is its target logit and the sum of its exponentials.
  var needsTargetLogit: Bool { !isDense && loss.options.labelSmoothing == 0 }
  /// Whether the weighted mean needs the class weights of a dense target.
  var weightsDenseRows: Bool {
    isDense && loss.countsDenseWeights && !loss.classWeights.isEmpty
  }

  var hasTermWeights: Bool { loss.hasTermWeights && (!isDense || pass == .result) }

  func termWeight<S: LossScalar>(_ row: Row<S>) -> S {
    if let index = row.classIndex(1) {
      if index == loss.ignoredClass { return -1 }
      return loss.classWeights.indices.contains(index) ? S(loss.classWeights[index]) : 1
    }
    return weightsDenseRows ? S(max(0, rows[row.term].termWeight.value)) : 1
  }

  func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let logits = row[0] else { return 0 }
    // Rows do not share a term, so that threads write to different ones.
    let statistics = rows.pointer(row.term)
    let index = row.classIndex(1)
    let local = index.flatMap { classes.contains($0) ? $0 - classes.lowerBound : nil }
    if pass == .largest {
      let largest = RowMath.maximum(logits, count: row.count)
      statistics.pointee.largest = (largest.value.asDouble, largest.index)
      statistics.pointee.targetLogit = local.map { logits[$0].asDouble } ?? 0
      statistics.pointee.index = index ?? 0
      return largest.value
    }
    let top = S(statistics.pointee.largest.value)
    let targets = ClassTargets(
      index: local, dense: row[1], weights: weights, smoothing: loss.options.labelSmoothing,
      classCount: classCount)
    if pass == .sums {
      let owned = statistics.pointee.isOwner ? statistics.pointee.largest.index : nil
      statistics.pointee.others = RowMath.sumExp(
        logits, count: row.count, below: top, skipping: owned)
      if !needsTargetLogit {
        let sums = targets.sums(count: row.count, of: top, minus: logits)
        (statistics.pointee.weight, statistics.pointee.differences) = (sums.weight, sums.sum)
      }
      if weightsDenseRows, let dense = row[1] {
        statistics.pointee.termWeight = loss.denseWeight(dense, weights)
      }
      statistics.pointee.isKept = true
      return 0
    }
    let sum = ExponentialSum(maximum: top, sumExcludingMax: statistics.pointee.others)
    let gradient = row.gradient(0)
    if let gradient { RowMath.exponentials(logits, count: row.count, below: top, into: gradient) }
    if needsTargetLogit, let index {
      let logit = S(statistics.pointee.targetLogit)
      let weight = loss.classWeights.isEmpty ? 1 : S(loss.classWeights[index])
      if let gradient {
        sum.scale(
          gradient, count: row.count, weight * row.gradientScale, index: local,
          isLargest: logit == top)
      }
      return S.product(weight: weight, sum.logarithm - S.distance(of: logit, to: top))
    }
    let weight = statistics.pointee.weight.value
    if let gradient {
      loss.scale(gradient, count: row.count, row.gradientScale, sum, targets, weight: weight) {
        statistics.pointee.isOwner ? statistics.pointee.largest.index : nil
      }
    }
    let logOfSum = sum.logarithm
    loss.writeTargetGradient(row, targets) { j in logOfSum - S.distance(of: logits[j], to: top) }
    return S(weight * logOfSum.asDouble + statistics.pointee.differences.value)
  }
}

extension CrossEntropyShard {
  /// Checks what the form does not know.
  func check(_ classAxis: Int?) throws(LossError) {
    guard loss.options.fromLogits else {
      throw LossError(
        .invalidOption, subject: "from_logits", found: "is false",
        expected: "true where the classes are split over processes")
    }
    try GatheredClassShards.check(classes, of: .prediction, in: inputs, classAxis: classAxis)
  }

  /// The description of the shard, and the largest logit and the logit of the target of each row.
  func firstMessage(_ terms: AnyTensor, _ reduction: Reduction) -> [UInt8] {
    let description = GatheredClassShards.description(
      of: inputs, classes, sharing: isDense ? [.weight, .mask] : [.target, .weight, .mask], terms,
      loss.options.values, reduction, target: isDense ? "dense" : "class indices")
    var message = MessageWriter(description)
    for row in rows.all {
      message.add(row.largest.value, in: terms.element)
      if needsTargetLogit { message.add(row.targetLogit, in: terms.element) }
    }
    return message.bytes
  }

  /// Checks that the shards of the processes fit, and combines their largest logits.
  mutating func readFirst(
    _ messages: [[UInt8]], _ element: ElementType
  ) throws(LossError) {
    let form = MessageForm(numbers: needsTargetLogit ? 2 : 1, in: element)
    var shards = try GatheredClassShards(messages, form, rows: rows.all.count)
    classCount = shards.classCount
    try loss.check(classCount: classCount)
    for index in rows.all.indices {
      var (largest, owner) = (-Double.infinity, shards.ranges[0])
      for (process, range) in shards.ranges.enumerated() {
        let value = shards.readers[process].number(in: element)
        // The first largest logit in the order of the classes; NaN is larger than all.
        if value > largest || value.isNaN && !largest.isNaN { (largest, owner) = (value, range) }
        guard needsTargetLogit else { continue }
        let logit = shards.readers[process].number(in: element)
        if range.contains(rows[index].index) {
          rows.pointer(index).pointee.targetLogit = logit
        }
      }
      rows.pointer(index).pointee.largest.value = largest
      rows.pointer(index).pointee.isOwner = owner == classes
    }
    pass = .sums
  }

  /// The sums of each row.
  func secondMessage(_ terms: AnyTensor) throws(LossError) -> [UInt8] {
    for (term, row) in rows.all.enumerated()
    where row.isKept && !isDense && !(0..<classCount).contains(row.index) {
      throw loss.signature.invalidClass(
        row.index, of: 1, at: term, terms.shape, below: classCount, axisOf: 0,
        inputs[.prediction]?.shape ?? terms.shape)
    }
    let sums = sums
    var message = MessageWriter([:])
    for row in rows.all {
      for sum in sums { message.add(row[keyPath: sum], in: terms.element) }
    }
    return message.bytes
  }

  /// Adds the sums of the processes.
  mutating func readSecond(_ messages: [[UInt8]], _ element: ElementType) throws(LossError) {
    let sums = sums
    let form = MessageForm(sums: sums.count, in: element)
    var readers = try GatheredClassShards.readers(messages, form, rows: rows.all.count)
    for index in rows.all.indices {
      for sum in sums {
        var total = CompensatedSum()
        for process in readers.indices { total.add(readers[process].sum(in: element)) }
        rows.pointer(index).pointee[keyPath: sum] = total
      }
    }
    pass = .result
  }

  /// The sums that the processes exchange.
  private var sums: [WritableKeyPath<RowStatistics, CompensatedSum>] {
    [\.others] + (needsTargetLogit ? [] : [\.weight, \.differences])
      + (weightsDenseRows ? [\.termWeight] : [])
  }
}

/// What is known of a row: first of the classes of this process, then of all.
private struct RowStatistics {
  /// The largest logit, and its index among the classes of this process.
  var largest = (value: -Double.infinity, index: 0)
  /// Whether the largest logit belongs to this process.
  var isOwner = false
  /// The class index of the target.
  var index = 0
  var targetLogit = 0.0
  /// The sum of the exponentials without that of the largest logit.
  var others = CompensatedSum()
  /// The sums of the target, and of the target times the distance to the largest logit.
  var weight = CompensatedSum()
  var differences = CompensatedSum()
  /// The class weight of a dense target.
  var termWeight = CompensatedSum()
  /// Whether no mask, weight or ignored class removes the row.
  var isKept = false
}
