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
  @inlinable
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
