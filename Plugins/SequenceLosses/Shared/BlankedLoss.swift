public import LossCore

/// A sequence loss that aligns labels with time by a class that stands for no label, the blank.
public protocol BlankedLoss: SequenceLoss {
  /// The blank, counted from the first class or, below 0, behind the last.
  var blank: Int { get }
}

extension BlankedLoss {
  /// The blank, counted from the first class.
  public func forbiddenLabel(classCount: Int) -> Int? { blank < 0 ? blank + classCount : blank }

  /// The blank must be one of the classes.
  public func check(classCount: Int) throws(LossError) {
    guard blank >= -classCount, blank < classCount else {
      throw LossError(
        .invalidOption, subject: "blank", found: "is \(blank)",
        expected: "a class from \(-classCount) to \(classCount - 1)")
    }
  }
}
