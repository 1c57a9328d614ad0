public import LossCore

/// A loss as the objective of gradient boosting: for the raw score of each row a gradient and a
/// curvature, a link, an initial score, and a check of the labels.
///
///     let objective = try BoostingObjective(PoissonNLLLoss(), curvature: .floored(at: 1e-6))
///     let start = try objective.initialScore(labels)
///     let (gradient, curvature) = try objective.derivatives(scores, labels)
///
/// Each row is its own: gradient and curvature are those of the sum of the terms, times the weight of
/// the row. A loss of classes, or of a list of items, has a row of scores along its class axis, the
/// last axis unless the loss was made with another.
///
/// - Link: a loss that can take logits or logarithms (`from_logits`, `log_input`) is given the scores
///   themselves where the link is the same, so that nothing cancels. Otherwise the chain rule applies,
///   in both derivatives.
/// - Majorizer: for a loss whose term is an even function of the distance `d` of the score from the
///   target, or from 0, and a linear one, the curvature is `(L'(d) - L'(-d)) / (2 d)`. It is that of a
///   parabola above the loss where this quotient falls with the distance, which is tried on a grid when
///   the objective is made. Distances below 1e-6 (1e-3 in `Float`) count as that, for the curvature at
///   a kink is infinite.
public struct BoostingObjective: Sendable {
  /// The loss of the scores, or of their predictions.
  public let loss: ConfiguredLoss
  /// The function between score and prediction.
  public let link: BoostingLink
  /// What is given as the curvature.
  public let curvature: CurvaturePolicy
  /// The factor of gradient and curvature.
  public let scale: Double

  /// Whether the loss applies the link itself.
  let isLinkInLoss: Bool
  /// The centre of symmetry of the loss, for a majorizer.
  var center = MajorizerCenter.target

  /// The objective of a loss.
  ///
  /// - Parameters:
  ///   - loss: a loss of a prediction and a target whose rows do not depend on each other.
  ///   - link: the function between score and prediction; nil for that which the domain of the
  ///     predictions suggests: logarithm, logit or softmax where they are not any numbers.
  ///   - curvature: what is given as the curvature.
  ///   - scale: the factor of gradient and curvature, such as 0.5 for the half squared error.
  /// - Throws: `LossError` for a loss that couples rows, or has no gradient or not the curvature.
  public init(
    _ loss: any LossProtocol, link: BoostingLink? = nil, curvature: CurvaturePolicy = .exact,
    scale: Double = 1
  ) throws(LossError) {
    try self.init(ConfiguredLoss(loss), link: link, curvature: curvature, scale: scale)
  }

  /// The objective of a loss with this name, ours or that of another framework.
  ///
  /// The other parameters are those of `init(_:link:curvature:scale:)` and of
  /// `LossRegistry.loss(named:)`.
  public init(
    named name: String, options: [String: OptionValue] = [:], link: BoostingLink? = nil,
    curvature: CurvaturePolicy = .exact, scale: Double = 1, in registry: LossRegistry = .linked
  ) throws(LossError) {
    try self.init(
      registry.loss(named: name, options: options), link: link, curvature: curvature, scale: scale)
  }

  /// The objective of a loss that was selected by name.
  ///
  /// The parameters are those of `init(_:link:curvature:scale:)`.
  public init(
    _ loss: ConfiguredLoss, link: BoostingLink? = nil, curvature: CurvaturePolicy = .exact,
    scale: Double = 1
  ) throws(LossError) {
    let (taken, link, isLinkInLoss) = try loss.linked(link)
    // A row counts by itself, whatever the framework of the name averages over.
    self.loss = taken.withOwnReductions
    self.link = link
    self.isLinkInLoss = isLinkInLoss
    self.curvature = curvature
    self.scale = scale
    do throws(LossError) {
      try checkSuitability()
      if curvature.source == .majorizer { center = try majorizerCenter() }
    } catch {
      throw error.named(loss.name)
    }
  }

  /// The roles of scores and targets.
  public var roles: (prediction: Role, target: Role) {
    (loss.signature.inputs[0].role, loss.signature.inputs[1].role)
  }

  /// Whether a loss has one term for each element of the scores.
  var isElementwise: Bool { loss.signature.terms == loss.signature.inputs[0].encodings.first?.axes }

  /// The gradient and the curvature of each raw score.
  ///
  /// - Parameters:
  ///   - scores: the raw scores: one for each row, or `[row, class]`.
  ///   - target: the targets: numbers, or class indices where the loss takes them.
  ///   - weight: the weight of each term, a factor of its gradient and curvature.
  ///   - threads: the maximum number of threads.
  /// - Throws: `LossError` for inputs that the loss cannot take.
  public func derivatives<S: ComputeScalar, T: TensorScalar>(
    _ scores: Tensor<S>, _ target: Tensor<T>, weight: Tensor<S>? = nil, threads: Int = 1
  ) throws(LossError) -> (gradient: Tensor<S>, curvature: Tensor<S>) {
    let target = AnyTensor(target)
    var result = try chained(
      scores, target, weight: weight, second: curvature.source == .secondDerivative,
      threads: threads)
    let weights = try expanded(weight, to: scores.shape)
    switch curvature.source {
    case .secondDerivative: break
    case .constant(let number):
      let number = S(number)
      result.second =
        weights.map { $0.map { $0 * number } }
        ?? Array(repeating: number, count: scores.count)
    case .majorizer:
      result.second = try majorizers(scores, target, threads: threads)
      if let weights { for i in weights.indices { result.second[i] *= weights[i] } }
    }
    let (scale, factor) = (S(scale), S(scale * curvature.scale))
    for i in result.first.indices {
      result.first[i] *= scale
      result.second[i] *= factor
    }
    if let floor = curvature.floor {
      let floor = S(floor)
      for i in result.second.indices {
        result.second[i] = S.maximumPropagatingNaN(
          result.second[i], (weights.map { $0[i] } ?? 1) * floor)
      }
    }
    return (
      try Tensor(shape: scores.shape, scalars: result.first),
      try Tensor(shape: scores.shape, scalars: result.second)
    )
  }

  /// The gradient and the curvature of each raw score, of arrays.
  public func derivatives<S: ComputeScalar, T: TensorScalar>(
    _ scores: [S], _ target: [T], weight: [S]? = nil, threads: Int = 1
  ) throws(LossError) -> (gradient: [S], curvature: [S]) {
    let result = try derivatives(
      Tensor(scores), Tensor(target), weight: weight.map { Tensor($0) }, threads: threads)
    return (result.gradient.scalars, result.curvature.scalars)
  }

  /// The predictions of raw scores.
  public func predictions<S: ComputeScalar>(of scores: Tensor<S>) -> Tensor<S> {
    guard link == .softmax else { return scores.map { link.prediction(of: $0).value } }
    var predictions = scores.scalars
    for row in rows(of: scores.shape) {
      let probabilities = SoftmaxRow(row.map { scores.scalars[$0] }).probabilities
      for (i, probability) in zip(row, probabilities) { predictions[i] = probability }
    }
    return (try? Tensor(shape: scores.shape, scalars: predictions)) ?? scores
  }
}

extension BoostingObjective {
  /// The derivatives of the weighted sum of the terms with respect to the scores, by the chain rule;
  /// the second ones are zeros where they are not requested.
  func chained<S: ComputeScalar>(
    _ scores: Tensor<S>, _ target: AnyTensor, weight: Tensor<S>?, second: Bool, threads: Int
  ) throws(LossError) -> (value: Double, first: [S], second: [S]) {
    let (prediction, role) = roles
    var inputs = LossInputs()
    inputs[prediction] = AnyTensor(isLinkInLoss ? scores : predictions(of: scores))
    inputs[role] = target
    inputs[loss.weightRole] = weight.map { AnyTensor($0) }
    let result = try loss.evaluate(
      inputs, gradientsOf: [prediction], secondDerivativesOf: second ? [prediction] : [],
      reduction: .sum, in: S.element, threads: threads)
    let value = result.value.doubles.first ?? 0
    var first: [S] = result.gradients[prediction]?.converted().scalars ?? []
    var curvature: [S] =
      result.secondDerivatives[prediction]?.converted().scalars
      ?? Array(repeating: 0, count: first.count)
    guard !isLinkInLoss, link != .identity, first.count == scores.count else {
      return (value, first, curvature)
    }
    guard link == .softmax else {
      for i in first.indices {
        let derivatives = link.prediction(of: scores.scalars[i])
        curvature[i] =
          curvature[i] * derivatives.first * derivatives.first + first[i] * derivatives.second
        first[i] *= derivatives.first
      }
      return (value, first, curvature)
    }
    for row in rows(of: scores.shape) {
      let derivatives = SoftmaxRow(row.map { scores.scalars[$0] })
        .derivatives(row.map { first[$0] }, row.map { curvature[$0] })
      for (i, derivative) in zip(row, derivatives) {
        first[i] = derivative.first
        curvature[i] = derivative.second
      }
    }
    return (value, first, curvature)
  }

  /// The indices of each row along the class axis.
  func rows(of shape: Shape) -> [StrideTo<Int>] {
    guard let axis = shape.position(ofAxis: loss.classAxis ?? -1), shape.count > 0 else {
      return [stride(from: 0, to: shape.count, by: 1)]
    }
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    let block = inner * shape.extents[axis]
    return stride(from: 0, to: shape.count, by: block).flatMap { start in
      (start..<(start + inner)).map { stride(from: $0, to: start + block, by: inner) }
    }
  }

  /// The weight of each score; nil for 1.
  private func expanded<S: ComputeScalar>(
    _ weight: Tensor<S>?, to shape: Shape
  ) throws(LossError) -> [S]? {
    guard let weight else { return nil }
    if isElementwise { return try weight.scalars(broadcastTo: shape) }
    // A row of scores along the class axis shares its weight.
    var weights = Array(repeating: 1 as S, count: shape.count)
    let terms = shape.removing(axis: shape.position(ofAxis: loss.classAxis ?? -1) ?? 0)
    for (row, weight) in zip(rows(of: shape), try weight.scalars(broadcastTo: terms)) {
      for i in row { weights[i] = weight }
    }
    return weights
  }
}

extension Tensor {
  /// The weight of each term, by the rule of the core for weights.
  func scalars(broadcastTo terms: Shape) throws(LossError) -> [Scalar] {
    try shape.broadcast(to: terms, .weight, "terms").map { scalars[$0] }
  }
}
