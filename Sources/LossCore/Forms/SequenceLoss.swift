/// A loss whose term is a formula of one sequence: a table of time by class, and its labels.
///
/// The form knows where each sequence lies and how long it is; it checks the labels that count,
/// zeroes the gradient of padding, and gives the loss room to work in.
public protocol SequenceLoss: FormLoss {
  /// A class that no label may be, such as the blank; nil for none.
  func forbiddenLabel(classCount: Int) -> Int?
  /// How many numbers of working memory one sequence needs.
  func workspaceCount(time: Int, labels: Int, classes: Int) -> Int
  /// The term of one sequence; writes its gradient, multiplied by the coefficient, if wanted.
  func term<S: LossScalar>(
    _ sequence: SequenceView<S>, workspace: UnsafeMutablePointer<Double>
  ) -> S
}

/// One sequence: predictions for each time step and class, and the labels.
public struct SequenceView<S: LossScalar> {
  /// How many time steps count.
  public let time: Int
  /// The number of classes.
  public let classCount: Int
  /// The predictions, time step by time step.
  public let prediction: UnsafePointer<S>
  /// The labels that count.
  public let labels: UnsafeBufferPointer<Int>
  /// Where the gradient goes, laid out as the predictions; nil if it is not wanted.
  public let gradient: UnsafeMutablePointer<S>?
  /// What the gradient is multiplied by.
  public let coefficient: S

  @usableFromInline
  init(
    time: Int, classCount: Int, prediction: UnsafePointer<S>, labels: UnsafeBufferPointer<Int>,
    gradient: UnsafeMutablePointer<S>?, coefficient: S
  ) {
    self.time = time
    self.classCount = classCount
    self.prediction = prediction
    self.labels = labels
    self.gradient = gradient
    self.coefficient = coefficient
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
  /// Predictions by time and class, labels, and both lengths.
  public var signature: LossSignature { .sequence }

  /// Walks the sequences.
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) {
    guard pass.termCount > 0 else { return }
    let pass = copy pass
    let walk = SequenceWalk(pass)
    try walk.checkLabels(pass, forbidden: forbiddenLabel(classCount: walk.classCount))
    let workspace = workspaceCount(
      time: walk.time, labels: walk.labelCount, classes: walk.classCount)
    // More than any machine has, which an empty axis can ask for: 64 GiB.
    guard workspace <= 1 << 33 else {
      throw LossError(
        .invalidValue, subject: Role.target.name,
        found: "needs a table of \(workspace) numbers for each sequence",
        expected: "fewer than \(1 << 33)")
    }
    let size = walk.time * walk.classCount
    pass.forEachBlock(elementsPerTerm: max(size, Blocks.elementsInChunk)) { range, terms in
      let memory = UnsafeMutablePointer<Double>.allocate(capacity: max(1, workspace))
      let tables = walk.isContiguous ? nil : UnsafeMutablePointer<S>.allocate(capacity: 2 * size)
      defer {
        memory.deallocate()
        tables?.deallocate()
      }
      for term in range {
        let isRemoved = pass.isRemoved(term)
        if !isRemoved, let sequence = walk.sequence(term, pass, tables) {
          terms[term - range.lowerBound] = self.term(sequence, workspace: memory)
        } else {
          terms[term - range.lowerBound] = 0
        }
        walk.finishGradient(term, pass, tables, isRemoved: isRemoved)
      }
    }
  }
}

/// Where the sequences of a pass lie.
@usableFromInline struct SequenceWalk: Sendable {
  @usableFromInline let time: Int
  @usableFromInline let classCount: Int
  @usableFromInline let labelCount: Int
  /// Whether each sequence is one block of memory, time step by time step.
  @usableFromInline let isContiguous: Bool
  @usableFromInline let timeStep: Int
  @usableFromInline let classStep: Int
  /// Where each sequence begins, if they are not blocks one after the other.
  @usableFromInline let offsets: [Int]

  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  init<S: LossScalar>(_ pass: LossPass<S>) {
    let shape = pass.inputs[0]?.shape ?? .scalar
    let classAxis = pass.classAxis ?? max(0, shape.rank - 1)
    time = pass.extent("time")
    classCount = pass.extent("class")
    labelCount = pass.extent("label")
    isContiguous = classAxis == shape.rank - 1
    guard !isContiguous else {
      timeStep = classCount
      classStep = 1
      offsets = []
      return
    }
    let steps = shape.steps { _ in true }
    let others = (0..<shape.rank).filter { $0 != classAxis }
    classStep = steps.indices.contains(classAxis) ? steps[classAxis] : 1
    timeStep = others.last.map { steps[$0] } ?? 1
    let rest = others.dropLast()
    offsets = Shape(trusted: rest.map { shape.extents[$0] }).offsets(steps: rest.map { steps[$0] })
  }

  @usableFromInline
  func timeCount<S: LossScalar>(_ term: Int, _ pass: LossPass<S>) -> Int {
    pass.integers(2)?[term] ?? time
  }

  @usableFromInline
  func labelCount<S: LossScalar>(_ term: Int, _ pass: LossPass<S>) -> Int {
    pass.integers(3)?[term] ?? labelCount
  }

  /// Checks the labels that count.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func checkLabels<S: LossScalar>(
    _ pass: LossPass<S>, forbidden: Int?
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
    _ term: Int, _ pass: LossPass<S>, _ tables: UnsafeMutablePointer<S>?
  ) -> SequenceView<S>? {
    guard let prediction = pass.real(0), let labels = pass.integers(1) else { return nil }
    let size = time * classCount
    let steps = timeCount(term, pass)
    if let tables {
      for t in 0..<steps {
        for c in 0..<classCount {
          tables[t * classCount + c] = prediction[offsets[term] + t * timeStep + c * classStep]
        }
      }
    }
    let copies = tables.map { $0 + size }
    let gradient = pass.gradient(0).map { copies ?? $0 + term * size }
    return SequenceView(
      time: steps, classCount: classCount,
      prediction: tables.map { UnsafePointer($0) } ?? prediction + term * size,
      labels: UnsafeBufferPointer(
        start: labels + term * labelCount, count: labelCount(term, pass)),
      gradient: gradient, coefficient: pass.coefficient(term))
  }

  /// Zeroes the gradient of padding, or of a removed sequence, and copies back what was copied.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func finishGradient<S: LossScalar>(
    _ term: Int, _ pass: LossPass<S>, _ tables: UnsafeMutablePointer<S>?, isRemoved: Bool
  ) {
    guard let gradient = pass.gradient(0) else { return }
    let steps = isRemoved ? 0 : timeCount(term, pass)
    let size = time * classCount
    guard let tables else {
      for place in (term * size + steps * classCount)..<((term + 1) * size) { gradient[place] = 0 }
      return
    }
    for t in 0..<time {
      for c in 0..<classCount {
        let place = offsets[term] + t * timeStep + c * classStep
        gradient[place] = t < steps ? tables[size + t * classCount + c] : 0
      }
    }
  }
}
