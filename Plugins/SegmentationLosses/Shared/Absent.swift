public import LossCore

/// What a region costs in which nothing is true.
public enum Absent: String, OptionChoice {
  /// What the formula says: a prediction of anything is wrong.
  case counts
  /// Nothing.
  case zero
}
