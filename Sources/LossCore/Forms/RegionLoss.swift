/// A loss whose term is a formula of sums over a region: an image, a class, a batch.
///
/// Give what each element adds to the sums, and the formula of the sums, both with their
/// derivatives; the form walks the regions and chains the two.
public protocol RegionLoss: FormLoss {
  /// How many of the four sums are used.
  static var sumCount: Int { get }
  /// What a region is.
  var region: Region { get }
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

/// What a region of a `RegionLoss` is, and so what its terms are.
public enum Region: String, OptionChoice {
  /// All elements: one term.
  case all
  /// The elements of one sample, along the first axis that is not the class axis: a term a sample.
  case sample
  /// The elements of one class in all samples: a term a class.
  case perClass = "class"
  /// The elements of one class in one sample: a term for each pair, samples first.
  case sampleAndClass = "sample_and_class"

  /// The signature of a loss over such regions, whose target may be given as class indices where
  /// the prediction has a probability, or a logit, for each class.
  public func signature(
    prediction: InputSpecification.Domain, target: InputSpecification.Domain
  ) -> LossSignature {
    let (axes, indices): (AxisPattern, AxisPattern) =
      switch self {
      case .all, .perClass: ("... class", "...")
      case .sample, .sampleAndClass: ("sample ... class", "sample ...")
      }
    return LossSignature(
      .real(.prediction, axes, prediction),
      .classes(.target, of: "class", indices, orReal: axes, target), terms: terms,
      classAxis: "class", maskCovers: .elements)
  }

  /// The signature of a loss over such regions of any numbers.
  public var signature: LossSignature {
    let axes: AxisPattern =
      switch self {
      case .all: "..."
      case .sample: "sample ... class"
      case .perClass: "... class"
      case .sampleAndClass: "sample ... class"
      }
    return LossSignature(
      .real(.prediction, axes), .real(.target, axes), terms: terms,
      classAxis: self == .all ? nil : "class", maskCovers: .elements)
  }

  private var terms: AxisPattern {
    switch self {
    case .all: ""
    case .sample: "sample"
    case .perClass: "class"
    case .sampleAndClass: "sample class"
    }
  }
}

extension RegionLoss {
  /// Prediction and target of equal shape.
  public var signature: LossSignature { region.signature }

  /// Walks the regions, twice where a gradient is wanted.
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) {
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
    let size = Blocks.elementsInBlock(S.self) / 4
    withUnsafeTemporaryAllocation(of: S.self, capacity: 4 * size) { memory in
      guard let block = memory.baseAddress else { return }
      walk.forEachRun(term) { start, length, step in
        for done in stride(from: 0, to: length, by: size) {
          let part = min(size, length - done)
          let place = start + done * step
          if step == 1, pass.elementMask == nil {
            // The loop that nearly all data goes through: nothing in it depends on a choice.
            for i in 0..<part {
              put(summands(prediction[place + i], target[place + i]), block, i, size)
            }
            totals.count += part
          } else {
            for i in 0..<part {
              let element = place + i * step
              let isKept = pass.elementMask.map { $0[element] } ?? true
              put(
                isKept ? summands(prediction[element], target[element]) : (0, 0, 0, 0), block, i,
                size)
              totals.count += isKept ? 1 : 0
            }
          }
          totals.sums.0.add(BlockSum.sum(block, count: part))
          if Self.sumCount > 1 { totals.sums.1.add(BlockSum.sum(block + size, count: part)) }
          if Self.sumCount > 2 { totals.sums.2.add(BlockSum.sum(block + 2 * size, count: part)) }
          if Self.sumCount > 3 { totals.sums.3.add(BlockSum.sum(block + 3 * size, count: part)) }
        }
      }
    }
    return (totals.values, Double(totals.count))
  }

  @inlinable @inline(__always)
  func put<S: LossScalar>(
    _ parts: (S, S, S, S), _ block: UnsafeMutablePointer<S>, _ i: Int, _ size: Int
  ) {
    block[i] = parts.0
    if Self.sumCount > 1 { block[size + i] = parts.1 }
    if Self.sumCount > 2 { block[2 * size + i] = parts.2 }
    if Self.sumCount > 3 { block[3 * size + i] = parts.3 }
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

/// The sums of a region and the number of its elements.
@usableFromInline struct RegionTotals {
  @usableFromInline var sums = (WideSum(), WideSum(), WideSum(), WideSum())
  @usableFromInline var count = 0

  @inlinable init() {}

  @inlinable var values: SIMD4<Double> {
    SIMD4(sums.0.value, sums.1.value, sums.2.value, sums.3.value)
  }
}

extension LossPass {
  /// The target as a number for each class, if it was given as class indices.
  @inlinable
  func oneHotTarget() -> UnsafeMutablePointer<S>? {
    guard let classes = integers(1), let count = inputs[0]?.count else { return nil }
    let oneHot = UnsafeMutablePointer<S>.allocate(capacity: max(1, count))
    oneHot.initialize(repeating: 0, count: max(1, count))
    for place in 0..<(rows.outer * rows.inner) {
      let row = (place / rows.inner) * rows.length * rows.inner + place % rows.inner
      // An index that was not checked belongs to elements that are not read.
      guard classes[place] >= 0, classes[place] < rows.length else { continue }
      oneHot[row + classes[place] * rows.inner] = 1
    }
    return oneHot
  }
}

/// Where the elements of each region lie: the extents `before × first × between × second × after`
/// of the shape, where `first` and `second` are the axes that tell regions apart.
@usableFromInline struct RegionWalk: Sendable {
  @usableFromInline let first: Int
  @usableFromInline let between: Int
  @usableFromInline let second: Int
  @usableFromInline let after: Int
  /// Whether the first of the two axes is the class axis, which comes last in the terms.
  @usableFromInline let startsWithClass: Bool

  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  init<S: LossScalar>(_ region: Region, _ pass: LossPass<S>) {
    let (outer, classes, inner) = (pass.rows.outer, pass.rows.length, pass.rows.inner)
    let extents = pass.inputs[0]?.shape.extents ?? []
    let startsWithClass = outer == 1 && pass.classAxis == 0 && region == .sampleAndClass
    let samples = pass.extent("sample")
    switch region {
    case .all:
      (first, between, second, after) = (1, 1, 1, outer * classes * inner)
    case .sample where pass.classAxis == 0:
      (first, between, second, after) = (1, classes, samples, inner / max(1, samples))
    case .sample:
      let size = extents.dropFirst().reduce(1, *)
      (first, between, second, after) = (samples, 1, 1, size)
    case .perClass:
      (first, between, second, after) = (1, outer, classes, inner)
    case .sampleAndClass where startsWithClass:
      (first, between, second, after) = (classes, 1, samples, inner / max(1, samples))
    case .sampleAndClass:
      (first, between, second, after) = (samples, outer / max(1, samples), classes, inner)
    }
    self.startsWithClass = startsWithClass
  }

  @inlinable var elementsPerTerm: Int { between * after }

  /// The term of the region in which an element lies.
  func term(of element: Int) -> Int {
    let i = element / (between * second * after) % first
    let j = element / after % second
    return startsWithClass ? j * first + i : i * second + j
  }

  /// Refuses a class index outside the classes, unless neither the mask nor the removed terms leave
  /// an element of which it is the class.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func checkClasses<S: LossScalar>(_ pass: LossPass<S>) throws(LossError) {
    guard let classes = pass.integers(1), let shape = pass.inputs[1]?.shape,
      let leading = pass.inputs[0]?.shape
    else { return }
    let rows = pass.rows
    for place in 0..<shape.count where classes[place] < 0 || classes[place] >= rows.length {
      let start = (place / rows.inner) * rows.length * rows.inner + place % rows.inner
      let isRead = (0..<rows.length).contains { j in
        let element = start + j * rows.inner
        return pass.elementMask.map { $0[element] } ?? true && !pass.isRemoved(term(of: element))
      }
      if isRead {
        throw LossError.invalidClass(classes[place], at: place, shape, leading, rows.length)
      }
    }
  }

  /// Calls a function for each run of elements of a region: its start, its length and how far
  /// apart its elements lie.
  @inlinable
  func forEachRun(_ term: Int, _ body: (Int, Int, Int) -> Void) {
    let i = startsWithClass ? term % first : term / second
    let j = startsWithClass ? term / first : term % second
    let start = i * between * second * after + j * after
    if after == 1 {
      body(start, between, second)
    } else {
      for step in 0..<between { body(start + step * second * after, after, 1) }
    }
  }
}
