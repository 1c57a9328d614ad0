internal import LossCore
internal import LossNumerics

/// The operations of a formula, in the order in which they were computed, with their values:
/// reverse-mode differentiation walks them backwards.
///
/// An operation works on whole vectors, so that a row takes a few records, whatever its length. The
/// memory grows to what the largest formula needs and is used again for the next.
struct Tape: ~Copyable {
  /// A vector of values, each of which is a number of the tape.
  struct Slots {
    let start: Int
    let count: Int
  }

  /// What an operation computes from its operands `a` and `b`.
  enum Kind: UInt8 {
    /// NaN, of vectors of different lengths.
    case mismatch
    case negate, exp, expMinusOne, log, logOnePlus, log1pExp, sigmoid, tanh, relu, magnitude
    case squareRoot
    case add, subtract, multiply, divide, maximum, minimum, xlogy, xlogRatio
    case addConstant, multiplyByConstant, divideByConstant, divideConstant, power
    case sum, dot, norm, logSumExp, largest, negativeLogLikelihood
    case softmax, normalized, cumulativeSum, cumulativeLogSumExp, gather, products
  }

  /// The error for a term that is NaN though no input is.
  func nanError(term: Int) -> LossError {
    let cause =
      firstNaN().map { "the first NaN is that of \($0.name)" }
      ?? "it reads an element outside a vector"
    return LossError(
      .invalidValue, subject: "term \(term)", found: "is NaN for inputs without NaN; \(cause)",
      expected: "a number")
  }

  struct Operation {
    let kind: Kind
    let result: Slots
    let a: Slots
    let b: Slots
    let constant: Double
  }

  private(set) var values = Arena<Double>()
  private(set) var operations = Arena<Operation>()
  private var adjoints = Arena<Double>()

  /// Forgets all operations and keeps the memory.
  mutating func reset() {
    values.count = 0
    operations.count = 0
  }

  /// Records numbers, converted.
  @specialized(where S == Float)
  @specialized(where S == Double)
  mutating func input<S: LossScalar>(_ numbers: UnsafePointer<S>, _ count: Int) -> Slots {
    let slots = input(count)
    let memory = values.pointer + slots.start
    for k in 0..<count { memory[k] = Double(numbers[k]) }
    return slots
  }

  /// Records numbers that nothing on the tape computes.
  mutating func input(_ count: Int) -> Slots {
    let slots = Slots(start: values.count, count: count)
    values.grow(by: count)
    return slots
  }

  /// Computes and records an operation.
  mutating func record(
    _ kind: Kind, _ a: Slots, _ b: Slots? = nil, constant: Double = 0, count: Int
  ) -> Slots {
    let result = input(count)
    // The derivatives follow the result.
    if kind == .logSumExp || kind == .negativeLogLikelihood { values.grow(by: a.count) }
    let operation = Operation(kind: kind, result: result, a: a, b: b ?? a, constant: constant)
    operations.grow(by: 1)
    operations[operations.count - 1] = operation
    operation.compute(values.pointer)
    return result
  }

  /// The first operation that gives NaN; nil if it has read one, from outside a vector.
  private func firstNaN() -> Kind? {
    func holdsNaN(_ slots: Slots) -> Bool {
      (slots.start..<slots.start + slots.count).contains { values[$0].isNaN }
    }
    for index in 0..<operations.count where holdsNaN(operations[index].result) {
      let operation = operations[index]
      return holdsNaN(operation.a) || holdsNaN(operation.b) ? nil : operation.kind
    }
    return nil
  }

  /// Computes the derivatives of a sum of numbers, each times a factor, with respect to every slot.
  mutating func differentiate(_ results: Slots, _ factor: (Int) -> Double) {
    adjoints.count = 0
    adjoints.grow(by: values.count)
    adjoints.pointer.update(repeating: 0, count: values.count)
    for index in 0..<results.count { adjoints[results.start + index] = factor(index) }
    for index in stride(from: operations.count - 1, through: 0, by: -1) {
      operations[index].propagate(values.pointer, adjoints.pointer)
    }
  }

  /// Writes the derivatives with respect to some slots.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func writeDerivatives<S: LossScalar>(_ slots: Slots, to out: UnsafeMutablePointer<S>) {
    let memory = adjoints.pointer + slots.start
    for k in 0..<slots.count { out[k] = S(memory[k]) }
  }

  mutating func set(_ slot: Int, _ value: Double) { values[slot] = value }
}

/// Memory for a growing number of trivial values.
struct Arena<Element: BitwiseCopyable>: ~Copyable {
  private(set) var pointer: UnsafeMutablePointer<Element>
  private var capacity: Int
  var count = 0

  init() {
    capacity = 256
    pointer = .allocate(capacity: capacity)
  }

  deinit { pointer.deallocate() }

  /// Appends uninitialized elements.
  mutating func grow(by extra: Int) {
    if count + extra > capacity {
      let larger = max(2 * capacity, count + extra)
      let memory = UnsafeMutablePointer<Element>.allocate(capacity: larger)
      memory.update(from: pointer, count: count)
      pointer.deallocate()
      (pointer, capacity) = (memory, larger)
    }
    count += extra
  }

  subscript(index: Int) -> Element {
    get { pointer[index] }
    set { pointer[index] = newValue }
  }
}

extension Tape.Kind {
  /// The operation as a formula writes it.
  var name: String {
    switch self {
    case .mismatch: "two vectors of different lengths"
    case .negate, .subtract: "-"
    case .add, .addConstant: "+"
    case .multiply, .multiplyByConstant: "*"
    case .divide, .divideByConstant, .divideConstant: "/"
    case .logOnePlus: "log(onePlus:)"
    case .power: "pow"
    case .largest: "maximum()"
    case .gather: "elements(at:)"
    case .products: "products(with:)"
    case .exp, .expMinusOne, .log, .log1pExp, .sigmoid, .tanh, .relu, .magnitude, .squareRoot,
      .maximum, .minimum, .xlogy, .xlogRatio, .sum, .dot, .norm, .logSumExp,
      .negativeLogLikelihood, .softmax, .normalized, .cumulativeSum, .cumulativeLogSumExp:
      "\(self)"
    }
  }
}
