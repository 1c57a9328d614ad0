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
      throw refusal(at: index, "is \(label)", target.shape, "a number")
    }
    guard target.shape.count > 0 else { return }
    if case .int64(let indices) = target.widened, loss.signature.takesClasses {
      return try checkClasses(indices, classCount)
    }
    let scores = Tensor(repeating: referenceScore, shape: target.shape)
    var inputs = LossInputs()
    inputs[prediction] = AnyTensor(isLinkInLoss ? scores : predictions(of: scores))
    inputs[role] = target
    let result = try loss.evaluate(inputs, gradientsOf: [prediction], reduction: .unreduced)
    let terms = result.value.doubles
    let width = max(1, target.shape.count / max(terms.count, 1))
    for (index, term) in terms.enumerated() where !term.isFinite {
      throw refusal(
        at: index * width,
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
    at index: Int, _ found: String, _ shape: Shape, _ expected: String,
    _ code: LossError.Code = .invalidValue
  ) -> LossError {
    var (place, rest) = ([Int](), index)
    for extent in shape.extents.reversed() {
      place.insert(rest % extent, at: 0)
      rest /= extent
    }
    return LossError(
      code, loss: loss.name, subject: roles.target.name, found: "\(found) at \(place)",
      expected: expected)
  }

  /// A score whose prediction is inside the domain of the loss.
  private var referenceScore: Double {
    let isBounded = link == .identity && loss.signature.inputs[0].domain != .any
    return isBounded ? 0.5 : 0
  }

  private func checkClasses(
    _ indices: Tensor<Int>, _ classCount: Int?
  ) throws(LossError) {
    let count = classCount ?? Self.classCount(indices.scalars)
    var accepted: Set<Int> = []
    for (place, index) in indices.scalars.enumerated()
    where !(0..<max(count, 0)).contains(index) && !accepted.contains(index) {
      guard accepts(index, classCount: count) else {
        throw refusal(
          at: place, "is \(index)", indices.shape, "a class in 0 ..< \(count)", .invalidClass)
      }
      accepted.insert(index)
    }
  }

  /// Whether a loss takes a class index outside the classes, such as that of rows to ignore.
  func accepts(_ index: Int, classCount: Int) -> Bool {
    // One row, whose memory stays small for any number of classes.
    let count = max(1, min(classCount, 1 << 20))
    let axis = loss.classAxis == 0 ? [count, 1] : [1, count]
    guard index < 0, let shape = try? Shape(axis) else { return false }
    let (prediction, role) = roles
    let inputs: LossInputs = [prediction: Tensor(repeating: 0.0, shape: shape), role: [index]]
    return (try? loss.evaluate(inputs, reduction: .sum)) != nil
  }

  /// One more than the largest index.
  static func classCount(_ indices: [Int]) -> Int {
    let (count, isTooLarge) = (indices.max() ?? 0).addingReportingOverflow(1)
    return isTooLarge ? .max : count
  }
}
