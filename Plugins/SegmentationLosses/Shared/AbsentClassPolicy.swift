public import LossCore

/// What a region costs in which nothing is true.
public enum AbsentClassPolicy: String, OptionChoice {
  /// What the formula says: a prediction of anything is wrong.
  case include = "counts"
  /// Nothing.
  case zero
}
