import LossCore

/// A formula of one element and its distances to the contours of target and prediction.
///
/// A contour separates the elements above 1/2 from the others. A square is that of the distance to
/// the nearest element on the other side, 0 if there is none.
protocol DistanceFormula: Sendable {
  /// Whether the formula reads the distance to the contour of the prediction.
  var readsPredicted: Bool { get }
  /// The value of an element, and its derivative with respect to the probability at fixed
  /// distances.
  func element(
    _ probability: Double, _ target: Double, targetSquare: Double, predictedSquare: Double
  ) -> (value: Double, derivative: Double)
}

/// Evaluates a loss over distances: a term is the mean over the elements of a region, whose
/// distances are those within their class and sample.
struct DistanceRegions {
  let classes: ClassSelection
  let per: RegionScope
  /// Whether the term is the logarithm of one plus the mean.
  let isLogarithmic: Bool

  private let readsProbabilities: Bool
  private let activation: @Sendable (_ classCount: Int) -> Activation

  init(_ options: some ClassOptions, isLogarithmic: Bool = false) {
    (classes, per) = (options.classes, options.per)
    readsProbabilities = options.readsProbabilities
    activation = { options.activation(classCount: $0) }
    self.isLogarithmic = isLogarithmic
  }

  /// The signature of samples, positions and classes, for any class axis.
  var signature: LossSignature {
    (readsProbabilities ? Self.probabilities : Self.logits)[per]
  }

  private static let probabilities = signatures(.probability)
  private static let logits = signatures(.any)

  private static func signatures(_ prediction: InputSpecification.Domain) -> RegionSignatures {
    let inputs = RegionScope.sampleAndClass.signature(
      prediction: prediction, target: .probability, targetHasGradient: false
    ).inputs
    return RegionSignatures { region in
      let terms = region.signature(prediction: prediction, target: .probability).terms
      return LossSignature(
        inputs: inputs, terms: terms, classAxis: "class", maskCovers: .elements)
    }
  }

  /// Writes the terms and, if requested, the gradient.
  func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, _ formula: some DistanceFormula,
    into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let context = copy context
    let layout = try context.layout(of: .sampleAndClass)
    ClassPlanes.with(context, layout, activation(layout.classes)) { planes in
      var cells = Array(repeating: DistanceCell(), count: planes.segments * planes.classes)
      cells.withUnsafeMutableBufferPointer { cells in
        guard let cells = cells.baseAddress else { return }
        let count = planes.segments * planes.classes
        let extents = Self.grid(of: context)
        context.parallelForEach(count) { index in
          let (segment, j) = (index / planes.classes, index % planes.classes)
          if classes.contains(j) {
            cells[index] = DistanceCell(of: j, in: segment, planes, formula, extents)
          }
        }
        reduce(cells, planes, into: terms)
        context.parallelForEach(count) { index in
          cells[index].scale(of: index % planes.classes, in: index / planes.classes, planes)
        }
      }
    }
  }

  /// The extents of the positions of a sample.
  private static func grid<S: LossScalar>(of context: KernelContext<S>) -> [Int] {
    var extents = context.inputs[0]?.shape.extents ?? []
    if let axis = context.classAxis, axis < extents.count { extents.remove(at: axis) }
    return Array(extents.dropFirst())
  }

  /// Writes the terms, and the factor for the derivatives of each cell.
  private func reduce<S: LossScalar>(
    _ cells: UnsafeMutablePointer<DistanceCell>, _ planes: ClassPlanes<S>,
    into terms: UnsafeMutablePointer<S>
  ) {
    let (context, classes) = (planes.context, planes.classes)
    var totals = Array(repeating: (sum: CompensatedSum(), count: 0), count: context.termCount)
    func term(_ index: Int) -> Int {
      switch per {
      case .all: 0
      case .sample: index / classes
      case .class: index % classes
      case .sampleAndClass: index
      }
    }
    let count = planes.segments * classes
    for index in 0..<count {
      totals[term(index)].sum.add(cells[index].sum)
      totals[term(index)].count += cells[index].count
    }
    let means = totals.map { $0.count == 0 ? 0 : $0.sum.value / Double($0.count) }
    for index in means.indices {
      terms[index] = S(isLogarithmic ? Double.log(onePlus: means[index]) : means[index])
    }
    for index in 0..<count where cells[index].count > 0 {
      let term = term(index)
      let derivative = 1 / Double(totals[term].count) / (isLogarithmic ? 1 + means[term] : 1)
      cells[index].factor =
        context.isRemoved(term) ? 0 : context.gradientScale(term).asDouble * derivative
    }
  }
}

/// The elements of one class of one sample.
private struct DistanceCell {
  /// The sum over its unmasked elements, and their number.
  var sum = 0.0
  var count = 0
  /// The factor for the derivatives; 0 for a class that is left out.
  var factor = 0.0

  init() {}

  /// Evaluates a class of a segment and writes its derivatives.
  init<S: LossScalar>(
    of j: Int, in segment: Int, _ planes: ClassPlanes<S>, _ formula: some DistanceFormula,
    _ extents: [Int]
  ) {
    let start = planes.start(segment: segment, class: j)
    let p = planes.probabilities + start
    let derivatives = planes.derivatives.map { $0 + start }
    let positions = planes.positions
    withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, 3 * positions)) { memory in
      guard let target = memory.baseAddress else { return }
      let (targetSquares, predictedSquares) = (target + positions, target + 2 * positions)
      // Masked elements count as outside.
      for i in 0..<positions { target[i] = .nan }
      planes.forEachUnmasked(class: j, in: segment) { i, t in target[i] = t.asDouble }
      let distance = PhaseDistance(extents: extents)
      distance.fill(targetSquares) { target[$0] > 0.5 }
      if formula.readsPredicted {
        distance.fill(predictedSquares) { !target[$0].isNaN && p[$0] > 0.5 }
      } else {
        for i in 0..<positions { predictedSquares[i] = 0 }
      }
      var total = CompensatedSum()
      for i in 0..<positions { derivatives?[i] = 0 }
      planes.forEachUnmasked(class: j, in: segment) { i, t in
        let element = formula.element(
          p[i].asDouble, t.asDouble, targetSquare: targetSquares[i],
          predictedSquare: predictedSquares[i])
        total.add(element.value)
        derivatives?[i] = S(element.derivative)
        count += 1
      }
      sum = total.value
    }
  }

  /// Multiplies the derivatives by the factor.
  func scale<S: LossScalar>(of j: Int, in segment: Int, _ planes: ClassPlanes<S>) {
    guard let derivatives = planes.derivatives else { return }
    let start = derivatives + planes.start(segment: segment, class: j)
    for i in 0..<planes.positions {
      start[i] = factor == 0 ? 0 : S(factor * start[i].asDouble)
    }
  }
}
