/// Scratch rows of the length of a block.
@usableFromInline struct RegionRows<S: LossScalar> {
  /// The summands of each element for the four sums.
  @usableFromInline let sums: FourRows<S>
  @usableFromInline let others: FourRows<S>

  /// The length of a row.
  @inlinable static var length: Int { RegionRun.length(S.self) }
  /// The predictions of a class, if they are not contiguous or will be overwritten.
  @inlinable var prediction: UnsafeMutablePointer<S> { others.first }
  /// The targets of a class, if they are not contiguous or are class indices.
  @inlinable var target: UnsafeMutablePointer<S> { others.second }
  /// The derivative of a class that is more probable than all others of its position, or 0.
  @inlinable var reference: UnsafeMutablePointer<S> { others.third }
  /// The probability of the other classes of each position.
  @inlinable var otherProbability: UnsafeMutablePointer<S> { sums.third }
  /// The mean of their derivatives.
  @inlinable var mean: UnsafeMutablePointer<S> { others.fourth }
  /// The derivatives of a class.
  @inlinable var derivative: UnsafeMutablePointer<S> { sums.first }
  /// The gradient of a class, if its elements are not contiguous.
  @inlinable var gradient: UnsafeMutablePointer<S> { sums.second }

  @inlinable
  init(sums: FourRows<S>, others: FourRows<S>) {
    self.sums = sums
    self.others = others
  }

  @inlinable
  static func with(_ body: (Self) -> Void) {
    FourRows<S>.with(length: length) { sums in
      FourRows<S>.with(length: length) { others in
        body(Self(sums: sums, others: others))
      }
    }
  }
}

/// Four scratch rows on the stack.
public struct FourRows<S> {
  /// The first row.
  public let first: UnsafeMutablePointer<S>
  /// The second row.
  public let second: UnsafeMutablePointer<S>
  /// The third row.
  public let third: UnsafeMutablePointer<S>
  /// The fourth row.
  public let fourth: UnsafeMutablePointer<S>

  @inlinable
  init(
    _ first: UnsafeMutablePointer<S>, _ second: UnsafeMutablePointer<S>,
    _ third: UnsafeMutablePointer<S>, _ fourth: UnsafeMutablePointer<S>
  ) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
  }

  /// Each row is a separate allocation, since only small allocations are on the stack.
  @inlinable
  static func with(length: Int, _ body: (Self) -> Void) {
    withUnsafeTemporaryAllocation(of: S.self, capacity: length) { first in
      withUnsafeTemporaryAllocation(of: S.self, capacity: length) { second in
        withUnsafeTemporaryAllocation(of: S.self, capacity: length) { third in
          withUnsafeTemporaryAllocation(of: S.self, capacity: length) { fourth in
            guard let first = first.baseAddress, let second = second.baseAddress,
              let third = third.baseAddress, let fourth = fourth.baseAddress
            else { return }
            body(Self(first, second, third, fourth))
          }
        }
      }
    }
  }
}

/// The sums of a region and the number of its elements.
@usableFromInline struct RegionTotals {
  @usableFromInline var sums = (
    CompensatedSum(), CompensatedSum(), CompensatedSum(), CompensatedSum()
  )
  @usableFromInline var count = 0
  /// Whether the sums are those of the scaled-down formula.
  @usableFromInline var isScaledDown = false
  /// Accumulators that get the summands too; nil unless partial results are collected.
  @usableFromInline var accumulators: UnsafeMutablePointer<ExactAccumulator>?

  @inlinable init() {}

  /// Adds the sums of another part of the region.
  @inlinable
  mutating func add(_ other: RegionTotals) {
    sums.0.add(other.sums.0)
    sums.1.add(other.sums.1)
    sums.2.add(other.sums.2)
    sums.3.add(other.sums.3)
    count += other.count
  }

  @inlinable var values: SIMD4<Double> {
    SIMD4(sums.0.value, sums.1.value, sums.2.value, sums.3.value)
  }

  @inlinable var areFinite: Bool {
    let values = values
    return values.indices.allSatisfy { values[$0].isFinite }
  }
}
