import LossCore

/// The log-sum-exp of a row of logits, accumulated tile by tile, and its term.
struct LinearRow {
  /// The largest logit so far.
  var top = -Double.infinity
  /// Σ exp(z - top) over all logits except one of the largest.
  var sumExcludingTop = 0.0
  /// The logit of the true class.
  var targetLogit = 0.0
  /// Σ w z over all classes.
  var weighted = 0.0
  /// The term.
  var value = 0.0
  /// log Σ exp z
  var logOfSum: Double { top + Double.log(onePlus: sumExcludingTop) }
  /// log Σ exp z minus the logit of the true class, without cancellation for a confident row.
  var negativeLogLikelihood: Double { (top - targetLogit) + Double.log(onePlus: sumExcludingTop) }

  /// Adds the logits of a tile. Returns the factors that bring the exponentials of earlier tiles,
  /// and those of this one, to the new largest logit.
  @inline(__always)
  mutating func add(
    top other: Double, sumExcludingTop otherSum: Double
  ) -> (before: Double, now: Double) {
    if other > top {
      let scale = top == -.infinity ? 0 : Double.exp(top - other)
      sumExcludingTop = otherSum + (top == -.infinity ? 0 : (1 + sumExcludingTop) * scale)
      top = other
      return (scale, 1)
    }
    // NaN compares false and is added here.
    let scale = Double.exp(other - top)
    sumExcludingTop += (1 + otherSum) * scale
    return (1, scale)
  }
}

/// The logits of a linear layer, computed in tiles of some rows and some classes.
///
/// Tiles have the precision of the element; a logit has the same bits whenever it is computed. Sums
/// over the classes of a row are in `Double`. All sums are in index order, on any number of
/// threads.
struct LinearLayer<S: LossScalar> {
  let pass: KernelContext<S>
  let hidden: UnsafePointer<S>
  let kernel: UnsafePointer<S>
  let bias: UnsafePointer<S>?
  let labels: UnsafePointer<Int>
  let features: Int
  let classes: Int
  let weights: [Double]
  let smoothing: Double
  let sumOfWeights: Double
  /// Σ w kernel[class] over all classes; empty where it is not needed.
  let weightedKernel: [Double]

  /// The size of a tile, such that its logits and the features of its classes stay in the caches.
  static var rowsInTile: Int { 16 * MatrixProduct.rowsInTile }
  static var classesInTile: Int { 256 }
  /// The stride of the rows of a tile: not a power of 2, so that a column uses all sets of a cache.
  private static var rowStep: Int { classesInTile + 16 }

  /// Nil if an input is missing, which validation excludes.
  init?(_ pass: KernelContext<S>, classes: Int, weights: [Double], smoothing: Double) {
    guard let hidden = pass.real(0), let labels = pass.integers(1), let kernel = pass.real(2)
    else { return nil }
    self.pass = pass
    self.hidden = hidden
    self.labels = labels
    self.kernel = kernel
    bias = pass.real(3)
    self.classes = classes
    let features = pass.inputs[2]?.shape.extents.last ?? 0
    self.features = features
    self.weights = weights
    self.smoothing = smoothing
    sumOfWeights = weights.isEmpty ? Double(classes) : weights.reduce(0, +)
    let isWeighted = smoothing > 0 && pass.gradient(0) != nil
    weightedKernel = isWeighted ? Self.weightedSum(kernel, features, classes, weights) : []
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

  var rowBlocks: Int { (pass.termCount + Self.rowsInTile - 1) / Self.rowsInTile }
  var classBlocks: Int { (classes + Self.classesInTile - 1) / Self.classesInTile }

  private func rows(_ block: Int) -> Range<Int> {
    block * Self.rowsInTile..<min(pass.termCount, (block + 1) * Self.rowsInTile)
  }

  private func classes(_ block: Int) -> Range<Int> {
    block * Self.classesInTile..<min(classes, (block + 1) * Self.classesInTile)
  }

  private func weight(_ j: Int) -> Double { weights.isEmpty ? 1 : weights[j] }

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
    let count = Workspace.count(features: features)
    let workers = pass.workers(for: blocks)
    let memory = UnsafeMutablePointer<S>.allocate(capacity: count * workers)
    let sumMemory = UnsafeMutablePointer<Double>.allocate(capacity: max(1, sums * workers))
    defer {
      memory.deallocate()
      sumMemory.deallocate()
    }
    pass.parallelForEach(blocks) { block, worker in
      body(block, Workspace(memory + worker * count, features: features), sumMemory + worker * sums)
    }
  }

  /// Copies the hidden rows of a block; removed rows become zeros, whatever they hold.
  private func load(_ rows: Range<Int>, _ workspace: Workspace) {
    for row in rows {
      let to = workspace.hidden + (row - rows.lowerBound) * features
      if pass.isRemoved(row) {
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

  /// The number of sums that ``writeTerms(block:_:_:into:)`` needs.
  var sumsOfRows: Int { pass.gradient(0) == nil ? 0 : Self.rowsInTile * features }

  /// Writes the terms of a block of rows and, if requested, their gradient, which is summed with
  /// exponentials relative to the largest logit so far.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func writeTerms(
    block: Int, _ workspace: Workspace, _ sums: UnsafeMutablePointer<Double>,
    into results: UnsafeMutablePointer<LinearRow>
  ) {
    let rows = rows(block)
    for row in rows { (results + row).initialize(to: LinearRow()) }
    sums.initialize(repeating: 0, count: sumsOfRows)
    load(rows, workspace)
    for block in 0..<classBlocks {
      let classes = classes(block)
      transpose(classes, workspace)
      fill(rows: rows.count, classes, workspace)
      for row in rows where !pass.isRemoved(row) {
        let sumsOfRow = sums + (row - rows.lowerBound) * features
        let logits = workspace.logits + (row - rows.lowerBound) * Self.rowStep
        let before = add(logits, classes, labels[row], workspace, to: &results[row])
        if sumsOfRows > 0, before != 1 { for k in 0..<features { sumsOfRow[k] *= before } }
      }
      if sumsOfRows > 0 { addFeatures(rows, classes, workspace, to: sums) }
    }
    for row in rows where !pass.isRemoved(row) { results[row].value = value(results[row], row) }
    guard let gradient = pass.gradient(0) else { return }
    for row in rows {
      finish(sums + (row - rows.lowerBound) * features, row, results[row], into: gradient)
    }
  }

  /// Adds the logits of a tile to their row and replaces them by their exponentials, that of the
  /// true class by 0. Returns the factor for earlier exponentials.
  private func add(
    _ logits: UnsafeMutablePointer<S>, _ classes: Range<Int>, _ label: Int, _ workspace: Workspace,
    to row: inout LinearRow
  ) -> Double {
    if classes.contains(label) { row.targetLogit = logits[label - classes.lowerBound].asDouble }
    if smoothing > 0 {
      var weighted = CompensatedSum()
      for j in 0..<classes.count {
        weighted.add(weight(classes.lowerBound + j) * logits[j].asDouble)
      }
      row.weighted += weighted.value
    }
    let largest = RowMath.maximum(logits, count: classes.count)
    let sum = RowMath.exponentials(
      logits, count: classes.count, largest: largest, into: workspace.exponentials)
    let factors = row.add(
      top: largest.value.asDouble, sumExcludingTop: sum.sumExcludingMax / sum.maxExponential)
    guard sumsOfRows > 0 else { return 1 }
    let factor = S(factors.now / sum.maxExponential)
    for j in 0..<classes.count { logits[j] = factor * workspace.exponentials[j] }
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

  private func value(_ row: LinearRow, _ index: Int) -> Double {
    let hardTerm = (1 - smoothing) * weight(labels[index]) * row.negativeLogLikelihood
    guard smoothing > 0 else { return hardTerm }
    return hardTerm + smoothing / Double(classes) * (sumOfWeights * row.logOfSum - row.weighted)
  }

  /// The parts of the derivatives with respect to the logits of a row, `weight p - uniformShare w`,
  /// and the whole derivative for the true class, where p - 1 would cancel for p near 1.
  private func derivative(
    _ row: LinearRow, _ index: Int
  ) -> (weight: Double, uniformShare: Double, ofLabel: Double) {
    let uniformShare = smoothing / Double(classes)
    let hardWeight = (1 - smoothing) * weight(labels[index])
    let pMinusOne = Double.expMinusOne(-row.negativeLogLikelihood)
    let smoothed = uniformShare * (sumOfWeights * (1 + pMinusOne) - weight(labels[index]))
    return (
      hardWeight + uniformShare * sumOfWeights, uniformShare, hardWeight * pMinusOne + smoothed
    )
  }

  /// Writes the gradient of a row from its sums, which exclude the true class.
  private func finish(
    _ sums: UnsafeMutablePointer<Double>, _ row: Int, _ result: LinearRow,
    into gradient: UnsafeMutablePointer<S>
  ) {
    let gradient = gradient + row * features
    guard !pass.isRemoved(row) else {
      gradient.update(repeating: 0, count: features)
      return
    }
    let derivative = derivative(result, row)
    let coefficient = pass.gradientScale(row).asDouble
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
    _ rows: Range<Int>, _ classes: Range<Int>, _ results: UnsafeMutablePointer<LinearRow>,
    _ workspace: Workspace
  ) {
    for row in rows {
      let logits = workspace.logits + (row - rows.lowerBound) * Self.rowStep
      guard !pass.isRemoved(row) else {
        logits.update(repeating: 0, count: classes.count)
        continue
      }
      let label = labels[row]
      let derivative = derivative(results[row], row)
      let coefficient = pass.gradientScale(row).asDouble
      let top = S(results[row].top)
      let unit = S.scale(below: top)
      let sum = S.exp(top, unit).asDouble * (1 + results[row].sumExcludingTop)
      let scale = S(coefficient * derivative.weight / sum)
      for j in 0..<classes.count { logits[j] = scale * S.exp(logits[j], unit) }
      if derivative.uniformShare > 0 {
        for j in 0..<classes.count {
          logits[j] -= S(coefficient * derivative.uniformShare * weight(classes.lowerBound + j))
        }
      }
      guard classes.contains(label) else { continue }
      logits[label - classes.lowerBound] = S(coefficient * derivative.ofLabel)
    }
  }

  /// Writes the gradients of the kernel and of the bias for a block of classes; needs
  /// ``classesInTile`` sums.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func writeLayerGradient(
    block: Int, _ workspace: Workspace, _ biasSums: UnsafeMutablePointer<Double>,
    _ results: UnsafeMutablePointer<LinearRow>
  ) {
    let classes = classes(block)
    let gradient = pass.gradient(2).map { $0 + classes.lowerBound * features }
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
    guard let gradient = pass.gradient(3) else { return }
    for j in 0..<classes.count { gradient[classes.lowerBound + j] = S(biasSums[j]) }
  }
}
