public import LossCore

/// A loss over regions with included classes and class weights.
public protocol ClassRegionLoss: RegionFormLoss {
  /// The included classes and their weights.
  var counted: RegionClasses { get }
}

extension ClassRegionLoss {
  public var hasTermWeights: Bool { !counted.isAll }
  /// Writes the class weight of each term.
  public func termWeights<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    counted.termWeights(context, region, into: &termWeights)
  }
  public func check(classCount: Int) throws(LossError) {
    try counted.check(classCount: classCount)
  }
}
