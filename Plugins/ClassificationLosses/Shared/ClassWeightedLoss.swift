public import LossCore

/// A row-wise loss with class weights and, optionally, an ignored class.
///
/// The weight of a row is that of its class, negative for the ignored class, or the mean of the class
/// weights under a dense target. The weighted mean divides by these.
public protocol ClassWeightedLoss: RowwiseLoss {
  /// The weight of each class; empty for 1 each.
  var classWeights: [Double] { get }
  /// Whether the weighted mean counts the class weights of a dense target.
  var countsDenseWeights: Bool { get }
}

extension ClassWeightedLoss {
  public var countsDenseWeights: Bool { true }

  public var hasTermWeights: Bool { !classWeights.isEmpty || ignoredClass != nil }

  public func check(classCount: Int) throws(LossError) {
    try checkWeights(classWeights, classCount)
  }

  /// Writes the weight of every row: for class indices without a look at the row.
  public func termWeights<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    guard let classes = context.integers(1) else {
      return writeTermWeights(context, into: &termWeights)
    }
    let (weights, ignored) = (classWeights, ignoredClass)
    termWeights.withUnsafeMutableBufferPointer { termWeights in
      for term in termWeights.indices {
        let index = classes[term]
        termWeights[term] =
          index == ignored ? -1 : weights.indices.contains(index) ? S(weights[index]) : 1
      }
    }
  }

  /// The mean of the class weights under a dense target.
  public func termWeight<S: LossScalar>(_ row: Row<S>) -> S {
    guard countsDenseWeights, let dense = row[1], !classWeights.isEmpty else { return 1 }
    return S(max(0, denseWeight(dense, classWeights).value))
  }
}

extension ClassWeightedLoss {
  /// The sum of the weights of some classes, each times its share of the target.
  func denseWeight<S: LossScalar>(
    _ target: UnsafePointer<S>, _ weights: some Collection<Double>
  ) -> CompensatedSum {
    var sum = CompensatedSum()
    for (j, weight) in weights.enumerated() { sum.add(weight * Double(target[j])) }
    return sum
  }
}

extension RowwiseLoss {
  /// Refuses class weights whose number is not that of the classes.
  func checkWeights(_ weights: [Double], _ classCount: Int) throws(LossError) {
    guard weights.isEmpty || weights.count == classCount else {
      throw LossError(
        .invalidOption, subject: "class_weights", found: "has \(weights.count) numbers",
        expected: "\(classCount), one for each class")
    }
  }
}
