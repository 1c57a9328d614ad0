/// A loss whose term is a formula of sums over a region: an image, a class, a batch.
///
/// Give what each element adds to the sums, and the formula of the sums, both with their
/// derivatives; the form walks the regions and chains the two.
public protocol RegionLoss: FormLoss, RegionFormula {
  /// What a region is.
  var region: Region { get }
}

/// A formula of sums over a region, with its derivatives.
///
/// A loss that computes one of several formulas, as its options say, overrides `run` and lets the
/// chosen formula walk: `formula.walk(pass, region)`.
public protocol RegionFormula: Sendable {
  /// How many of the four sums are used.
  static var sumCount: Int { get }
  /// What one element adds to each sum; 0 for sums that are not used.
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S)
  /// The derivative of the term with respect to one prediction and one target, from the derivatives
  /// with respect to the sums.
  func gradient<S: LossScalar>(_ prediction: S, _ target: S, _ slopes: (S, S, S, S)) -> (S, S)
  /// The term of a region from its sums and the number of its elements.
  func value(_ sums: SIMD4<Double>, count: Double) -> Double
  /// The derivative of the term with respect to each sum.
  func slope(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double>
}

extension RegionLoss {
  /// Prediction and target of equal shape.
  public var signature: LossSignature { region.signature }

  /// Walks the regions.
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) {
    try walk(pass, region)
  }
}

extension RegionFormula {
  /// Walks the regions, twice where a gradient is wanted.
  @inlinable
  public func walk<S: LossScalar>(
    _ pass: borrowing LossPass<S>, _ region: Region
  ) throws(LossError) {
    let pass = copy pass
    guard let prediction = pass.real(0), let count = pass.inputs[0]?.count else { return }
    if pass.integers(1) == nil { try pass.require([count], of: "a loss over regions") }
    let walk = RegionWalk(region, pass)
    try walk.checkClasses(pass)
    let oneHot = pass.oneHotTarget()
    defer { oneHot?.deallocate() }
    guard let target = oneHot.map({ UnsafePointer($0) }) ?? pass.real(1) else { return }
    pass.forEachBlock(elementsPerTerm: walk.elementsPerTerm) { range, terms in
      for term in range {
        if pass.isRemoved(term) {
          terms[term - range.lowerBound] = 0
          if pass.wantsGradient { clearGradients(pass, walk, term) }
        } else {
          let (sums, count) = sums(pass, walk, term, prediction, target)
          terms[term - range.lowerBound] = S(value(sums, count: count))
          if pass.wantsGradient {
            let slope = slope(sums, count: count) * Double(pass.coefficient(term))
            writeGradients(pass, walk, term, prediction, target, slope: slope)
          }
        }
      }
    }
  }

  /// The sums of a region, block by block so that they are wide and their order is fixed.
  @inlinable
  func sums<S: LossScalar>(
    _ pass: LossPass<S>, _ walk: RegionWalk, _ term: Int, _ prediction: UnsafePointer<S>,
    _ target: UnsafePointer<S>
  ) -> (SIMD4<Double>, Double) {
    var totals = RegionTotals()
    withBlocks { (blocks: Buffers<S>) in
      walk.forEachRun(term) { start, length, step in
        for done in stride(from: 0, to: length, by: blocks.size) {
          let part = min(blocks.size, length - done)
          let place = start + done * step
          if step == 1, pass.elementMask == nil {
            // The loop that nearly all data goes through: nothing in it depends on a choice.
            for i in 0..<part {
              put(summands(prediction[place + i], target[place + i]), blocks, i)
            }
            totals.count += part
          } else {
            for i in 0..<part {
              let element = place + i * step
              let isKept = pass.elementMask.map { $0[element] } ?? true
              put(
                isKept ? summands(prediction[element], target[element]) : (0, 0, 0, 0), blocks, i)
              totals.count += isKept ? 1 : 0
            }
          }
          totals.sums.0.add(BlockSum.sum(blocks.first, count: part))
          if Self.sumCount > 1 { totals.sums.1.add(BlockSum.sum(blocks.second, count: part)) }
          if Self.sumCount > 2 { totals.sums.2.add(BlockSum.sum(blocks.third, count: part)) }
          if Self.sumCount > 3 { totals.sums.3.add(BlockSum.sum(blocks.fourth, count: part)) }
        }
      }
    }
    return (totals.values, Double(totals.count))
  }

  @inlinable @inline(__always)
  func put<S: LossScalar>(_ parts: (S, S, S, S), _ blocks: Buffers<S>, _ i: Int) {
    blocks.first[i] = parts.0
    if Self.sumCount > 1 { blocks.second[i] = parts.1 }
    if Self.sumCount > 2 { blocks.third[i] = parts.2 }
    if Self.sumCount > 3 { blocks.fourth[i] = parts.3 }
  }

  /// Room for a block of each of the four summands, on the stack.
  @inlinable
  func withBlocks<S: LossScalar>(_ body: (Buffers<S>) -> Void) {
    let size = Blocks.elementsInBlock(S.self)
    withUnsafeTemporaryAllocation(of: S.self, capacity: size) { first in
      withUnsafeTemporaryAllocation(of: S.self, capacity: size) { second in
        withUnsafeTemporaryAllocation(of: S.self, capacity: size) { third in
          withUnsafeTemporaryAllocation(of: S.self, capacity: size) { fourth in
            guard let first = first.baseAddress, let second = second.baseAddress,
              let third = third.baseAddress, let fourth = fourth.baseAddress
            else { return }
            body(Buffers(size: size, first: first, second: second, third: third, fourth: fourth))
          }
        }
      }
    }
  }

  @inlinable
  func writeGradients<S: LossScalar>(
    _ pass: LossPass<S>, _ walk: RegionWalk, _ term: Int, _ prediction: UnsafePointer<S>,
    _ target: UnsafePointer<S>, slope: SIMD4<Double>
  ) {
    let slopes = (S(slope[0]), S(slope[1]), S(slope[2]), S(slope[3]))
    let first = pass.gradient(0)
    let second = pass.gradient(1)
    walk.forEachRun(term) { start, length, step in
      if step == 1, pass.elementMask == nil, let first, second == nil {
        for place in start..<(start + length) {
          first[place] = gradient(prediction[place], target[place], slopes).0
        }
      } else {
        for i in 0..<length {
          let place = start + i * step
          let isKept = pass.elementMask.map { $0[place] } ?? true
          let both = gradient(prediction[place], target[place], slopes)
          if let first { first[place] = isKept ? both.0 : 0 }
          if let second { second[place] = isKept ? both.1 : 0 }
        }
      }
    }
  }

  @inlinable
  func clearGradients<S: LossScalar>(_ pass: LossPass<S>, _ walk: RegionWalk, _ term: Int) {
    walk.forEachRun(term) { start, length, step in
      for i in 0..<length {
        pass.gradient(0)?[start + i * step] = 0
        pass.gradient(1)?[start + i * step] = 0
      }
    }
  }
}

/// A block of each of the four summands.
@usableFromInline struct Buffers<S> {
  @usableFromInline let size: Int
  @usableFromInline let first: UnsafeMutablePointer<S>
  @usableFromInline let second: UnsafeMutablePointer<S>
  @usableFromInline let third: UnsafeMutablePointer<S>
  @usableFromInline let fourth: UnsafeMutablePointer<S>

  @inlinable
  init(
    size: Int, first: UnsafeMutablePointer<S>, second: UnsafeMutablePointer<S>,
    third: UnsafeMutablePointer<S>, fourth: UnsafeMutablePointer<S>
  ) {
    self.size = size
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
  }
}

/// The sums of a region and the number of its elements.
@usableFromInline struct RegionTotals {
  @usableFromInline var sums = (WideSum(), WideSum(), WideSum(), WideSum())
  @usableFromInline var count = 0

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
}
