/// A loss whose term is a formula of one sequence: predictions by time and class, and labels.
///
/// The predictions of a transducer have one more axis, `"... time label+1 class"`: at each time
/// step one row of classes per number of labels that have been emitted so far.
///
/// The form locates each sequence and its lengths, checks the labels within the target length,
/// zeroes the gradient of padding, and provides workspace.
public protocol SequenceLoss: FormLoss {
  /// A class that may not occur as a label, such as the blank; nil for none.
  func forbiddenLabel(classCount: Int) -> Int?
  /// The size of the workspace of one sequence: the minimum, and the maximum that the loss can use,
  /// where more memory saves time. The result must not depend on the size.
  func workspaceCount(time: Int, labels: Int, classes: Int) -> ClosedRange<Int>
  /// The term of one sequence; writes its gradient, multiplied by `gradientScale`, if requested: the
  /// product of the Hessian with `sequence.vector` if there is one, which is only for a loss that
  /// lists `rolesWithHessianVectorProduct`.
  func term<S: LossScalar>(
    _ sequence: SequenceView<S>, workspace: UnsafeMutableBufferPointer<Double>
  ) -> S
}

/// One sequence: predictions for each time step and class, and the labels.
public struct SequenceView<S: LossScalar> {
  /// The number of time steps, without padding.
  public let time: Int
  /// The number of rows of classes per time step in memory: one, or one per number of emitted
  /// labels, of which only the first `labels.count + 1` are read.
  public let rowsPerStep: Int
  /// The number of classes.
  public let classCount: Int
  /// The predictions, time step by time step.
  public let prediction: UnsafePointer<S>
  /// The labels, without padding.
  public let labels: UnsafeBufferPointer<Int>
  /// The memory for the gradient, in the layout of the predictions; nil if it is not requested.
  public let gradient: UnsafeMutablePointer<S>?
  /// The vector that the Hessian is multiplied by, in the layout of the predictions; nil unless its
  /// product is requested.
  public let vector: UnsafePointer<S>?
  /// The factor of the gradient.
  public let gradientScale: S

  @usableFromInline
  init(
    time: Int, rowsPerStep: Int, classCount: Int, prediction: UnsafePointer<S>,
    labels: UnsafeBufferPointer<Int>, gradient: UnsafeMutablePointer<S>?,
    vector: UnsafePointer<S>?, gradientScale: S
  ) {
    self.time = time
    self.rowsPerStep = rowsPerStep
    self.classCount = classCount
    self.prediction = prediction
    self.labels = labels
    self.gradient = gradient
    self.vector = vector
    self.gradientScale = gradientScale
  }
}

extension LossSignature {
  /// The signature of sequence losses: predictions by time and class, labels, and both lengths.
  public static let sequence = sequence(.any)
  /// The same for predictions that are log-probabilities.
  public static let logSequence = sequence(.logDistribution)

  private static func sequence(_ domain: InputSpecification.Domain) -> LossSignature {
    LossSignature(
      .real(.prediction, "... time class", domain),
      .sequence(.target, of: "class", "... label"),
      .lengths(.predictionLengths, of: "time", "..."),
      .lengths(.targetLengths, of: "label", "..."),
      terms: "...", classAxis: "class")
  }
}

extension SequenceLoss {
  /// One term per sequence.
  public var termLayout: TermLayout? { .samples }
  /// Predictions by time and class, labels, and both lengths.
  public var signature: LossSignature { .sequence }

  /// Evaluates all sequences.
  @inlinable
  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    guard context.termCount > 0 else { return }
    let context = copy context
    let kernel = SequenceKernel(context)
    try kernel.checkLabels(context, forbidden: forbiddenLabel(classCount: kernel.classCount))
    let usableCount = workspaceCount(
      time: kernel.time, labels: kernel.labelCount, classes: kernel.classCount)
    let size = kernel.rowCount * kernel.classCount
    let tables = kernel.isContiguous ? 0 : (context.vectors.isEmpty ? 2 : 3) * size
    let (minimum, overflow) = usableCount.lowerBound.addingReportingOverflow(tables)
    let maximum = SequenceWorkspace.maximum
    guard !overflow, minimum <= maximum else {
      throw LossError(
        .invalidValue, subject: Role.target.name,
        found: "needs a workspace of \(usableCount.lowerBound) numbers per sequence",
        expected: "fewer than \(maximum)")
    }
    let workers = max(1, min(context.threads, context.termCount, maximum / max(1, minimum)))
    let workspace = min(
      max(usableCount.lowerBound, SequenceWorkspace.usual / workers), usableCount.upperBound)
    let share = workspace + tables
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: max(1, workers * share))
    defer { memory.deallocate() }
    context.forEachBlock(
      elementsPerTerm: max(size, Blocks.elementsInChunk), workers: workers
    ) { range, terms, worker in
      let workerMemory = memory + worker * share
      kernel.withTables(workerMemory + workspace, of: S.self) { tables in
        for term in range {
          let isRemoved = context.isRemoved(term)
          if !isRemoved, let sequence = kernel.sequence(term, context, tables) {
            terms[term - range.lowerBound] = self.term(
              sequence, workspace: UnsafeMutableBufferPointer(start: workerMemory, count: workspace)
            )
          } else {
            terms[term - range.lowerBound] = 0
          }
          kernel.finishGradient(term, context, tables, isRemoved: isRemoved)
        }
      }
    }
  }
}

/// The size of the workspace of all sequences that are evaluated at once.
@usableFromInline enum SequenceWorkspace {
  /// The size that they share if they need less: 600 KiB.
  @usableFromInline static var usual: Int { 75 << 10 }
  /// The limit, 64 GiB: a request above it can only come from an empty axis.
  @usableFromInline static var maximum: Int { 1 << 33 }
}

/// The memory layout of the sequences of a context.
@usableFromInline struct SequenceKernel: Sendable {
  @usableFromInline let time: Int
  @usableFromInline let classCount: Int
  @usableFromInline let labelCount: Int
  /// The number of rows of classes per time step.
  @usableFromInline let rowsPerStep: Int
  /// Whether a time step has one row per number of emitted labels.
  @usableFromInline let hasRowsOfLabels: Bool
  /// Whether each sequence is contiguous in memory, time step by time step.
  @usableFromInline let isContiguous: Bool
  @usableFromInline let classStride: Int
  /// The offset of each sequence, and of each row in it, if they are not contiguous.
  @usableFromInline let offsets: [Int]
  @usableFromInline let rowOffsets: [Int]

  /// The number of rows of a sequence.
  @usableFromInline var rowCount: Int { time * rowsPerStep }

  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  init<S: LossScalar>(_ context: KernelContext<S>) {
    let shape = context.inputs[0]?.shape ?? .scalar
    let classAxis = context.classAxis ?? max(0, shape.rank - 1)
    // A target has the axes of the terms and the label axis.
    let sampleRank = max(0, (context.inputs[1]?.shape.rank ?? 1) - 1)
    var (axisCount, rows) = (0, 1)
    for axis in 0..<shape.rank where axis != classAxis {
      if axisCount > sampleRank { rows *= shape.extents[axis] }
      axisCount += 1
    }
    time = context.extent("time")
    classCount = context.extent("class")
    labelCount = context.extent("label")
    hasRowsOfLabels = axisCount > sampleRank + 1
    rowsPerStep = rows
    isContiguous = classAxis == shape.rank - 1
    guard !isContiguous else {
      classStride = 1
      offsets = []
      rowOffsets = []
      return
    }
    let others = (0..<shape.rank).filter { $0 != classAxis }
    let strides = shape.strides { _ in true }
    func makeOffsets(_ axes: ArraySlice<Int>) -> [Int] {
      Shape(trusted: axes.map { shape.extents[$0] }).offsets(strides: axes.map { strides[$0] })
    }
    classStride = strides.indices.contains(classAxis) ? strides[classAxis] : 1
    offsets = makeOffsets(others.prefix(sampleRank))
    rowOffsets = makeOffsets(others.dropFirst(sampleRank))
  }

  /// Calls a function with memory for copies of the predictions of a sequence and of their
  /// gradient, if they must be copied. The memory holds at least as many `Double`s.
  @inlinable
  func withTables<S: LossScalar>(
    _ memory: UnsafeMutablePointer<Double>, of type: S.Type,
    _ body: (UnsafeMutablePointer<S>?) -> Void
  ) {
    guard !isContiguous else { return body(nil) }
    memory.withMemoryRebound(to: S.self, capacity: 3 * rowCount * classCount) { body($0) }
  }

  @usableFromInline
  func timeCount<S: LossScalar>(_ term: Int, _ context: KernelContext<S>) -> Int {
    context.integers(2)?[term] ?? time
  }

  @usableFromInline
  func labelCount<S: LossScalar>(_ term: Int, _ context: KernelContext<S>) -> Int {
    context.integers(3)?[term] ?? labelCount
  }

  /// The number of rows per time step of a sequence, without padding.
  @usableFromInline
  func rowsPerStep<S: LossScalar>(_ term: Int, _ context: KernelContext<S>) -> Int {
    hasRowsOfLabels ? labelCount(term, context) + 1 : 1
  }

  /// Checks the labels of all sequences, without padding.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func checkLabels<S: LossScalar>(
    _ context: KernelContext<S>, forbidden: Int?
  ) throws(LossError) {
    guard let labels = context.integers(1), let shape = context.inputs[1]?.shape else { return }
    for term in 0..<context.termCount where !context.isRemoved(term) {
      for index in 0..<labelCount(term, context) {
        let label = labels[term * labelCount + index]
        guard label < 0 || label >= classCount || label == forbidden else { continue }
        let isBlank = label == forbidden
        throw LossError(
          .invalidClass, subject: Role.target.name,
          found: "is \(label)\(at(term * labelCount + index, shape))",
          expected: "a class in 0 ..< \(classCount)"
            + (forbidden.map { " other than \($0), the blank" } ?? ""),
          hint: isBlank ? "The blank cannot be a label." : "")
      }
    }
  }

  /// One sequence, copied to `tables` unless the class axis is the last.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func sequence<S: LossScalar>(
    _ term: Int, _ context: KernelContext<S>, _ tables: UnsafeMutablePointer<S>?
  ) -> SequenceView<S>? {
    guard let prediction = context.real(0), let labels = context.integers(1) else { return nil }
    let size = rowCount * classCount
    let steps = timeCount(term, context)
    if let tables {
      for row in 0..<(steps * rowsPerStep) {
        let start = prediction + offsets[term] + rowOffsets[row]
        for c in 0..<classCount { tables[row * classCount + c] = start[c * classStride] }
        guard let vector = context.vector(0) else { continue }
        let vectorStart = vector + offsets[term] + rowOffsets[row]
        let copy = tables + 2 * size + row * classCount
        for c in 0..<classCount { copy[c] = vectorStart[c * classStride] }
      }
    }
    let copies = tables.map { $0 + size }
    let gradient = context.gradient(0).map { copies ?? $0 + term * size }
    return SequenceView(
      time: steps, rowsPerStep: rowsPerStep, classCount: classCount,
      prediction: tables.map { UnsafePointer($0) } ?? prediction + term * size,
      labels: UnsafeBufferPointer(
        start: labels + term * labelCount, count: labelCount(term, context)),
      gradient: gradient,
      vector: context.vector(0).map { vector in
        tables.map { UnsafePointer($0 + 2 * size) } ?? vector + term * size
      }, gradientScale: context.gradientScale(term))
  }

  /// Zeroes the gradient of padding, or of a removed sequence, and copies a gradient in `tables`
  /// back.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func finishGradient<S: LossScalar>(
    _ term: Int, _ context: KernelContext<S>, _ tables: UnsafeMutablePointer<S>?, isRemoved: Bool
  ) {
    guard let gradient = context.gradient(0) else { return }
    let size = rowCount * classCount
    let steps = isRemoved ? 0 : timeCount(term, context)
    let rows = rowsPerStep(term, context)
    let sequenceGradient = tables.map { $0 + size } ?? gradient + term * size
    for step in 0..<time {
      let start = sequenceGradient + step * rowsPerStep * classCount
      let end = step < steps ? rows * classCount : 0
      for index in end..<(rowsPerStep * classCount) { start[index] = 0 }
    }
    guard tables != nil else { return }
    for row in 0..<rowCount {
      let start = gradient + offsets[term] + rowOffsets[row]
      for c in 0..<classCount { start[c * classStride] = sequenceGradient[row * classCount + c] }
    }
  }
}
