public import LossCore

/// A loss of rows over classes of which each may weigh something of its own, and one may be ignored.
///
/// A row weighs as its class does: the weighted mean divides by that.
public protocol ClassWeightedLoss: RowwiseLoss {
  /// What each class weighs; empty for 1 each.
  var classWeights: [Double] { get }
}

extension ClassWeightedLoss {
  /// Whether rows weigh by their class.
  public var hasTermWeights: Bool { !classWeights.isEmpty || ignoredClass != nil }

  /// One weight for each class.
  public func check(classCount: Int) throws(LossError) {
    try checkWeights(classWeights, classCount)
  }

  /// The weight of the row's class, or the mean weight of its classes; below zero for the ignored
  /// class.
  public func termWeight<S: LossScalar>(_ row: Row<S>) -> S {
    if let index = row.classIndex(1) {
      if index == ignoredClass { return -1 }
      return classWeights.indices.contains(index) ? S(classWeights[index]) : 1
    }
    guard let dense = row[1], !classWeights.isEmpty else { return 1 }
    var sum = 0.0
    for j in 0..<row.count { sum += classWeights[j] * Double(dense[j]) }
    return S(max(0, sum))
  }
}

extension RowwiseLoss {
  /// Refuses a list of weights that has not one for each class.
  func checkWeights(_ weights: [Double], _ classCount: Int) throws(LossError) {
    guard weights.isEmpty || weights.count == classCount else {
      throw LossError(
        .invalidOption, subject: "class_weights", found: "has \(weights.count) numbers",
        expected: "\(classCount), one for each class")
    }
  }
}
