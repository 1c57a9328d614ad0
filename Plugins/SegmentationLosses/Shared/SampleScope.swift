public import LossCore

/// The elements that are sorted or summed together, and so form a term.
public enum SampleScope: String, OptionChoice {
  /// The elements of all samples: one term.
  case all
  /// The elements of one sample, along the first axis that is not the class axis: one term per
  /// sample.
  case sample

  /// The same as a `RegionScope`.
  package var region: RegionScope { self == .all ? .all : .sample }
}
