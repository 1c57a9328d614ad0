import LossCore

/// The maximum difference between a number and the expected one.
///
/// Default: 4 units in the last place of the expected number in `f32`, 8 in `f64`. With every
/// tolerance, a wrong sign fails, NaN equals only NaN, and an infinity equals only itself.
enum Tolerance: Decodable, Hashable {
  case ulp(Double)
  case absolute(Double)
  case relative(Double)

  init(from decoder: any Decoder) throws {
    let fields = try StrictFields(
      decoder, required: [], optional: ["ulp", "absolute", "relative"])
    guard fields.count == 1 else {
      throw fields.error("tolerance", "must be one of ulp, absolute, relative")
    }
    let bound: Double
    if let ulp: Double = try fields.optional("ulp") {
      self = .ulp(ulp)
      bound = ulp
    } else if let absolute: Double = try fields.optional("absolute") {
      self = .absolute(absolute)
      bound = absolute
    } else {
      bound = try fields.value("relative")
      self = .relative(bound)
    }
    guard bound >= 0 else {
      throw fields.error("tolerance", "is \(bound); expected a number of at least 0")
    }
  }

  static func standard(_ element: ElementType) -> Tolerance { .ulp(element == .float32 ? 4 : 8) }

  /// An absolute bound on rounding errors of `Double` as one of `Float`; bounds on other differences,
  /// such as the printed digits of a documentation, are the same.
  var inFloat: Tolerance {
    if case .absolute(let bound) = self, bound < 1e-12 { .absolute(bound * 0x1p29) } else { self }
  }

  /// The reason why a number does not match; nil if it is within the tolerance.
  func mismatch(_ got: Double, _ expected: Double, _ element: ElementType) -> String? {
    if got == expected || (got.isNaN && expected.isNaN) { return nil }
    guard got.isFinite, expected.isFinite else { return "not the expected one" }
    let distance = (got - expected).magnitude
    let ulps = distance / Self.ulp(of: expected, element)
    let isWithin =
      switch self {
      case .ulp(let ulp): ulps <= ulp
      case .absolute(let absolute): distance <= absolute
      case .relative(let relative): distance <= relative * expected.magnitude
      }
    // An absolute tolerance above the expected magnitude includes numbers of the other sign.
    let allowsOtherSign =
      if case .absolute(let bound) = self { expected.magnitude <= bound } else { false }
    let isWrongSign = got != 0 && expected != 0 && (got < 0) != (expected < 0) && !allowsOtherSign
    if isWithin && !isWrongSign { return nil }
    let sign = isWrongSign ? ", and of the wrong sign" : ""
    return "off by \(distance) = \(Self.short(ulps)) ulp, allowed \(self)\(sign)"
  }

  /// The same for a number that was rounded to half precision: it must be a number within the
  /// tolerance, rounded.
  func mismatch(
    _ got: Double, _ expected: Double, _ element: ElementType, roundedTo half: ElementType?
  ) -> String? {
    guard let half, expected.isFinite else { return mismatch(got, expected, element) }
    let distance =
      switch self {
      case .ulp(let ulp): ulp * Self.ulp(of: expected, element)
      case .absolute(let absolute): absolute
      case .relative(let relative): relative * expected.magnitude
      }
    let bounds = AnyTensor(Tensor([expected - distance, expected, expected + distance]))
    guard let rounded = try? bounds.cast(to: half).doubles else { return "not rounded" }
    if got >= rounded[0], got <= rounded[2] { return nil }
    return "not \(rounded[1]), which it is rounded to \(half.rawValue)"
  }

  static func ulp(of number: Double, _ element: ElementType) -> Double {
    element == .float32 ? Double(Float(number).ulp) : number.ulp
  }

  private static func short(_ number: Double) -> String {
    number < 1e6 ? String((number * 10).rounded() / 10) : String(number)
  }
}

extension Tolerance: CustomStringConvertible {
  var description: String {
    switch self {
    case .ulp(let ulp): "\(OptionValue.number(ulp).text) ulp"
    case .absolute(let absolute): "\(absolute)"
    case .relative(let relative): "\(relative) of the expected number"
    }
  }
}
