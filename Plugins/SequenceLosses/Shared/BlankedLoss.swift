import LossCore

extension SequenceLoss {
  /// Refuses a blank that is none of the classes, counted from the first or, below 0, behind the last.
  func checkBlank(_ blank: Int, _ classCount: Int) throws(LossError) {
    guard blank >= -classCount, blank < classCount else {
      throw LossError(
        .invalidOption, subject: "blank", found: "is \(blank)",
        expected: "a class from \(-classCount) to \(classCount - 1)")
    }
  }
}
