/// A loss whose term is a formula of one sequence: a table of time by class, and its labels.
///
/// The table of a transducer has one axis more, `"... time label+1 class"`: at each time step a row
/// of classes for each number of labels that have been said by then.
///
/// The form knows where each sequence lies and how long it is; it checks the labels that count,
/// zeroes the gradient of padding, and gives the loss room to work in.
public protocol SequenceLoss: FormLoss {
  /// A class that no label may be, such as the blank; nil for none.
  func forbiddenLabel(classCount: Int) -> Int?
  /// How many numbers of working memory one sequence needs, and how many it can make use of, where
  /// more memory saves time. What it is given must not change the result.
  func workspaceCount(time: Int, labels: Int, classes: Int) -> ClosedRange<Int>
  /// The term of one sequence; writes its gradient, multiplied by the coefficient, if wanted.
  func term<S: LossScalar>(
    _ sequence: SequenceView<S>, workspace: UnsafeMutableBufferPointer<Double>
  ) -> S
}

/// One sequence: predictions for each time step and class, and the labels.
public struct SequenceView<S: LossScalar> {
  /// How many time steps count.
  public let time: Int
  /// How many rows of classes a time step has in memory: one, or one for each number of labels, of
  /// which only those up to the number of labels that count are read.
  public let rowsPerStep: Int
  /// The number of classes.
  public let classCount: Int
  /// The predictions, time step by time step.
  public let prediction: UnsafePointer<S>
  /// The labels that count.
  public let labels: UnsafeBufferPointer<Int>
  /// Where the gradient goes, laid out as the predictions; nil if it is not wanted.
  public let gradient: UnsafeMutablePointer<S>?
  /// What the gradient is multiplied by.
  public let gradientScale: S

  @usableFromInline
  init(
    time: Int, rowsPerStep: Int, classCount: Int, prediction: UnsafePointer<S>,
    labels: UnsafeBufferPointer<Int>, gradient: UnsafeMutablePointer<S>?, gradientScale: S
  ) {
    self.time = time
    self.rowsPerStep = rowsPerStep
    self.classCount = classCount
    self.prediction = prediction
    self.labels = labels
    self.gradient = gradient
    self.gradientScale = gradientScale
  }
}

extension LossSignature {
  /// The signature of sequence losses: predictions by time and class, labels, and both lengths.
  public static let sequence = sequence(.any)
  /// The same with predictions that are logarithms of probabilities.
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
  /// A term for each sequence.
  public var termLayout: TermLayout? { .samples }
  /// Predictions by time and class, labels, and both lengths.
  public var signature: LossSignature { .sequence }

  /// Walks the sequences.
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    guard pass.termCount > 0 else { return }
    let pass = copy pass
    let kernel = SequenceKernel(pass)
    try kernel.checkLabels(pass, forbidden: forbiddenLabel(classCount: kernel.classCount))
    let useful = workspaceCount(
      time: kernel.time, labels: kernel.labelCount, classes: kernel.classCount)
    let size = kernel.rowCount * kernel.classCount
    let tables = kernel.isContiguous ? 0 : 2 * size
    let (least, overflow) = useful.lowerBound.addingReportingOverflow(tables)
    let most = SequenceWorkspace.most
    guard !overflow, least <= most else {
      throw LossError(
        .invalidValue, subject: Role.target.name,
        found: "needs a table of \(useful.lowerBound) numbers for each sequence",
        expected: "fewer than \(most)")
    }
    let workers = max(1, min(pass.threads, pass.termCount, most / max(1, least)))
    let workspace = min(
      max(useful.lowerBound, SequenceWorkspace.usual / workers), useful.upperBound)
    let share = workspace + tables
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: max(1, workers * share))
    defer { memory.deallocate() }
    pass.forEachBlock(
      elementsPerTerm: max(size, Blocks.elementsInChunk), workers: workers
    ) { range, terms, worker in
      let own = memory + worker * share
      kernel.withTables(own + workspace, of: S.self) { tables in
        for term in range {
          let isRemoved = pass.isRemoved(term)
          if !isRemoved, let sequence = kernel.sequence(term, pass, tables) {
            terms[term - range.lowerBound] = self.term(
              sequence, workspace: UnsafeMutableBufferPointer(start: own, count: workspace))
          } else {
            terms[term - range.lowerBound] = 0
          }
          kernel.finishGradient(term, pass, tables, isRemoved: isRemoved)
        }
      }
    }
  }
}

/// How much working memory there is for all sequences that are computed at once.
@usableFromInline enum SequenceWorkspace {
  /// What they share where they need less: 600 KiB.
  @usableFromInline static var usual: Int { 75 << 10 }
  /// More than any machine has, which an empty axis can ask for: 64 GiB.
  @usableFromInline static var most: Int { 1 << 33 }
}

/// Where the sequences of a pass lie.
@usableFromInline struct SequenceKernel: Sendable {
  @usableFromInline let time: Int
  @usableFromInline let classCount: Int
  @usableFromInline let labelCount: Int
  /// How many rows of classes a time step has.
  @usableFromInline let rowsPerStep: Int
  /// Whether a step has a row for each number of labels.
  @usableFromInline let hasRowsOfLabels: Bool
  /// Whether each sequence is one block of memory, time step by time step.
  @usableFromInline let isContiguous: Bool
  @usableFromInline let classStep: Int
  /// Where each sequence begins, and each row in it, if they are not blocks one after the other.
  @usableFromInline let offsets: [Int]
  @usableFromInline let rowOffsets: [Int]

  /// How many rows a sequence has.
  @usableFromInline var rowCount: Int { time * rowsPerStep }

  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  init<S: LossScalar>(_ pass: KernelContext<S>) {
    let shape = pass.inputs[0]?.shape ?? .scalar
    let classAxis = pass.classAxis ?? max(0, shape.rank - 1)
    // A target has the axes of the terms and that of its labels.
    let sampleRank = max(0, (pass.inputs[1]?.shape.rank ?? 1) - 1)
    var (othersBefore, rows) = (0, 1)
    for axis in 0..<shape.rank where axis != classAxis {
      if othersBefore > sampleRank { rows *= shape.extents[axis] }
      othersBefore += 1
    }
    time = pass.extent("time")
    classCount = pass.extent("class")
    labelCount = pass.extent("label")
    hasRowsOfLabels = othersBefore > sampleRank + 1
    rowsPerStep = rows
    isContiguous = classAxis == shape.rank - 1
    guard !isContiguous else {
      classStep = 1
      offsets = []
      rowOffsets = []
      return
    }
    let others = (0..<shape.rank).filter { $0 != classAxis }
    let steps = shape.steps { _ in true }
    func places(_ axes: ArraySlice<Int>) -> [Int] {
      Shape(trusted: axes.map { shape.extents[$0] }).offsets(steps: axes.map { steps[$0] })
    }
    classStep = steps.indices.contains(classAxis) ? steps[classAxis] : 1
    offsets = places(others.prefix(sampleRank))
    rowOffsets = places(others.dropFirst(sampleRank))
  }

  /// Calls a function with room for the table of a sequence and for its gradient, if they have to be
  /// copied: memory of `Double`s of which at least as many are there.
  @inlinable
  func withTables<S: LossScalar>(
    _ memory: UnsafeMutablePointer<Double>, of type: S.Type,
    _ body: (UnsafeMutablePointer<S>?) -> Void
  ) {
    guard !isContiguous else { return body(nil) }
    memory.withMemoryRebound(to: S.self, capacity: 2 * rowCount * classCount) { body($0) }
  }

  @usableFromInline
  func timeCount<S: LossScalar>(_ term: Int, _ pass: KernelContext<S>) -> Int {
    pass.integers(2)?[term] ?? time
  }

  @usableFromInline
  func labelCount<S: LossScalar>(_ term: Int, _ pass: KernelContext<S>) -> Int {
    pass.integers(3)?[term] ?? labelCount
  }

  /// How many rows of each step count.
  @usableFromInline
  func rowsPerStep<S: LossScalar>(_ term: Int, _ pass: KernelContext<S>) -> Int {
    hasRowsOfLabels ? labelCount(term, pass) + 1 : 1
  }

  /// Checks the labels that count.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func checkLabels<S: LossScalar>(
    _ pass: KernelContext<S>, forbidden: Int?
  ) throws(LossError) {
    guard let labels = pass.integers(1), let shape = pass.inputs[1]?.shape else { return }
    for term in 0..<pass.termCount where !pass.isRemoved(term) {
      for index in 0..<labelCount(term, pass) {
        let label = labels[term * labelCount + index]
        guard label < 0 || label >= classCount || label == forbidden else { continue }
        let isBlank = label == forbidden
        throw LossError(
          .invalidClass, subject: Role.target.name,
          found: "is \(label)\(at(term * labelCount + index, shape))",
          expected: "a class in 0 ..< \(classCount)"
            + (forbidden.map { " other than \($0), the blank" } ?? ""),
          hint: isBlank ? "Labels are real symbols; the blank only separates them." : "")
      }
    }
  }

  /// One sequence, copied to `tables` where the class axis is not the last.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func sequence<S: LossScalar>(
    _ term: Int, _ pass: KernelContext<S>, _ tables: UnsafeMutablePointer<S>?
  ) -> SequenceView<S>? {
    guard let prediction = pass.real(0), let labels = pass.integers(1) else { return nil }
    let size = rowCount * classCount
    let steps = timeCount(term, pass)
    if let tables {
      for row in 0..<(steps * rowsPerStep) {
        let start = prediction + offsets[term] + rowOffsets[row]
        for c in 0..<classCount { tables[row * classCount + c] = start[c * classStep] }
      }
    }
    let copies = tables.map { $0 + size }
    let gradient = pass.gradient(0).map { copies ?? $0 + term * size }
    return SequenceView(
      time: steps, rowsPerStep: rowsPerStep, classCount: classCount,
      prediction: tables.map { UnsafePointer($0) } ?? prediction + term * size,
      labels: UnsafeBufferPointer(
        start: labels + term * labelCount, count: labelCount(term, pass)),
      gradient: gradient, gradientScale: pass.gradientScale(term))
  }

  /// Zeroes the gradient of padding, or of a removed sequence, and copies back what was copied.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func finishGradient<S: LossScalar>(
    _ term: Int, _ pass: KernelContext<S>, _ tables: UnsafeMutablePointer<S>?, isRemoved: Bool
  ) {
    guard let gradient = pass.gradient(0) else { return }
    let size = rowCount * classCount
    let steps = isRemoved ? 0 : timeCount(term, pass)
    let rows = rowsPerStep(term, pass)
    let own = tables.map { $0 + size } ?? gradient + term * size
    for step in 0..<time {
      let start = own + step * rowsPerStep * classCount
      let end = step < steps ? rows * classCount : 0
      for place in end..<(rowsPerStep * classCount) { start[place] = 0 }
    }
    guard tables != nil else { return }
    for row in 0..<rowCount {
      let start = gradient + offsets[term] + rowOffsets[row]
      for c in 0..<classCount { start[c * classStep] = own[row * classCount + c] }
    }
  }
}
