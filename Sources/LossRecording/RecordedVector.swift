internal import LossNumerics

extension RecordedVector {
  /// A number added to each element.
  public static func + (a: Self, b: RecordedNumber) -> Self { a.apply(.add, b) }
  /// A number subtracted from each element.
  public static func - (a: Self, b: RecordedNumber) -> Self { a.apply(.subtract, b) }
  /// Each element times a number.
  public static func * (a: Self, b: RecordedNumber) -> Self { a.apply(.multiply, b) }
  /// Each element divided by a number.
  public static func / (a: Self, b: RecordedNumber) -> Self { a.apply(.divide, b) }

  private func reduced(_ kind: Tape.Kind, _ other: RecordedVector? = nil) -> RecordedNumber {
    RecordedNumber(recording.applying(kind, other?.recording, count: 1))
  }

  /// The sum; 0 of no elements.
  public func sum() -> RecordedNumber { reduced(.sum) }
  /// The mean.
  public func mean() -> RecordedNumber { sum() / Double(count) }
  /// The dot product. Vectors of different lengths give NaN.
  public func dot(_ other: RecordedVector) -> RecordedNumber {
    other.count == count ? reduced(.dot, other) : reduced(.mismatch)
  }
  /// The Euclidean norm, without overflow; its derivative at 0 is 0.
  public func norm() -> RecordedNumber { reduced(.norm) }
  /// log Σ e^x, without overflow; -∞ of no elements.
  public func logSumExp() -> RecordedNumber { reduced(.logSumExp) }
  /// log Σ e^x - x[index], the cross entropy of logits with a class, accurate for a confident
  /// prediction; NaN outside the vector.
  public func negativeLogLikelihood(of index: Int) -> RecordedNumber {
    guard 0..<count ~= index else { return recording.constant(.nan) }
    return RecordedNumber(
      recording.applying(.negativeLogLikelihood, constant: Double(index), count: 1))
  }
  /// The largest element; of equal ones, the first has the derivative.
  public func maximum() -> RecordedNumber { reduced(.largest) }

  /// e^x / Σ e^x, without overflow.
  public func softmax() -> RecordedVector { apply(.softmax) }
  /// x - log Σ e^x.
  public func logSoftmax() -> RecordedVector { self - logSumExp() }
  /// The vector divided by its norm; 0 for a vector of zeros, with the derivative 0.
  public func normalized() -> RecordedVector { apply(.normalized) }
  /// The sums of the elements up to each.
  public func cumulativeSum() -> RecordedVector { apply(.cumulativeSum) }
  /// log Σ e^x of the elements up to each, without overflow.
  public func cumulativeLogSumExp() -> RecordedVector { apply(.cumulativeLogSumExp) }

  /// The elements at some indices, in their order; one outside the vector is left out.
  public func elements(at indices: some Sequence<Int>) -> RecordedVector {
    let start = recording.slots.start
    let slots = indices.lazy.filter { 0..<count ~= $0 }.map { Double(start + $0) }
    return gather(Array(slots))
  }
  /// The elements in reverse order.
  public func reversed() -> RecordedVector { elements(at: (0..<count).reversed()) }
  /// The elements in the order of other numbers, equal ones in their own order. The order has no
  /// derivative.
  public func sorted(by keys: [Double], descending: Bool = false) -> RecordedVector {
    let order = (0..<min(count, keys.count)).sorted { i, j in
      let (a, b) = (keys[i], keys[j])
      return a == b ? i < j : descending ? a > b : a < b
    }
    return elements(at: order)
  }
  /// The elements in the order of the values of another vector.
  public func sorted(by keys: RecordedVector, descending: Bool = false) -> RecordedVector {
    sorted(by: keys.values, descending: descending)
  }

  /// Numbers as a vector; nil for none.
  public init?(_ numbers: [RecordedNumber]) {
    guard let first = numbers.first else { return nil }
    let vector = RecordedVector(first.recording)
    self = vector.gather(numbers.map { Double($0.recording.slots.start) })
  }

  func gather(_ slots: [Double]) -> RecordedVector {
    let tape = recording.tape
    let indices = tape.pointee.input(slots.count)
    for (offset, slot) in slots.enumerated() { tape.pointee.set(indices.start + offset, slot) }
    return RecordedVector(
      recording.applying(.gather, Recording(tape: tape, slots: indices), count: slots.count))
  }
}
