import LossBoosting
import LossFiles
import LossFunctions

extension CommandOption {
  static let objective = CommandOption(
    "--objective", value: "POLICY", optionalWords: CurvaturePolicy.words,
    "print gradient and curvature of raw scores, for gradient boosting",
    completion: .words(CurvaturePolicy.words))
  static let link = CommandOption(
    "--link", value: "L", "the link of --objective: identity, log, logistic or softmax",
    completion: .words(BoostingLink.allCases.map(\.rawValue)))
}

/// The parsed options of `eval --objective`.
struct ObjectiveRequest {
  let objective: BoostingObjective
  let request: EvalRequest

  /// - Returns: nil without `--objective`.
  /// - Throws: `UsageError` for options that do not go with it, and `LossError` for a loss that does
  ///   not suit.
  init?(_ arguments: Arguments, _ request: EvalRequest) throws {
    guard let text = arguments.value(of: .objective) else {
      if arguments.has(.link) { throw UsageError("--link is given without --objective") }
      return nil
    }
    let others: [CommandOption] = [
      .gradient, .secondDerivative, .hessianVector, .value, .reduction, .unchecked,
    ]
    if let other = others.first(where: arguments.has) {
      throw UsageError("\(other.name) is given with --objective", expected: ["one of the two"])
    }
    let link = try arguments.choice(
      of: .link, among: BoostingLink.allCases.map(\.rawValue)
    ).flatMap(BoostingLink.init(rawValue:))
    objective = try BoostingObjective(
      request.loss, link: link, curvature: text.isEmpty ? .exact : CurvaturePolicy(text))
    self.request = request
  }

  /// - Throws: `UsageError` for a missing input, and `LossError` for one that the loss does not take.
  func result() throws -> ObjectiveResult {
    let inputs = try request.inputs()
    let names = request.loss.arguments
    let (first, second) = objective.roles
    for role in inputs.roles
    where ![first, second, .weight, .sampleWeight].contains(request.loss.translated(role)) {
      throw UsageError(
        "--input \(role.name) is given with --objective",
        expected: [first.name, second.name, request.loss.weightRole.name])
    }
    func tensor(_ role: Role) throws -> AnyTensor {
      guard let given = inputs.tensors.first(where: { request.loss.translated($0.role) == role })
      else {
        let name = names.first { request.loss.translated($0) == role } ?? role
        throw UsageError("\(name.name) is missing")
      }
      return given.tensor
    }
    let (scores, target) = (try tensor(first), try tensor(second))
    let weight = inputs.tensors.first {
      [.weight, .sampleWeight].contains(request.loss.translated($0.role))
    }?.tensor
    switch request.element ?? inputs.computedElement {
    case .float32: return try result(scores, target, weight, in: Float.self)
    default: return try result(scores, target, weight, in: Double.self)
    }
  }

  private func result<S: ComputeScalar>(
    _ scores: AnyTensor, _ target: AnyTensor, _ weight: AnyTensor?, in type: S.Type
  ) throws -> ObjectiveResult where S: BinaryFloatingPoint {
    let scores: Tensor<S> = scores.converted()
    let weights: Tensor<Double>? = weight.map { $0.converted() }
    func result<T: TensorScalar>(_ target: Tensor<T>) throws -> ObjectiveResult {
      try objective.checkLabels(target, classCount: classCount(scores.shape))
      let derivatives = try objective.derivatives(
        scores, target, weight: weights.map { $0.map { S($0) } }, threads: request.threads)
      return ObjectiveResult(
        name: request.loss.name, objective: objective,
        initialScore: try? objective.initialScore(
          target, weight: weights, classCount: classCount(scores.shape)),
        gradient: AnyTensor(derivatives.gradient), curvature: AnyTensor(derivatives.curvature))
    }
    return switch target.widened {
    case .float32(let target): try result(target)
    case .float64(let target): try result(target)
    case .int64(let target): try result(target)
    case .bool(let target): try result(target)
    case .narrow: throw UsageError("the target cannot be read")
    }
  }

  private func classCount(_ shape: Shape) -> Int? {
    guard request.loss.signature.classAxis != nil else { return nil }
    return shape.position(ofAxis: request.loss.classAxis ?? -1).map { shape.extents[$0] }
  }
}

/// What `eval --objective` prints.
struct ObjectiveResult {
  let name: String
  let objective: BoostingObjective
  /// The constant scores that boosting starts from; nil if none is finite.
  let initialScore: [Double]?
  let gradient: AnyTensor
  let curvature: AnyTensor

  /// A line about the objective, then a table of rows; numbers of several classes are separated by
  /// commas.
  var text: String {
    let start =
      initialScore.map { "initial score " + $0.map { "\($0)" }.joined(separator: ", ") }
      ?? "no finite initial score"
    let width = gradient.shape.rank > 1 ? gradient.shape.extents.last ?? 1 : 1
    func cells(_ tensor: AnyTensor) -> [String] {
      let numbers =
        if case .float32(let tensor) = tensor {
          tensor.scalars.map { "\($0)" }
        } else { tensor.doubles.map { "\($0)" } }
      return stride(from: 0, to: numbers.count, by: max(width, 1)).map {
        numbers[$0..<min($0 + width, numbers.count)].joined(separator: ", ")
      }
    }
    let rows = zip(cells(gradient), cells(curvature)).enumerated().map { row, cells in
      ["\(row)", cells.0, cells.1]
    }
    let head = "link \(objective.link.rawValue), curvature \(objective.curvature), \(start)"
    return ([head] + Columns.lines([["row", "gradient", "curvature"]] + rows, indent: 0))
      .joined(separator: "\n")
  }

  var json: String {
    let start = initialScore.map { JSONText.nested(AnyTensor(Tensor($0))) } ?? .null
    return JSONText.object([
      ("loss", .text(name)), ("link", .text(objective.link.rawValue)),
      ("curvature_policy", .text(objective.curvature.description)), ("initial_score", start),
      ("gradient", .nested(gradient)), ("curvature", .nested(curvature)),
    ]).written()
  }
}
