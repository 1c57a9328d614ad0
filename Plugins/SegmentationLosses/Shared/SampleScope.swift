public import LossCore

/// Which places are sorted, or measured, together, and so what a term is.
public enum SampleScope: String, OptionChoice {
  /// Those of all samples: one term.
  case all
  /// Those of one sample, along the first axis that is not the class axis: a term a sample.
  case sample

  /// The same as a region of sums.
  package var region: RegionScope { self == .all ? .all : .sample }
}
