/// What the partial results of a loss consist of.
public enum PartialForm: String, Hashable, Sendable {
  /// The sum of the terms, and the divisor of the reduction: a term depends on one sample.
  case terms
  /// The sums of each region, for a formula of sums over all samples.
  case regionSums = "region_sums"
  /// The partial results of the losses that it is made of.
  case parts
}

extension FormLoss {
  /// Sums of terms, if a term belongs to one sample and depends on no other.
  public var partialForm: PartialForm? { termsFollowSamples ? .terms : nil }

  /// Whether the terms have the axis of the samples, and depend on one sample each.
  @usableFromInline
  var termsFollowSamples: Bool {
    guard Self.kind == .loss, !properties.contains(.batchDependent) else { return false }
    // The first axis of a class region's terms is the class axis, which no shard is cut along.
    guard let first = signature.terms.axes.first else { return false }
    return first == signature.inputs.first?.encodings.first?.axes.axes.first
      && first != signature.classAxis.map { .named($0) }
  }
}

extension RegionFormLoss {
  /// Sums over the region, if it extends over all samples; otherwise sums of terms.
  public var partialForm: PartialForm? {
    region == .all || region == .class ? .regionSums : .terms
  }
}

extension RegionFormLoss where Self: BatchLoss {
  /// Sums of terms, if no region extends over several samples.
  public var partialForm: PartialForm? { termsFollowSamples ? .terms : nil }
}
