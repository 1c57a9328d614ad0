public import LossCore

/// A loss along a straight line: one number of its inputs varies, all others are fixed.
///
/// The line is derived from the signature alone:
///
/// - elementwise: the first input with a gradient varies; the target is 0, or 1 if it is a label, a
///   probability or a nonnegative number;
/// - rows along a class axis: two classes, of which the first is the true one; its score varies and
///   the other is 0, or its probability varies and the other is the complement;
/// - rows of vectors: two components; the first varies, the second is 1, and the target is `[1, 0]`;
/// - regions: a region of one element.
public struct LossSlice: Sendable {
  /// The loss.
  public let loss: any LossProtocol
  /// The label of the axis: `prediction`, `score of the true class of two`.
  public let axis: String
  /// The fixed inputs: `target = 0`; empty if there are none.
  public let held: String
  /// The domain of the varying number.
  public let domain: ClosedRange<Double>
  /// The default plot range.
  public let usualRange: ClosedRange<Double>
  /// Whether the loss has a gradient along the line.
  public let hasDerivative: Bool

  /// The factor of the terms under the requested name.
  private let scale: Double
  private let line: SliceLine
  private let inputs: LossInputs
  private let termCount: Int

  /// A point of the slice.
  public struct Point: Hashable, Sendable {
    /// The varying number.
    public let x: Double
    /// The term.
    public let value: Double
    /// The derivative along the line, as the loss returns it; NaN without a gradient.
    public let derivative: Double
  }

  /// Creates a slice of a loss.
  ///
  /// - Parameters:
  ///   - loss: the loss with its options.
  ///   - scale: a factor for its terms.
  ///   - target: the target of the varying number, or the target probability of the varying class; nil
  ///     for the default.
  /// - Throws: `LossError` for a loss that cannot be sliced: inputs with more axes than a row,
  ///   sequences, batch-dependent losses, and a target for a loss without one.
  public init(
    of loss: any LossProtocol, scale: Double = 1, target: Double? = nil
  ) throws(LossError) {
    let slice = try LossSlice(planned: loss, scale, target)
    // A relative error is not finite at the default target, 0.
    let other = target == nil && !slice.isFinite ? try? LossSlice(planned: loss, scale, 1) : nil
    self = other.flatMap { $0.isFinite ? $0 : nil } ?? slice
  }

  /// Whether the loss is finite at some generic point.
  private var isFinite: Bool {
    let width = usualRange.upperBound - usualRange.lowerBound
    return [0.3, 0.77].contains { point(at: usualRange.lowerBound + $0 * width).value.isFinite }
  }

  private init(
    planned loss: any LossProtocol, _ scale: Double, _ target: Double?
  ) throws(LossError) {
    do throws(LossError) {
      let planner = try SlicePlanner(loss.signature, loss.properties)
      let plan = try planner.plan(target: target)
      self.loss = loss
      self.scale = scale
      axis = plan.axis
      held = plan.held
      line = plan.line
      inputs = plan.inputs
      domain = plan.line.domain
      usualRange = plan.line.usualRange
      hasDerivative = plan.hasDerivative
      termCount = plan.termCount
      // Throws the error of a loss that rejects these inputs.
      _ = try evaluate(at: (usualRange.lowerBound + usualRange.upperBound) / 2)
    } catch {
      throw error.named(loss.name)
    }
  }

  /// Creates a slice of a configured loss; its reduction and layout do not affect a single term.
  ///
  /// - Throws: `LossError` like the other initializer, with the name of the configured loss.
  public init(of configured: ConfiguredLoss, target: Double? = nil) throws(LossError) {
    do throws(LossError) {
      try self.init(of: configured.base, scale: configured.scale, target: target)
    } catch {
      var error = error
      error.loss = configured.name
      throw error
    }
  }

  /// The loss at one point; NaN where it cannot be evaluated.
  public func point(at x: Double) -> Point {
    guard domain.contains(x), let result = try? evaluate(at: x) else {
      return Point(x: x, value: .nan, derivative: .nan)
    }
    let gradient = result.gradients[line.role]?.doubles ?? []
    var derivative = hasDerivative ? 0.0 : .nan
    // A fixed component contributes nothing, even if its gradient is infinite.
    for (partial, direction) in zip(gradient, line.direction(at: x)) where direction != 0 {
      derivative += partial * direction * scale
    }
    return Point(x: x, value: scale * (result.value.doubles.first ?? .nan), derivative: derivative)
  }

  private func evaluate(at x: Double) throws(LossError) -> LossResult {
    var inputs = inputs
    inputs[line.role] = .float64(Tensor(trusted: line.shape, line.numbers(at: x)))
    // Of several terms, such as one per class, the first is plotted.
    let upstream =
      termCount > 1
      ? AnyTensor.float64(
        Tensor(trusted: line.shape, [1] + Array(repeating: 0, count: termCount - 1)))
      : nil
    return try loss.evaluate(
      inputs, gradientsOf: hasDerivative ? [line.role] : [], reduction: Reduction.unreduced,
      upstream: upstream, in: .float64)
  }
}

/// The dependence of an input on the varying number.
struct SliceLine: Sendable {
  /// The second number of a row.
  enum Companion: Sendable {
    /// There is none.
    case single
    /// It is constant.
    case constant(Double)
    /// The row is a distribution: it is one minus the first.
    case complement
    /// The row is the logarithm of a distribution.
    case logComplement
  }

  let role: Role
  let shape: Shape
  let companion: Companion
  let isNonNegative: Bool

  var domain: ClosedRange<Double> {
    switch companion {
    case .complement, .logComplement: 0...1
    case .single, .constant: isNonNegative ? 0 ... .infinity : -.infinity ... .infinity
    }
  }

  var usualRange: ClosedRange<Double> {
    switch companion {
    case .complement, .logComplement: 0...1
    case .single, .constant: isNonNegative ? 0...3 : -3...3
    }
  }

  /// The numbers of the input.
  func numbers(at x: Double) -> [Double] {
    switch companion {
    case .single: [x]
    case .constant(let other): [x, other]
    case .complement: shape.count == 1 ? [x] : [x, 1 - x]
    case .logComplement: shape.count == 1 ? [.log(x)] : [.log(x), .log(onePlus: -x)]
    }
  }

  /// The derivative of each number of the input with respect to the varying one.
  func direction(at x: Double) -> [Double] {
    switch companion {
    case .single: [1]
    case .constant: [1, 0]
    case .complement: shape.count == 1 ? [1] : [1, -1]
    case .logComplement: shape.count == 1 ? [1 / x] : [1 / x, -1 / (1 - x)]
    }
  }
}
