/// A loss made of two closures: the quickest way to try a formula.
///
///     let loss = ClosureLoss("asymmetric") { prediction, target in
///       let residual = prediction - target
///       return residual > 0 ? residual : -3 * residual
///     } derivative: { prediction, target in
///       prediction > target ? (1, -1) : (-3, 3)
///     }
///
/// The formula is computed in `Double` whatever the element of the inputs, and is called once an
/// element; write a type that conforms to `ElementwiseLoss` for speed and to be found by name.
public struct ClosureLoss: ElementwiseLoss {
  /// The name of the type; a value bears its own.
  public static let metadata = LossMetadata(
    "closure", "Evaluates a closure for each prediction and target.",
    formula: "value(prediction, target)")

  /// Nothing can be set.
  public let options: NoOptions
  /// The name in errors and in descriptions.
  public let name: String
  /// Tells closures apart, which cannot be compared.
  package let identity: ObjectIdentifier?
  private let token: Token?
  private let valueOf: @Sendable (Double, Double) -> Double
  private let derivativeOf: @Sendable (Double, Double) -> (Double, Double)

  /// A loss that is zero everywhere.
  public init(options: NoOptions) {
    self.options = options
    name = Self.metadata.name
    token = nil
    identity = nil
    valueOf = { _, _ in 0 }
    derivativeOf = { _, _ in (0, 0) }
  }

  /// A loss with this term.
  ///
  /// - Parameters:
  ///   - name: what the loss is called in errors.
  ///   - value: the term of a prediction and a target.
  ///   - derivative: its derivatives with respect to the prediction and to the target.
  public init(
    _ name: String, value: @escaping @Sendable (Double, Double) -> Double,
    derivative: @escaping @Sendable (Double, Double) -> (Double, Double)
  ) {
    options = NoOptions()
    self.name = name
    let token = Token()
    self.token = token
    identity = ObjectIdentifier(token)
    valueOf = value
    derivativeOf = derivative
  }

  private final class Token: Sendable {}

  /// The term of one pair.
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    S(valueOf(Double(prediction), Double(target)))
  }

  /// The derivatives of the term.
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let derivative = derivativeOf(Double(prediction), Double(target))
    return (S(derivative.0), S(derivative.1))
  }
}
