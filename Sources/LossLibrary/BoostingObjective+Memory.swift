internal import CLosses
internal import LossBoosting
internal import LossCore
internal import LossPluginABI

extension BoostingObjective {
  /// An objective of a loss with settings in JSON.
  init(_ loss: ConfiguredLoss, settings: String?) throws(LossError) {
    let value = try settings.map { (text) throws(LossError) in try OptionValue(json: text.utf8) }
    guard case .object(let settings) = value ?? [:] else {
      throw .argument("settings", "are \((value ?? .null).text)")
    }
    var link: BoostingLink?
    var curvature = CurvaturePolicy.exact
    var scale = 1.0
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      switch (key, value) {
      case ("link", .text(let word)) where BoostingLink(rawValue: word) != nil:
        link = BoostingLink(rawValue: word)
      case ("curvature", .text(let text)): curvature = try CurvaturePolicy(text)
      case ("scale", .number(let number)): scale = number
      default:
        let links = BoostingLink.allCases.map(\.rawValue).joined(separator: ", ")
        throw LossError(
          .invalidOption, loss: loss.name, subject: key, found: "is \(value.text)",
          expected: "link (\(links)), curvature (a text) and scale (a number)")
      }
    }
    try self.init(loss, link: link, curvature: curvature, scale: scale)
  }

  /// Writes the derivatives of raw scores.
  func derivatives(
    _ scores: TensorMemory, _ target: TensorMemory, _ weight: TensorMemory?,
    into gradient: TensorMemory, _ curvature: TensorMemory, threads: Int
  ) throws(LossError) {
    try gradient.checkIsOutput()
    try curvature.checkIsOutput()
    for output in [gradient, curvature] where output.shape != scores.shape {
      throw LossError(
        .shapeMismatch, loss: loss.name, subject: output.subject,
        found: "has shape \(output.shape)", expected: "\(scores.shape), the shape of scores")
    }
    func write<S: ComputeScalar>(_ type: S.Type) throws(LossError) {
      let copies = CopyMemory()
      let weight = try weight.map { (weight) throws(LossError) in
        try weight.tensor(of: type, copies)
      }
      let scores = try scores.tensor(of: type, copies)
      func derivatives<T: TensorScalar>(
        _ target: Tensor<T>
      ) throws(LossError) -> (gradient: Tensor<S>, curvature: Tensor<S>) {
        try self.derivatives(scores, target, weight: weight, threads: threads)
      }
      let result = try target.withTensor(derivatives, derivatives, derivatives)
      try gradient.write(result.gradient.scalars)
      try curvature.write(result.curvature.scalars)
    }
    if scores.element == .float64 { try write(Double.self) } else { try write(Float.self) }
  }

  /// Writes the constant scores that minimise the mean loss.
  func initialScore(
    _ target: TensorMemory, _ weight: TensorMemory?, into value: inout losses_value_v1
  ) throws(LossError) {
    let copies = CopyMemory()
    let weight = try weight.map { (weight) throws(LossError) in
      try weight.tensor(of: Double.self, copies)
    }
    func score<T: TensorScalar>(_ target: Tensor<T>) throws(LossError) -> [Double] {
      try initialScore(target, weight: weight)
    }
    let scores = try target.withTensor(score, score, score)
    try value.write(scores, scores.count == 1 ? .scalar : Shape(count: scores.count))
  }
}

extension TensorMemory {
  /// Calls the function of the kind of numbers: whole, wide or narrow.
  fileprivate func withTensor<Result>(
    _ integers: (Tensor<Int>) throws(LossError) -> Result,
    _ doubles: (Tensor<Double>) throws(LossError) -> Result,
    _ floats: (Tensor<Float>) throws(LossError) -> Result
  ) throws(LossError) -> Result {
    let copies = CopyMemory()
    let view = try input(.weight, copies)
    let tensor = withExtendedLifetime(copies) { view.tensor.widened }
    switch tensor {
    case .int64(let numbers): return try integers(numbers)
    case .float32(let numbers): return try floats(numbers)
    default: return try doubles(tensor.converted())
    }
  }
}
