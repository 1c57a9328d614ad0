public import LossCore

extension CrossEntropyLoss {
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
      try shard.readFirst(largest, terms.element, rank: group.rank)
      let sums = try group.exchange { () throws(LossError) in
        _ = try shard.evaluate(
          shard.inputs, reduction: .unreduced, classAxis: classAxis, in: element, threads: threads,
          domainChecks: domainChecks)
        return try shard.secondMessage(terms)
      }
      try shard.readSecond(sums, terms.element)
      let result = try shard.evaluate(
        shard.inputs, gradientsOf: roles, reduction: reduction, classAxis: classAxis,
        upstream: upstream, in: element, threads: threads, domainChecks: domainChecks)
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
  let loss: CrossEntropyLoss
  let inputs: LossInputs
  let classes: Range<Int>
  /// The weights of these classes.
  let weights: [Double]
  let isDense: Bool
  let rows: RowTable
  var classCount = 0
  var pass = Pass.largest

  init(options: NoOptions) { self.init(CrossEntropyLoss(), [:], 0..<0) }

  init(_ loss: CrossEntropyLoss, _ inputs: LossInputs, _ classes: Range<Int>) {
    self.loss = loss
    self.classes = classes
    // Half precision is converted in parts, whose rows would be counted from 0 each.
    var widened = inputs
    for (role, tensor) in inputs.tensors where tensor.element.isReal {
      widened[role] = tensor.widened
    }
    self.inputs = widened
    let all = loss.options.classWeights
    weights = all.isEmpty ? [] : Array(all[classes.clamped(to: 0..<all.count)])
    isDense =
      switch loss.options.targets {
      case .dense: true
      case .indices, .indexColumn: false
      case .any: inputs[.target]?.shape == inputs[.prediction]?.shape
      }
    rows = RowTable(count: (inputs[.prediction]?.shape.count ?? 0) / max(1, classes.count))
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
        loss.scale(
          gradient, count: row.count, weight * row.gradientScale, sum, index: local,
          isLargest: logit == top)
      }
      return weight * (sum.logarithm - S.distance(of: logit, to: top))
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
    guard !classes.isEmpty, classes.lowerBound >= 0 else {
      throw LossError(
        .invalidValue, subject: "classes", found: "are \(classes)",
        expected: "at least one class on every process")
    }
    guard let shape = inputs[.prediction]?.shape, shape.rank > 0 else { return }
    let axis = classAxis ?? -1
    let index = axis < 0 ? axis + shape.rank : axis
    guard shape.extents.indices.contains(index) else { return }
    guard shape.extents[index] == classes.count else {
      throw LossError(
        .shapeMismatch, subject: "prediction", found: "has shape \(shape)",
        expected: "the extent \(classes.count) of the class axis, the classes \(classes)")
    }
  }

  /// The description of the shard, and the largest logit and the logit of the target of each row.
  func firstMessage(_ terms: AnyTensor, _ reduction: Reduction) -> [UInt8] {
    var shared: [OptionValue] = []
    for role in isDense ? [Role.weight, .mask] : [.target, .weight, .mask] {
      guard let tensor = inputs[role] else { continue }
      var hash = XXHash64()
      tensor.doubles.withUnsafeBytes { hash.add($0) }
      shared.append(.text("\(role) \(tensor.shape) \(hash.text)"))
    }
    let description: OptionValue = [
      "classes": [.number(Double(classes.lowerBound)), .number(Double(classes.upperBound))],
      "rows": .text("\(terms.shape)"), "element type": .text(terms.element.rawValue),
      "options": .object(loss.options.values), "reduction": reduction.optionValue,
      "target": .text(isDense ? "dense" : "class indices"),
      "target, weight or mask": .list(shared),
    ]
    var message = MessageWriter(description)
    for row in rows.all {
      message.add(row.largest.value, in: terms.element)
      if needsTargetLogit { message.add(row.targetLogit, in: terms.element) }
    }
    return message.bytes
  }

  /// Checks that the shards of the processes fit, and combines their largest logits.
  mutating func readFirst(
    _ messages: [[UInt8]], _ element: ElementType, rank: Int
  ) throws(LossError) {
    let size = (element == .float32 ? 4 : 8) * (needsTargetLogit ? 2 : 1) * rows.all.count
    var readers: [(classes: Range<Int>, reader: MessageReader)] = []
    var first: [String: OptionValue] = [:]
    for (process, message) in messages.enumerated() {
      var reader = MessageReader(message)
      guard case .object(var description)? = reader.description(),
        case .list(let bounds)? = description.removeValue(forKey: "classes"), bounds.count == 2,
        let low = Int(optionValue: bounds[0]), let high = Int(optionValue: bounds[1]), low < high
      else { throw LossError.unreadableMessage(of: process) }
      if process == 0 { first = description }
      for key in first.keys.sorted() where description[key] != first[key] {
        throw LossError(
          .invalidValue, subject: "process \(process)",
          found: "has the \(key) \(description[key]?.text ?? "")",
          expected: "\(first[key]?.text ?? ""), as process 0")
      }
      readers.append((low..<high, reader))
    }
    for (process, reader) in readers.enumerated() where reader.reader.remaining != size {
      throw LossError.unreadableMessage(of: process)
    }
    let own = readers[rank].classes
    readers.sort { $0.classes.lowerBound < $1.classes.lowerBound }
    for (one, next) in zip([0..<0] + readers.map(\.classes), readers.map(\.classes))
    where one.upperBound != next.lowerBound {
      throw LossError(
        .invalidValue, subject: "classes",
        found: "of the processes are \(readers.map { "\($0.classes)" }.joined(separator: ", "))",
        expected: "each class from 0 once")
    }
    classCount = readers.last?.classes.upperBound ?? 0
    try loss.check(classCount: classCount)
    for index in rows.all.indices {
      var (largest, owner) = (-Double.infinity, readers[0].classes)
      for process in readers.indices {
        let value = readers[process].reader.number(in: element)
        // The first largest logit in the order of the classes; NaN is larger than all.
        if value > largest || value.isNaN && !largest.isNaN {
          (largest, owner) = (value, readers[process].classes)
        }
        guard needsTargetLogit else { continue }
        let logit = readers[process].reader.number(in: element)
        if readers[process].classes.contains(rows[index].index) {
          rows.pointer(index).pointee.targetLogit = logit
        }
      }
      rows.pointer(index).pointee.largest.value = largest
      rows.pointer(index).pointee.isOwner = owner == own
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
    let size = (element == .float32 ? 8 : 16) * sums.count * rows.all.count
    var readers: [MessageReader] = []
    for (process, message) in messages.enumerated() {
      var reader = MessageReader(message)
      guard reader.description() != nil, reader.remaining == size else {
        throw LossError.unreadableMessage(of: process)
      }
      readers.append(reader)
    }
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

/// The statistics of all rows.
///
/// `@unchecked`: the threads of an evaluation write to different rows, and nothing else writes
/// meanwhile.
private final class RowTable: @unchecked Sendable {
  private let memory: UnsafeMutablePointer<RowStatistics>
  private let count: Int

  init(count: Int) {
    self.count = count
    memory = .allocate(capacity: max(1, count))
    memory.initialize(repeating: RowStatistics(), count: count)
  }

  deinit { memory.deallocate() }

  var all: UnsafeBufferPointer<RowStatistics> { UnsafeBufferPointer(start: memory, count: count) }
  subscript(row: Int) -> RowStatistics { memory[row] }
  /// Rows are evaluated only for inputs whose shape gives this number of rows.
  func pointer(_ row: Int) -> UnsafeMutablePointer<RowStatistics> { memory + row }
}
