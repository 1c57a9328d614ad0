public import LossCore

/// The loss of a region in which nothing is true.
public enum AbsentClassPolicy: String, OptionChoice {
  /// The value of the formula.
  case include = "counts"
  /// 0.
  case zero
}
