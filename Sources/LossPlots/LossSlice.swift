public import LossCore

/// A loss along a straight line: one number of its inputs varies, everything else is held.
///
/// The line follows from the signature alone, so that a loss needs no word about plots:
///
/// - numbers, term by term: the first input with a gradient varies; a target is 0, or 1 where it is
///   a label, a probability or a number of at least zero;
/// - rows along a class axis: two classes, of which the first is the true one; its score varies and
///   the other is 0, or its probability varies and the other takes what is left;
/// - rows of plain vectors: two components, the first varies beside a 1, the target is `[1, 0]`;
/// - regions: a region of one element.
public struct LossSlice: Sendable {
  /// The loss.
  public let loss: any LossProtocol
  /// What varies, as the label of an axis: `prediction`, `score of the true class of two`.
  public let axis: String
  /// What is held, in words: `target = 0`; empty if nothing is.
  public let held: String
  /// The numbers that the loss takes for what varies.
  public let domain: ClosedRange<Double>
  /// The numbers to draw where nobody says which.
  public let usualRange: ClosedRange<Double>
  /// Whether the loss has a gradient along the line.
  public let hasDerivative: Bool

  /// What the loss's own terms are multiplied by under the name that was asked for.
  private let scale: Double
  private let line: SliceLine
  private let inputs: LossInputs
  private let termCount: Int

  /// A loss at one place of its line.
  public struct Point: Hashable, Sendable {
    /// What varies.
    public let x: Double
    /// The term.
    public let value: Double
    /// Its derivative along the line, as the loss states it; NaN where it has none.
    public let derivative: Double
  }

  /// The line of a loss.
  ///
  /// - Parameters:
  ///   - loss: the loss with its options.
  ///   - scale: what its terms are multiplied by.
  ///   - target: the target of the number that varies, or the share of the class that varies; nil
  ///     for the usual one.
  /// - Throws: `LossError` where one varying number makes no sense: inputs with more axes than a
  ///   row has, sequences, samples that depend on each other, and a target that there is not.
  public init(
    of loss: any LossProtocol, scale: Double = 1, target: Double? = nil
  ) throws(LossError) {
    let slice = try LossSlice(planned: loss, scale, target)
    // A relative error has no value at the usual target, 0.
    let other = target == nil && !slice.isFinite ? try? LossSlice(planned: loss, scale, 1) : nil
    self = other.flatMap { $0.isFinite ? $0 : nil } ?? slice
  }

  /// Whether the loss is a number at some place that is not chosen for being special.
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
      // A loss that refuses these inputs says here why.
      _ = try evaluate(at: (usualRange.lowerBound + usualRange.upperBound) / 2)
    } catch {
      throw error.named(loss.name)
    }
  }

  /// The line of a loss that was selected by a name; its reduction and layout do not matter to one
  /// term.
  ///
  /// - Throws: `LossError` as the other initialiser does, under the name that was asked for.
  public init(of selected: ConfiguredLoss, target: Double? = nil) throws(LossError) {
    do throws(LossError) {
      try self.init(of: selected.base, scale: selected.scale, target: target)
    } catch {
      var error = error
      error.loss = selected.name
      throw error
    }
  }

  /// The loss at one place; NaN where it cannot be evaluated.
  public func point(at x: Double) -> Point {
    guard domain.contains(x), let result = try? evaluate(at: x) else {
      return Point(x: x, value: .nan, derivative: .nan)
    }
    let gradient = result.gradients[line.role]?.doubles ?? []
    var derivative = hasDerivative ? 0.0 : .nan
    // A component that does not move adds nothing, also where its gradient is infinite.
    for (partial, speed) in zip(gradient, line.direction(at: x)) where speed != 0 {
      derivative += partial * speed * scale
    }
    return Point(x: x, value: scale * (result.value.doubles.first ?? .nan), derivative: derivative)
  }

  private func evaluate(at x: Double) throws(LossError) -> LossResult {
    var inputs = inputs
    inputs[line.role] = .float64(Tensor(trusted: line.shape, line.numbers(at: x)))
    // Of several terms, such as one for each class, the first is drawn.
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

/// How the numbers of the input that varies depend on the one number.
struct SliceLine: Sendable {
  /// The ways in which a row follows its first number.
  enum Way: Sendable {
    /// There is no other.
    case alone
    /// The others are held.
    case beside(Double)
    /// The other is what is left to 1.
    case share
    /// Both are logarithms of such.
    case logShare
  }

  let role: Role
  let shape: Shape
  let way: Way
  let isNonNegative: Bool

  var domain: ClosedRange<Double> {
    switch way {
    case .share, .logShare: 0...1
    case .alone, .beside: isNonNegative ? 0 ... .infinity : -.infinity ... .infinity
    }
  }

  var usualRange: ClosedRange<Double> {
    switch way {
    case .share, .logShare: 0...1
    case .alone, .beside: isNonNegative ? 0...3 : -3...3
    }
  }

  /// The numbers of the input.
  func numbers(at x: Double) -> [Double] {
    switch way {
    case .alone: [x]
    case .beside(let other): [x, other]
    case .share: shape.count == 1 ? [x] : [x, 1 - x]
    case .logShare: shape.count == 1 ? [.log(x)] : [.log(x), .log(onePlus: -x)]
    }
  }

  /// How fast each of them changes.
  func direction(at x: Double) -> [Double] {
    switch way {
    case .alone: [1]
    case .beside: [1, 0]
    case .share: shape.count == 1 ? [1] : [1, -1]
    case .logShare: shape.count == 1 ? [1 / x] : [1 / x, -1 / (1 - x)]
    }
  }
}
