import LossCore

/// The log-sum-exp of a row of logits, to which parts of the row are added, and its term.
struct LogitRow {
  /// The largest logit so far.
  var top = -Double.infinity
  /// The exponential of the largest logit, divided by the scale of that.
  private(set) var topExponential = 1.0
  /// The sum of the exponentials of all logits except one of the largest, divided as that.
  var others = CompensatedSum()
  /// The logit of the true class.
  var targetLogit = 0.0
  /// Σ w z over all classes.
  var weighted = CompensatedSum()
  /// The term.
  var value = 0.0
  /// The true class.
  var label = 0
  /// Whether no mask, weight or ignored class removes the row.
  var isKept = false

  /// The sum of all exponentials, divided as the others.
  var total: Double { topExponential + others.value }
  /// Σ exp(z - top) over all logits except one of the largest.
  var sumExcludingTop: Double { others.value / topExponential }
  /// log Σ exp z
  var logOfSum: Double { top + Double.log(onePlus: sumExcludingTop) }
  /// log Σ exp z minus the logit of the true class, without cancellation for a confident row.
  var negativeLogLikelihood: Double { (top - targetLogit) + Double.log(onePlus: sumExcludingTop) }

  /// Adds logits: the largest of them, and the sum of the exponentials of the others.
  ///
  /// Returns the factors that make the exponentials of earlier logits, divided by `topExponential`,
  /// and those of these ones relative to the new largest logit. Scales are powers of two where no
  /// logit is far from 0, so that the sums do not depend on the parts.
  @inline(__always)
  mutating func add<S: LossScalar>(
    largest: S, _ sum: CompensatedSum
  ) -> (before: Double, now: Double) {
    // Logits of -∞ add nothing.
    guard largest != -.infinity else { return (1, 0) }
    let exponential = ExponentialSum(maximum: largest, sumExcludingMax: sum).maxExponential
    guard top != -.infinity else {
      (top, topExponential, others) = (largest.asDouble, exponential, sum)
      return (0, 1 / exponential)
    }
    // NaN compares false and is added to the sum.
    let isLarger = largest.asDouble > top
    let (low, high) = isLarger ? (S(top), largest) : (largest, S(top))
    let factor = low == high ? 1 : S.scale(below: low).factor(to: S.scale(below: high))
    var smaller = isLarger ? others : sum
    smaller.add(isLarger ? topExponential : exponential)
    smaller = CompensatedSum(high: smaller.high * factor, low: smaller.low * factor)
    guard isLarger else {
      others.add(smaller)
      return (1, factor / topExponential)
    }
    let before = factor * (topExponential / exponential)
    (top, topExponential, others) = (largest.asDouble, exponential, sum)
    others.add(smaller)
    return (before, 1 / exponential)
  }
}

/// The logits of a linear layer, computed in tiles of some rows and some classes.
///
/// Tiles have the precision of the element; a logit has the same bits whenever it is computed. Sums
/// over the classes of a row are in `Double`. All sums are in index order, on any number of
/// threads.
struct LinearLayer<S: LossScalar> {
  let context: KernelContext<S>
  let hidden: UnsafePointer<S>
  let kernel: UnsafePointer<S>
  let bias: UnsafePointer<S>?
  let labels: UnsafePointer<Int>
  let features: Int
  /// The number of classes that the kernel has.
  let classes: Int
  /// The first of these among all classes, and the number of all.
  let firstClass, classCount: Int
  let weights: [Double]
  let smoothing: Double
  let sumOfWeights: Double
  /// Σ w kernel[class] over the classes; empty where it is not needed.
  let weightedKernel: [Double]

  /// The size of a tile, such that its logits and the features of its classes stay in the caches.
  static var rowsInTile: Int { 16 * MatrixProduct.rowsInTile }
  static var classesInTile: Int { 256 }
  /// The stride of the rows of a tile: not a power of 2, so that a column uses all sets of a cache.
  private static var rowStep: Int { classesInTile + 16 }

  /// Nil if an input is missing, which validation excludes.
  init?(
    _ context: KernelContext<S>, classes: Range<Int>, of classCount: Int, weights: [Double],
    smoothing: Double
  ) {
    guard let hidden = context.real(0), let labels = context.integers(1),
      let kernel = context.real(2)
    else { return nil }
    self.context = context
    self.hidden = hidden
    self.labels = labels
    self.kernel = kernel
    bias = context.real(3)
    self.classes = classes.count
    firstClass = classes.lowerBound
    self.classCount = classCount
    let features = context.inputs[2]?.shape.extents.last ?? 0
    self.features = features
    self.weights = weights
    self.smoothing = smoothing
    sumOfWeights = weights.isEmpty ? Double(classCount) : weights.reduce(0, +)
    let isWeighted = smoothing > 0 && context.gradient(0) != nil && classes.count == classCount
    weightedKernel = isWeighted ? Self.weightedSum(kernel, features, classCount, weights) : []
  }

  private static func weightedSum(
    _ kernel: UnsafePointer<S>, _ features: Int, _ classes: Int, _ weights: [Double]
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: features)
    for j in 0..<classes {
      let weight = weights.isEmpty ? 1 : weights[j]
      for k in 0..<features { sums[k] += weight * kernel[j * features + k].asDouble }
    }
    return sums
  }

  var rowBlocks: Int { (context.termCount + Self.rowsInTile - 1) / Self.rowsInTile }
  var classBlocks: Int { (classes + Self.classesInTile - 1) / Self.classesInTile }

  private func rows(_ block: Int) -> Range<Int> {
    block * Self.rowsInTile..<min(context.termCount, (block + 1) * Self.rowsInTile)
  }

  private func classes(_ block: Int) -> Range<Int> {
    block * Self.classesInTile..<min(classes, (block + 1) * Self.classesInTile)
  }

  /// The weight of a class among all.
  private func weight(_ j: Int) -> Double { weights.isEmpty ? 1 : weights[j] }

  /// The true class of a row among those of the kernel, or another number.
  private func label(_ row: Int) -> Int { labels[row] - firstClass }

  /// Scratch memory for one tile: hidden rows, transposed kernel rows, logits, the tile's part of
  /// the gradient of the rows, and one row of exponentials.
  struct Workspace {
    fileprivate let hidden: UnsafeMutablePointer<S>
    fileprivate let transposed: UnsafeMutablePointer<S>
    fileprivate let logits: UnsafeMutablePointer<S>
    fileprivate let part: UnsafeMutablePointer<S>
    fileprivate let exponentials: UnsafeMutablePointer<S>

    fileprivate init(_ memory: UnsafeMutablePointer<S>, features: Int) {
      hidden = memory
      transposed = hidden + rowsInTile * features
      logits = transposed + rowStep * features
      part = logits + rowsInTile * rowStep
      exponentials = part + rowsInTile * features
    }

    fileprivate static func count(features: Int) -> Int {
      (2 * rowsInTile + rowStep) * features + (rowsInTile + 1) * rowStep
    }
  }

  /// Calls a function for each block, in parallel, with scratch memory for a tile and for sums.
  func forEach(
    _ blocks: Int, sums: Int,
    _ body: (_ block: Int, _ workspace: Workspace, _ sums: UnsafeMutablePointer<Double>) -> Void
  ) {
    guard blocks > 0 else { return }
    let count = Workspace.count(features: features)
    let workers = context.workers(for: blocks)
    let memory = UnsafeMutablePointer<S>.allocate(capacity: count * workers)
    let sumMemory = UnsafeMutablePointer<Double>.allocate(capacity: max(1, sums * workers))
    defer {
      memory.deallocate()
      sumMemory.deallocate()
    }
    context.parallelForEach(blocks) { block, worker in
      body(block, Workspace(memory + worker * count, features: features), sumMemory + worker * sums)
    }
  }

  /// Copies the hidden rows of a block; removed rows become zeros, whatever they hold.
  private func load(_ rows: Range<Int>, _ workspace: Workspace) {
    for row in rows {
      let to = workspace.hidden + (row - rows.lowerBound) * features
      if context.isRemoved(row) {
        to.update(repeating: 0, count: features)
      } else {
        to.update(from: hidden + row * features, count: features)
      }
    }
  }

  /// Transposes the kernel rows of some classes.
  private func transpose(_ classes: Range<Int>, _ workspace: Workspace) {
    MatrixProduct.transpose(
      rows: classes.count, columns: features, (kernel + classes.lowerBound * features, features),
      to: (workspace.transposed, Self.rowStep))
  }

  /// Computes the logits of loaded rows and transposed classes.
  private func fill(rows: Int, _ classes: Range<Int>, _ workspace: Workspace) {
    for i in 0..<rows {
      let logits = workspace.logits + i * Self.rowStep
      if let bias {
        logits.update(from: bias + classes.lowerBound, count: classes.count)
      } else {
        logits.update(repeating: 0, count: classes.count)
      }
    }
    MatrixProduct.add(
      rows: rows, columns: classes.count, inner: features,
      (UnsafePointer(workspace.hidden), features, 1),
      (UnsafePointer(workspace.transposed), Self.rowStep), to: (workspace.logits, Self.rowStep))
  }

  /// The number of sums that the gradient of a block of rows needs.
  var sumsOfRows: Int { context.gradient(0) == nil ? 0 : Self.rowsInTile * features }

  /// Writes the terms of a block of rows and, if requested, their gradient, which is summed with
  /// exponentials relative to the largest logit so far.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func writeTerms(
    block: Int, _ workspace: Workspace, _ sums: UnsafeMutablePointer<Double>,
    into results: UnsafeMutablePointer<LogitRow>
  ) {
    let rows = rows(block)
    addLogits(rows, workspace, sumsOfRows > 0 ? sums : nil, to: results)
    for row in rows where !context.isRemoved(row) { results[row].value = value(results[row], row) }
    guard let gradient = context.gradient(0) else { return }
    for row in rows {
      finish(sums + (row - rows.lowerBound) * features, row, results[row], into: gradient)
    }
  }

  /// Adds the logits of a block of rows.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func addLogits(block: Int, _ workspace: Workspace, to results: UnsafeMutablePointer<LogitRow>) {
    addLogits(rows(block), workspace, nil, to: results)
  }

  @inline(__always)
  private func addLogits(
    _ rows: Range<Int>, _ workspace: Workspace, _ sums: UnsafeMutablePointer<Double>?,
    to results: UnsafeMutablePointer<LogitRow>
  ) {
    for row in rows {
      (results + row).initialize(to: LogitRow())
      results[row].label = labels[row]
      results[row].isKept = !context.isRemoved(row)
    }
    sums?.initialize(repeating: 0, count: sumsOfRows)
    load(rows, workspace)
    for block in 0..<classBlocks {
      let classes = classes(block)
      transpose(classes, workspace)
      fill(rows: rows.count, classes, workspace)
      for row in rows where !context.isRemoved(row) {
        let logits = workspace.logits + (row - rows.lowerBound) * Self.rowStep
        let before = add(
          logits, classes, label(row), workspace, to: &results[row], keepsExponentials: sums != nil)
        guard let sums, before != 1 else { continue }
        let sumsOfRow = sums + (row - rows.lowerBound) * features
        for k in 0..<features { sumsOfRow[k] *= before }
      }
      if let sums { addFeatures(rows, classes, workspace, to: sums) }
    }
  }

  /// Adds the logits of a tile to their row and replaces them by their exponentials, that of the
  /// true class by 0. Returns the factor for earlier exponentials.
  private func add(
    _ logits: UnsafeMutablePointer<S>, _ classes: Range<Int>, _ label: Int, _ workspace: Workspace,
    to row: inout LogitRow, keepsExponentials: Bool
  ) -> Double {
    if classes.contains(label) { row.targetLogit = logits[label - classes.lowerBound].asDouble }
    if smoothing > 0 {
      var weighted = CompensatedSum()
      for j in 0..<classes.count {
        weighted.add(weight(firstClass + classes.lowerBound + j) * logits[j].asDouble)
      }
      row.weighted.add(weighted)
    }
    let largest = RowMath.maximum(logits, count: classes.count)
    guard largest.value != -.infinity else {
      logits.update(repeating: 0, count: classes.count)
      return 1
    }
    let exponentials = workspace.exponentials
    _ = RowMath.exponentials(logits, count: classes.count, largest: largest, into: exponentials)
    let ofLargest = exponentials[largest.index]
    exponentials[largest.index] = 0
    let factors = row.add(
      largest: largest.value, BlockedSum.sum(exponentials, count: classes.count))
    guard keepsExponentials else { return 1 }
    exponentials[largest.index] = ofLargest
    let factor = S(factors.now)
    for j in 0..<classes.count { logits[j] = factor * exponentials[j] }
    if classes.contains(label) { logits[label - classes.lowerBound] = 0 }
    return factors.before
  }

  /// Adds exponentials times kernel rows to the sums of each row.
  private func addFeatures(
    _ rows: Range<Int>, _ classes: Range<Int>, _ workspace: Workspace,
    to sums: UnsafeMutablePointer<Double>
  ) {
    let count = rows.count * features
    workspace.part.initialize(repeating: 0, count: count)
    MatrixProduct.add(
      rows: rows.count, columns: features, inner: classes.count,
      (UnsafePointer(workspace.logits), Self.rowStep, 1),
      (kernel + classes.lowerBound * features, features), to: (workspace.part, features))
    for k in 0..<count { sums[k] += workspace.part[k].asDouble }
  }

  /// The term of a row, from the statistics of all its logits.
  func value(_ row: LogitRow, _ index: Int) -> Double {
    let hardTerm = (1 - smoothing) * weight(labels[index]) * row.negativeLogLikelihood
    guard smoothing > 0 else { return hardTerm }
    return hardTerm + smoothing / Double(classCount)
      * (sumOfWeights * row.logOfSum - row.weighted.value)
  }

  /// The parts of the derivatives with respect to the logits of a row, `weight p - uniformShare w`,
  /// and the whole derivative for the true class, where p - 1 would cancel for p near 1.
  private func derivative(
    _ row: LogitRow, _ index: Int
  ) -> (weight: Double, uniformShare: Double, ofLabel: Double) {
    let uniformShare = smoothing / Double(classCount)
    let hardWeight = (1 - smoothing) * weight(labels[index])
    let pMinusOne = Double.expMinusOne(-row.negativeLogLikelihood)
    let smoothed = uniformShare * (sumOfWeights * (1 + pMinusOne) - weight(labels[index]))
    return (
      hardWeight + uniformShare * sumOfWeights, uniformShare, hardWeight * pMinusOne + smoothed
    )
  }

  /// Writes the gradient of a row from its sums, which exclude the true class.
  private func finish(
    _ sums: UnsafeMutablePointer<Double>, _ row: Int, _ result: LogitRow,
    into gradient: UnsafeMutablePointer<S>
  ) {
    let gradient = gradient + row * features
    guard !context.isRemoved(row) else {
      gradient.update(repeating: 0, count: features)
      return
    }
    let derivative = derivative(result, row)
    let coefficient = context.gradientScale(row).asDouble
    let scale = coefficient * derivative.weight / (1 + result.sumExcludingTop)
    let ofLabel = coefficient * (derivative.ofLabel + derivative.uniformShare * weight(labels[row]))
    let kernelRow = kernel + labels[row] * features
    for k in 0..<features { sums[k] = scale * sums[k] + ofLabel * kernelRow[k].asDouble }
    if derivative.uniformShare > 0 {
      for k in 0..<features { sums[k] -= coefficient * derivative.uniformShare * weightedKernel[k] }
    }
    for k in 0..<features { gradient[k] = S(sums[k]) }
  }

  /// Replaces the logits of a tile by the derivatives with respect to them, 0 in removed rows.
  private func differentiate(
    _ rows: Range<Int>, _ classes: Range<Int>, _ results: UnsafeMutablePointer<LogitRow>,
    _ workspace: Workspace
  ) {
    for row in rows {
      let logits = workspace.logits + (row - rows.lowerBound) * Self.rowStep
      guard !context.isRemoved(row) else {
        logits.update(repeating: 0, count: classes.count)
        continue
      }
      let label = label(row)
      let derivative = derivative(results[row], row)
      let coefficient = context.gradientScale(row).asDouble
      let unit = S.scale(below: S(results[row].top))
      let scale = S(coefficient * derivative.weight / results[row].total)
      for j in 0..<classes.count { logits[j] = scale * S.exp(logits[j], unit) }
      if derivative.uniformShare > 0 {
        for j in 0..<classes.count {
          logits[j] -= S(
            coefficient * derivative.uniformShare * weight(firstClass + classes.lowerBound + j))
        }
      }
      guard classes.contains(label) else { continue }
      logits[label - classes.lowerBound] = S(coefficient * derivative.ofLabel)
    }
  }

  /// Writes the part of the gradient of a block of rows that comes from these classes; needs
  /// ``sumsOfRows`` sums.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func writeHiddenGradient(
    block: Int, _ workspace: Workspace, _ sums: UnsafeMutablePointer<Double>,
    _ results: UnsafeMutablePointer<LogitRow>
  ) {
    guard let gradient = context.gradient(0) else { return }
    let rows = rows(block)
    sums.initialize(repeating: 0, count: sumsOfRows)
    load(rows, workspace)
    for block in 0..<classBlocks {
      let classes = classes(block)
      transpose(classes, workspace)
      fill(rows: rows.count, classes, workspace)
      differentiate(rows, classes, results, workspace)
      addFeatures(rows, classes, workspace, to: sums)
    }
    let count = rows.count * features
    for k in 0..<count { gradient[rows.lowerBound * features + k] = S(sums[k]) }
  }

  /// Writes the gradients of the kernel and of the bias, if they are requested.
  func writeLayerGradient(_ results: UnsafeMutablePointer<LogitRow>) {
    guard context.gradient(2) != nil || context.gradient(3) != nil else { return }
    forEach(classBlocks, sums: Self.classesInTile) { block, workspace, sums in
      writeLayerGradient(block: block, workspace, sums, results)
    }
  }

  /// Writes the gradients of the kernel and of the bias for a block of classes; needs
  /// ``classesInTile`` sums.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func writeLayerGradient(
    block: Int, _ workspace: Workspace, _ biasSums: UnsafeMutablePointer<Double>,
    _ results: UnsafeMutablePointer<LogitRow>
  ) {
    let classes = classes(block)
    let gradient = context.gradient(2).map { $0 + classes.lowerBound * features }
    gradient?.update(repeating: 0, count: classes.count * features)
    biasSums.initialize(repeating: 0, count: classes.count)
    transpose(classes, workspace)
    for block in 0..<rowBlocks {
      let rows = rows(block)
      load(rows, workspace)
      fill(rows: rows.count, classes, workspace)
      differentiate(rows, classes, results, workspace)
      if let gradient {
        MatrixProduct.add(
          rows: classes.count, columns: features, inner: rows.count,
          (UnsafePointer(workspace.logits), 1, Self.rowStep),
          (UnsafePointer(workspace.hidden), features), to: (gradient, features))
      }
      for i in 0..<rows.count {
        let derivatives = workspace.logits + i * Self.rowStep
        for j in 0..<classes.count { biasSums[j] += derivatives[j].asDouble }
      }
    }
    guard let gradient = context.gradient(3) else { return }
    for j in 0..<classes.count { gradient[classes.lowerBound + j] = S(biasSums[j]) }
  }
}
