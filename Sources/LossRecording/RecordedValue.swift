internal import LossNumerics

/// The result of a recorded operation: one number or a vector of them.
///
/// The functions compute at once, and record what they computed, so that the derivatives of the last
/// result with respect to all inputs follow in one pass backwards. They have the derivatives that
/// `DualNumber` has.
public protocol RecordedValue {
  /// The number of elements.
  var count: Int { get }
  /// The operations and where the elements are.
  var recording: Recording { get }
  /// The value at the elements of a recording.
  init(_ recording: Recording)
}

/// Where a result is recorded.
///
/// It is valid while the term that it belongs to is computed.
public struct Recording {
  let tape: UnsafeMutablePointer<Tape>
  let slots: Tape.Slots
}

/// A recorded number.
public struct RecordedNumber: RecordedValue {
  /// The operations and where the number is.
  public let recording: Recording
  /// 1.
  public var count: Int { 1 }
  /// The number of a recording.
  public init(_ recording: Recording) { self.recording = recording }

  /// The number.
  public var value: Double { recording.tape.pointee.values[recording.slots.start] }
}

/// A recorded vector, such as a row of predictions.
public struct RecordedVector: RecordedValue {
  /// The operations and where the elements are.
  public let recording: Recording
  /// The number of elements.
  public var count: Int { recording.slots.count }
  /// The vector of a recording.
  public init(_ recording: Recording) { self.recording = recording }

  /// An element; NaN outside the vector.
  public subscript(index: Int) -> RecordedNumber {
    guard index >= 0, index < count else { return recording.constant(.nan) }
    return RecordedNumber(
      Recording(
        tape: recording.tape, slots: Tape.Slots(start: recording.slots.start + index, count: 1)))
  }

  /// The numbers.
  public var values: [Double] {
    let slots = recording.slots
    return (0..<count).map { recording.tape.pointee.values[slots.start + $0] }
  }
}

extension RecordedValue {
  func apply(_ kind: Tape.Kind, constant: Double = 0) -> Self {
    Self(recording.applying(kind, constant: constant, count: count))
  }

  /// The negative.
  public static prefix func - (x: Self) -> Self { x.apply(.negate) }
  /// The sum with a constant.
  public static func + (x: Self, constant: Double) -> Self {
    x.apply(.addConstant, constant: constant)
  }
  /// The sum with a constant.
  public static func + (constant: Double, x: Self) -> Self { x + constant }
  /// The difference to a constant.
  public static func - (x: Self, constant: Double) -> Self { x + -constant }
  /// The difference from a constant.
  public static func - (constant: Double, x: Self) -> Self { -x + constant }
  /// The product with a constant.
  public static func * (x: Self, constant: Double) -> Self {
    x.apply(.multiplyByConstant, constant: constant)
  }
  /// The product with a constant.
  public static func * (constant: Double, x: Self) -> Self { x * constant }
  /// The quotient by a constant.
  public static func / (x: Self, constant: Double) -> Self {
    x.apply(.divideByConstant, constant: constant)
  }
  /// A constant divided by each element.
  public static func / (constant: Double, x: Self) -> Self {
    x.apply(.divideConstant, constant: constant)
  }

  /// The absolute value; its derivative at 0 is 0.
  public var magnitude: Self { apply(.magnitude) }
  /// The square root.
  public func squareRoot() -> Self { apply(.squareRoot) }
  /// e^x.
  public static func exp(_ x: Self) -> Self { x.apply(.exp) }
  /// e^x - 1, without cancellation near 0.
  public static func expMinusOne(_ x: Self) -> Self { x.apply(.expMinusOne) }
  /// The natural logarithm.
  public static func log(_ x: Self) -> Self { x.apply(.log) }
  /// log(1 + x), exact for a small x.
  public static func log(onePlus x: Self) -> Self { x.apply(.logOnePlus) }
  /// The softplus log(1 + e^x).
  public static func log1pExp(_ x: Self) -> Self { x.apply(.log1pExp) }
  /// The logarithm of the logistic function.
  public static func logSigmoid(_ x: Self) -> Self { -log1pExp(-x) }
  /// The logistic function.
  public static func sigmoid(_ x: Self) -> Self { x.apply(.sigmoid) }
  /// The hyperbolic tangent.
  public static func tanh(_ x: Self) -> Self { x.apply(.tanh) }
  /// max(0, x); its derivative at 0 is 0.
  public static func relu(_ x: Self) -> Self { x.apply(.relu) }
  /// x to a constant power.
  public static func pow(_ x: Self, _ exponent: Double) -> Self {
    x.apply(.power, constant: exponent)
  }
}

extension Recording {
  func constant(_ number: Double) -> RecordedNumber {
    let slots = tape.pointee.input(1)
    tape.pointee.set(slots.start, number)
    return RecordedNumber(Recording(tape: tape, slots: slots))
  }

  func applying(
    _ kind: Tape.Kind, _ other: Recording? = nil, constant: Double = 0, count: Int
  ) -> Recording {
    Recording(
      tape: tape,
      slots: tape.pointee.record(kind, slots, other?.slots, constant: constant, count: count))
  }
}

// Operations of two values of a kind. Vectors of different lengths give NaN in each element.
extension RecordedValue {
  func apply(_ kind: Tape.Kind, _ other: some RecordedValue) -> Self {
    guard other.count == count || other.count == 1 else { return apply(.mismatch) }
    return Self(recording.applying(kind, other.recording, count: count))
  }

  /// The sum.
  public static func + (a: Self, b: Self) -> Self { a.apply(.add, b) }
  /// The difference.
  public static func - (a: Self, b: Self) -> Self { a.apply(.subtract, b) }
  /// The product.
  public static func * (a: Self, b: Self) -> Self { a.apply(.multiply, b) }
  /// The quotient.
  public static func / (a: Self, b: Self) -> Self { a.apply(.divide, b) }
  /// The larger; of equal numbers, the second has the derivative.
  public static func maximum(_ a: Self, _ b: Self) -> Self { a.apply(.maximum, b) }
  /// The smaller; of equal numbers, the second has the derivative.
  public static func minimum(_ a: Self, _ b: Self) -> Self { a.apply(.minimum, b) }
  /// x log y, and 0 where x is 0.
  public static func xlogy(_ x: Self, _ y: Self) -> Self { x.apply(.xlogy, y) }
  /// x log(x / y), and 0 where x is 0, with the derivative 0 (SciPy's `rel_entr`).
  public static func xlogRatio(_ x: Self, _ y: Self) -> Self { x.apply(.xlogRatio, y) }
}
