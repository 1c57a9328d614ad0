public import LossCore

/// A loss over regions that can be told which classes count, and what each weighs.
public protocol ClassRegionLoss: RegionFormLoss {
  /// Which classes count, and what each weighs.
  var counted: RegionClasses { get }
}

extension ClassRegionLoss {
  /// Whether some class does not count, or weighs something of its own.
  public var hasTermWeights: Bool { !counted.isAll }
  /// What the terms of each class weigh.
  public func termWeights<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    counted.termWeights(pass, region, into: &termWeights)
  }
  /// The classes that the options name, and one weight for each class.
  public func check(classCount: Int) throws(LossError) {
    try counted.check(classCount: classCount)
  }
}
