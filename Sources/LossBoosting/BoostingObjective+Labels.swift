public import LossCore

extension BoostingObjective {
  /// Checks labels before training: their shape, their domain, and that the loss and its gradient of
  /// each are finite at the score 0.
  ///
  /// - Parameters:
  ///   - target: the targets.
  ///   - classCount: the number of classes; nil for one more than the largest index.
  /// - Throws: `LossError` for the first label that does not suit.
  public func checkLabels<T: TensorScalar>(
    _ target: Tensor<T>, classCount: Int? = nil
  ) throws(LossError) {
    let target = AnyTensor(target)
    let (prediction, role) = roles
    for (index, label) in target.doubles.enumerated() where !label.isFinite {
      throw refusal(of: label, at: index, "is \(label)", target.shape, "a number")
    }
    guard target.shape.count > 0 else { return }
    let shape = try scoreShape(target, classCount)
    let scores = Tensor(repeating: referenceScore, shape: shape)
    var inputs = LossInputs()
    inputs[prediction] = AnyTensor(isLinkInLoss ? scores : predictions(of: scores))
    inputs[role] = target
    let result = try loss.evaluate(inputs, gradientsOf: [prediction], reduction: .unreduced)
    let terms = result.value.doubles
    let width = max(1, target.shape.count / max(terms.count, 1))
    for (index, term) in terms.enumerated() where !term.isFinite {
      throw refusal(
        of: target.doubles[index * width], at: index * width,
        "is \(target.doubles[index * width])", target.shape, "a label of finite loss")
    }
  }

  /// Checks an array of labels.
  public func checkLabels<T: TensorScalar>(
    _ target: [T], classCount: Int? = nil
  ) throws(LossError) {
    try checkLabels(Tensor(target), classCount: classCount)
  }

  private func refusal(
    of label: Double, at index: Int, _ found: String, _ shape: Shape, _ expected: String
  ) -> LossError {
    var (place, rest) = ([Int](), index)
    for extent in shape.extents.reversed() {
      place.insert(rest % extent, at: 0)
      rest /= extent
    }
    return LossError(
      .invalidValue, loss: loss.name, subject: roles.target.name, found: "\(found) at \(place)",
      expected: expected)
  }

  /// A score whose prediction is inside the domain of the loss.
  private var referenceScore: Double {
    let isBounded = link == .identity && loss.signature.inputs[0].domain != .any
    return isBounded ? 0.5 : 0
  }

  private func scoreShape(
    _ target: AnyTensor, _ classCount: Int?
  ) throws(LossError) -> Shape {
    guard loss.signature.classAxis != nil, case .int64(let indices) = target,
      loss.signature.takesClasses
    else { return target.shape }
    let count = max(classCount ?? 0, (indices.scalars.max() ?? 0) + 1)
    if let classCount, count > classCount {
      throw LossError(
        .invalidClass, loss: loss.name, subject: roles.target.name, found: "is \(count - 1)",
        expected: "a class in 0 ..< \(classCount)")
    }
    var extents = target.shape.extents
    extents.insert(max(count, 1), at: max(0, extents.count))
    return try Shape(extents)
  }
}
