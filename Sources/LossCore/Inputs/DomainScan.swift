public import LossNumerics
internal import Synchronization

/// The inputs in which numbers outside the domain of the input are refused.
public enum DomainChecks: String, OptionChoice {
  /// All inputs.
  case all
  /// The data: targets, labels, weights and variances, not what a model gives.
  case data
  /// None: values are those of the formula, NaN where it has none.
  case none
}

extension InputSpecification {
  /// Whether the input is what a model gives: the leading one, if it has a gradient.
  func isModelOutput(at index: Int) -> Bool { index == 0 && isDifferentiable }

  /// The domain that is checked: weights of classes need not add up to 1.
  func checkedDomain(at index: Int) -> Domain {
    domain == .distribution && !isModelOutput(at: index) ? .nonNegative : domain
  }
}

extension InputSpecification.Domain {
  /// The smallest and the largest number of the domain, allowing for the rounding of a few
  /// operations on a probability; nil for a domain that holds every number.
  func bounds<S: LossScalar>(_ type: S.Type) -> (low: S, high: S)? {
    let above = 1 + 16 * S.ulpOfOne
    return switch self {
    case .any, .boxCorners, .relevance: nil
    case .nonNegative: (0, .infinity)
    case .probability, .distribution: (0, above)
    case .logDistribution: (-.infinity, 16 * S.ulpOfOne)
    case .oneHot, .binary: (0, 1)
    case .sign: (-1, 1)
    }
  }

  /// Whether the domain holds its bounds and no other number.
  var isPair: Bool { self == .oneHot || self == .binary || self == .sign }

  /// The numbers of the domain as a phrase that follows "expected".
  var expectation: String {
    switch self {
    case .any, .boxCorners, .relevance: "a number"
    case .nonNegative: "a number of at least zero"
    case .probability, .distribution: "a number from 0 to 1"
    case .logDistribution: "the logarithm of a probability, at most 0"
    case .oneHot, .binary: "0 or 1"
    case .sign: "-1 or +1"
    }
  }
}

/// The numbers of an input that has a domain, and the test that each must pass.
struct DomainItem<S: LossScalar> {
  let numbers: UnsafePointer<S>
  let count: Int
  /// The number of elements of each term, for an input that is scanned block by block.
  let share: Int
  /// The index in the signature.
  let input: Int
  let isPair: Bool
  let low: S
  let high: S

  init?(
    _ input: Int, _ specification: InputSpecification, _ numbers: UnsafePointer<S>, _ count: Int,
    termCount: Int
  ) {
    guard count > 0, let bounds = specification.checkedDomain(at: input).bounds(S.self)
    else { return nil }
    self.numbers = numbers
    self.count = count
    share = count / max(1, termCount)
    self.input = input
    isPair = specification.domain.isPair
    (low, high) = bounds
  }

  /// Whether the input is scanned block by block: a share of the same size for each term.
  func isLarge(for termCount: Int) -> Bool {
    count >= 8192 && termCount > 0 && count % termCount == 0
  }

  /// Whether a number is in the domain; NaN is, since it makes its term NaN.
  func contains(_ number: S) -> Bool {
    if number != number { return true }
    return isPair ? number == low || number == high : number >= low && number <= high
  }

  /// Whether all numbers of a range are in the domain; it may be false for a few that are.
  @inline(__always)
  func containsAll(_ range: Range<Int>) -> Bool {
    let numbers = numbers + range.lowerBound
    return isPair
      ? S.areEither(numbers, count: range.count, low, high)
      : S.areInside(numbers, count: range.count, low: low, high: high)
  }
}

/// The check of the inputs' domains, in the pass that reads them: the blocks of terms that were just
/// evaluated are scanned while they are in the cache.
@usableFromInline struct DomainScan<S: LossScalar>: ~Copyable {
  let items: [DomainItem<S>]
  let isSuspect = Atomic(false)

  init(_ items: [DomainItem<S>]) { self.items = items }

  /// Scans the share of each input that belongs to a range of terms.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func scan(_ terms: Range<Int>) {
    for index in items.indices {
      let share = items[index].share
      if !items[index].containsAll(terms.lowerBound * share..<terms.upperBound * share) {
        isSuspect.store(true, ordering: .relaxed)
      }
    }
  }
}

extension ValidatedInputs {
  /// Whether some input has a domain that is checked.
  var hasDomains: Bool { signature.hasDomains && request.domainChecks != .none }

  /// Checks the inputs that have a domain and are small, or not evaluated in blocks; returns the
  /// others.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func checkSmallDomains(
    inBlocks: Bool, removed: [Bool]?, mask: UnsafePointer<Bool>?
  ) throws(LossError) -> [DomainItem<S>] {
    let termCount = termCount
    var large: [DomainItem<S>] = []
    for index in signature.inputs.indices {
      guard let input = inputs[index], let numbers = input.real else { continue }
      let specification = signature.inputs[index]
      if request.domainChecks == .data, specification.isModelOutput(at: index) { continue }
      guard
        let item = DomainItem(index, specification, numbers, input.count, termCount: termCount)
      else { continue }
      if inBlocks, item.isLarge(for: termCount) {
        large.append(item)
      } else {
        try checkDomains(item, removed: removed, mask: mask)
      }
    }
    return large
  }

  /// Throws for the first number that is outside its domain and that a kept term reads.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func checkDomains(
    _ items: [DomainItem<S>], removed: [Bool]?, mask: UnsafePointer<Bool>?
  ) throws(LossError) {
    for item in items { try checkDomains(item, removed: removed, mask: mask) }
  }

  private func checkDomains(
    _ item: DomainItem<S>, removed: [Bool]?, mask: UnsafePointer<Bool>?
  ) throws(LossError) {
    if item.containsAll(0..<item.count) { return }
    for index in 0..<item.count where !item.contains(item.numbers[index]) {
      if isRemoved(index, of: item.input, removed, mask) { continue }
      throw domainError(item, index)
    }
  }

  /// Whether every term that reads an element of an input is removed.
  private func isRemoved(
    _ element: Int, of input: Int, _ removed: [Bool]?, _ mask: UnsafePointer<Bool>?
  ) -> Bool {
    guard let shape = inputs[input]?.shape else { return false }
    if let mask, shape == leading { return !mask[element] }
    guard let removed else { return false }
    if shape == termShape { return removed[element] }
    // One row along the class axis for each term: on a square input with the class axis first, the
    // shape alone would not tell which.
    if let axis = binding.classAxis, shape == leading, shape.removing(axis: axis) == termShape {
      let rows = binding.rows(of: leading)
      return removed[element / (rows.inner * rows.length) * rows.inner + element % rows.inner]
    }
    guard shape.extents.starts(with: termShape.extents) else { return false }
    return removed[element / max(1, shape.count / max(1, removed.count))]
  }

  private func domainError(_ item: DomainItem<S>, _ index: Int) -> LossError {
    let specification = signature.inputs[item.input]
    let number = item.numbers[index]
    return LossError(
      .invalidValue, subject: specification.role.name,
      found: "is \(number)\(at(index, inputs[item.input]?.shape ?? .scalar))",
      expected: specification.checkedDomain(at: item.input).expectation,
      hint: hint(specification.domain, Double(number)))
  }

  private func hint(_ domain: InputSpecification.Domain, _ number: Double) -> String {
    switch domain {
    case .sign where number == 0: "Labels of 0 and 1 become -1 and +1 as 2 y - 1."
    case .binary where number == -1: "Labels of -1 and +1 become 0 and 1 as (y + 1) / 2."
    case .probability where number == 255, .binary where number == 255,
      .oneHot where number == 255:
      "A mask of 0 and 255 is divided by 255."
    default: ""
    }
  }
}

extension FormLoss {
  /// An error with a hint that names only options of this loss: what to set where it takes the
  /// numbers of its leading input in another form.
  func explained(_ error: LossError, from signature: LossSignature) -> LossError {
    let names = Options.fields.map(\.name)
    if error.hint == LossError.classWeightsHint, !names.contains("class_weights") {
      var error = error
      error.hint = ""
      return error
    }
    if error.hint == LossError.ignoredClassHint, !names.contains("ignore_index") {
      var error = error
      error.hint = LossError.maskedClassHint
      return error
    }
    if error.code == .shapeMismatch, error.hint.isEmpty, error.subject == Role.target.name,
      let ignored = ignoredClass, ignored >= 0
    {
      var error = error
      error.hint = LossError.ignoredRowsHint(ignored)
      return error
    }
    guard error.code == .invalidValue, error.hint.isEmpty,
      let input = signature.inputs.first, error.subject == input.role.name
    else { return error }
    var error = error
    switch input.domain {
    case .probability, .distribution:
      if names.contains("activation") {
        error.hint = "For logits set activation to sigmoid or softmax."
      } else if names.contains("from_logits") {
        error.hint = "For logits set from_logits to true."
      }
    case .logDistribution:
      error.hint =
        names.contains("from_logits")
        ? "For logits set from_logits to true."
        : "For logits use log-softmax first, or cross_entropy."
    default: break
    }
    return error
  }
}
