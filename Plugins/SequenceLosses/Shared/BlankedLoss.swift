public import LossCore

/// A sequence loss whose alignments use the blank, a class that stands for no label.
public protocol BlankedLoss: SequenceLoss {
  /// The class index of the blank; negative values count from the end, -1 is the last class.
  var blank: Int { get }
}

extension BlankedLoss {
  public func forbiddenLabel(classCount: Int) -> Int? { blank < 0 ? blank + classCount : blank }

  public func check(classCount: Int) throws(LossError) {
    guard blank >= -classCount, blank < classCount else {
      throw LossError(
        .invalidOption, subject: "blank", found: "is \(blank)",
        expected: "a class from \(-classCount) to \(classCount - 1)")
    }
  }
}
