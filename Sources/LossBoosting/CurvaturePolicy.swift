public import LossCore

/// The curvature that stands for the second derivative in the Newton step of a tree.
///
///     CurvaturePolicy.exact
///     .floored(at: 1e-16)
///     .majorizer
///     .constant(1)
///     .exact.scaled(by: 2).floored(at: 1e-16)    // multi:softprob of XGBoost
public struct CurvaturePolicy: Hashable, Sendable {
  /// The source of the curvature.
  public enum Source: Hashable, Sendable {
    /// The second derivative of the loss with respect to the score.
    case secondDerivative
    /// The curvature of a parabola that touches the loss at the score and is nowhere below it.
    case majorizer
    /// One number.
    case constant(Double)
  }

  /// The source.
  public var source: Source
  /// The factor of the curvature.
  public var scale = 1.0
  /// The least curvature of a row of weight 1, after the factor; nil for none.
  public var floor: Double?

  /// A policy with its source.
  public init(_ source: Source) { self.source = source }

  /// The second derivative.
  public static let exact = CurvaturePolicy(.secondDerivative)
  /// The parabola above the loss that has its axis of symmetry; see `BoostingObjective`.
  public static let majorizer = CurvaturePolicy(.majorizer)
  /// The same number in each row.
  public static func constant(_ number: Double) -> CurvaturePolicy {
    CurvaturePolicy(.constant(number))
  }
  /// The second derivative, or this number where it is smaller.
  public static func floored(at floor: Double) -> CurvaturePolicy { exact.floored(at: floor) }

  /// The same policy with a least curvature.
  public func floored(at floor: Double) -> CurvaturePolicy {
    var policy = self
    policy.floor = floor
    return policy
  }
  /// The same policy with a curvature that is larger by this factor.
  public func scaled(by factor: Double) -> CurvaturePolicy {
    var policy = self
    policy.scale *= factor
    return policy
  }
}

extension CurvaturePolicy: CustomStringConvertible {
  /// The policy in words: `exact,scaled=2,floored=1e-16`.
  public var description: String {
    let source =
      switch source {
      case .secondDerivative: "exact"
      case .majorizer: "majorizer"
      case .constant(let number): "constant=\(number)"
      }
    let scale = scale == 1 ? "" : ",scaled=\(scale)"
    let floor = floor.map { ",floored=\($0)" } ?? ""
    return source + scale + floor
  }

  /// A policy from words as `description` prints them; `floored=1e-16` alone is exact too.
  ///
  /// - Throws: `LossError` of code `invalid_value` for other words.
  public init(_ text: String) throws(LossError) {
    self = .exact
    for (index, word) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      switch (parts.first, parts.count > 1 ? Double(parts[1]) : nil) {
      case ("exact", nil) where index == 0 && parts.count == 1: break
      case ("majorizer", nil) where index == 0 && parts.count == 1: source = .majorizer
      case ("constant", let number?) where index == 0: source = .constant(number)
      case ("scaled", let number?): scale *= number
      case ("floored", let number?): floor = number
      default:
        throw LossError(
          .invalidValue, subject: "curvature policy", found: "is \"\(text)\"",
          expected: Self.expectation,
          hint: NearestName.hint(for: String(parts.first ?? ""), among: Self.words))
      }
    }
    try validate()
  }

  /// The words that a policy in text is made of.
  public static let words = ["exact", "floored", "majorizer", "constant", "scaled"]

  static let expectation =
    "exact, majorizer or constant=X, then perhaps scaled=X and floored=X"

  func validate() throws(LossError) {
    var numbers = [("scale", scale)]
    if let floor { numbers.append(("floor", floor)) }
    if case .constant(let number) = source { numbers.append(("constant", number)) }
    for (name, number) in numbers where !(number >= 0 && number.isFinite) {
      throw LossError(
        .invalidValue, subject: "\(name) of the curvature", found: "is \(number)",
        expected: "a number of at least 0")
    }
  }
}
