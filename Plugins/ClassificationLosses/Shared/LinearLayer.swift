import LossCore

/// What is known of a row once all its logits have been seen.
struct LinearRow {
  /// The largest logit so far.
  var top = -Double.infinity
  /// Σ exp(z - top) over all logits but one that is the largest.
  var rest = 0.0
  /// The logit of the true class.
  var own = 0.0
  /// Σ w z over all classes.
  var weighted = 0.0
  /// The term.
  var value = 0.0
  /// log Σ exp z
  var logOfSum: Double { top + Double.log(onePlus: rest) }
  /// log Σ exp z less the logit of the true class, also where this is next to nothing.
  var surprise: Double { (top - own) + Double.log(onePlus: rest) }

  /// Takes a logit.
  @inline(__always)
  mutating func add(top other: Double, rest otherRest: Double) {
    if other > top {
      let scale = Double.exp(top - other)
      rest = otherRest + (top == -.infinity ? 0 : (1 + rest) * scale)
      top = other
    } else {
      // A NaN is not larger, and comes in here.
      rest += (1 + otherRest) * Double.exp(other - top)
    }
  }
}

/// The logits of a linear layer, tile by tile: some rows by some classes.
///
/// Everything in a tile is in `Double`, whatever the element; every logit has the same bits in every
/// tile. The sums of a row over the classes, and those of a class over the rows, are in the order of
/// their index, whoever computes them.
struct LinearLayer<S: LossScalar> {
  let pass: LossPass<S>
  let hidden: UnsafePointer<S>
  let kernel: UnsafePointer<S>
  let bias: UnsafePointer<S>?
  let labels: UnsafePointer<Int>
  let features: Int
  let classes: Int
  let weights: [Double]
  let smoothing: Double
  let sumOfWeights: Double

  /// How many rows, and how many classes, a tile has: its row of logits and the features of its
  /// classes stay in the caches.
  static var rowsInTile: Int { 10 * MatrixProduct.rowsInTile }
  static var classesInTile: Int { 512 }
  /// How far apart the rows of a tile lie: not a power of 2, so that a column falls into all sets of
  /// a cache.
  private static var rowStep: Int { classesInTile + 8 }

  /// Nil if a needed input is not there, which the station does not let pass.
  init?(_ pass: LossPass<S>, classes: Int, weights: [Double], smoothing: Double) {
    guard let hidden = pass.real(0), let labels = pass.integers(1), let kernel = pass.real(2)
    else { return nil }
    self.pass = pass
    self.hidden = hidden
    self.labels = labels
    self.kernel = kernel
    bias = pass.real(3)
    self.classes = classes
    features = pass.inputs[2]?.shape.extents.last ?? 0
    self.weights = weights
    self.smoothing = smoothing
    sumOfWeights = weights.isEmpty ? Double(classes) : weights.reduce(0, +)
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

  /// Room for one tile: its rows of hidden numbers, the features of its classes, as they lie and
  /// turned, its logits, and the sums of a gradient.
  struct Room {
    fileprivate let hidden: UnsafeMutablePointer<Double>
    fileprivate let kernel: UnsafeMutablePointer<Double>
    fileprivate let turned: UnsafeMutablePointer<Double>
    fileprivate let logits: UnsafeMutablePointer<Double>
    fileprivate let sums: UnsafeMutablePointer<Double>

    fileprivate init(_ memory: UnsafeMutablePointer<Double>, features: Int) {
      hidden = memory
      kernel = hidden + rowsInTile * features
      turned = kernel + classesInTile * features
      logits = turned + rowStep * features
      sums = logits + rowsInTile * rowStep
    }

    fileprivate static func count(features: Int) -> Int {
      (rowsInTile + classesInTile + rowStep) * features + rowsInTile * rowStep
        + classesInTile * (features + 1)
    }
  }

  /// Calls a function for each of some blocks, from the threads of the pass, with room for a tile.
  func forEach(_ blocks: Int, _ body: (_ block: Int, _ room: Room) -> Void) {
    let count = Room.count(features: features)
    let memory = UnsafeMutablePointer<Double>.allocate(
      capacity: count * pass.workers(for: blocks))
    defer { memory.deallocate() }
    pass.forEachPiece(blocks) { block, worker in
      body(block, Room(memory + worker * count, features: features))
    }
  }

  /// Brings the rows of a block together; those that are removed as zeros, whatever they hold.
  private func load(_ rows: Range<Int>, _ room: Room) {
    for row in rows {
      let to = room.hidden + (row - rows.lowerBound) * features
      let from = hidden + row * features
      let isRemoved = pass.isRemoved(row)
      for k in 0..<features { to[k] = isRemoved ? 0 : from[k].widened }
    }
  }

  /// Turns the features of some classes, so that those of all classes lie side by side.
  private func turn(_ classes: Range<Int>, _ room: Room) {
    let from = kernel + classes.lowerBound * features
    for k in 0..<classes.count * features { room.kernel[k] = from[k].widened }
    MatrixProduct.transpose(
      rows: classes.count, columns: features, (UnsafePointer(room.kernel), features),
      to: (room.turned, Self.rowStep))
  }

  /// The logits of loaded rows and turned classes.
  private func fill(rows: Int, _ classes: Range<Int>, _ room: Room) {
    for i in 0..<rows {
      let logits = room.logits + i * Self.rowStep
      for j in 0..<classes.count {
        logits[j] = bias.map { $0[classes.lowerBound + j].widened } ?? 0
      }
    }
    MatrixProduct.add(
      rows: rows, columns: classes.count, inner: features,
      (UnsafePointer(room.hidden), features, 1),
      (UnsafePointer(room.turned), Self.rowStep), to: (room.logits, Self.rowStep))
  }

  /// The terms of a block of rows.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func measure(block: Int, _ room: Room, into results: UnsafeMutablePointer<LinearRow>) {
    let rows = rows(block)
    for row in rows { (results + row).initialize(to: LinearRow()) }
    load(rows, room)
    for block in 0..<classBlocks {
      let classes = classes(block)
      turn(classes, room)
      fill(rows: rows.count, classes, room)
      for row in rows where !pass.isRemoved(row) {
        let logits = room.logits + (row - rows.lowerBound) * Self.rowStep
        add(UnsafePointer(logits), classes, labels[row], to: &results[row])
      }
    }
    for row in rows where !pass.isRemoved(row) { results[row].value = value(results[row], row) }
  }

  /// Adds some logits to what is known of their row.
  private func add(
    _ logits: UnsafePointer<Double>, _ classes: Range<Int>, _ label: Int, to row: inout LinearRow
  ) {
    let largest = RowMath.maximum(logits, count: classes.count)
    let sum = RowMath.sumExp(logits, count: classes.count, largest: largest)
    row.add(top: largest.value, rest: sum.rest / sum.largest)
    if classes.contains(label) { row.own = logits[label - classes.lowerBound] }
    guard smoothing > 0 else { return }
    var weighted = WideSum()
    for j in 0..<classes.count { weighted.add(weight(classes.lowerBound + j) * logits[j]) }
    row.weighted += weighted.value
  }

  private func value(_ row: LinearRow, _ index: Int) -> Double {
    let own = (1 - smoothing) * weight(labels[index]) * row.surprise
    guard smoothing > 0 else { return own }
    return own + smoothing / Double(classes) * (sumOfWeights * row.logOfSum - row.weighted)
  }

  /// Makes derivatives of the logits of a tile: `coefficient (p Σ w q - w q)`, 0 in removed rows.
  private func differentiate(
    _ rows: Range<Int>, _ classes: Range<Int>, _ results: UnsafeMutablePointer<LinearRow>,
    _ room: Room
  ) {
    let spread = smoothing / Double(self.classes)
    for row in rows {
      let logits = room.logits + (row - rows.lowerBound) * Self.rowStep
      guard !pass.isRemoved(row) else {
        for j in 0..<classes.count { logits[j] = 0 }
        continue
      }
      let label = labels[row]
      let own = (1 - smoothing) * weight(label)
      let mass = own + spread * sumOfWeights
      let coefficient = pass.coefficient(row).widened
      let top = results[row].top
      let unit = Double.scale(below: top)
      let sum = Double.exp(top, unit) * (1 + results[row].rest)
      let scale = coefficient * mass / sum
      for j in 0..<classes.count { logits[j] = scale * Double.exp(logits[j], unit) }
      if spread > 0 {
        for j in 0..<classes.count {
          logits[j] -= coefficient * spread * weight(classes.lowerBound + j)
        }
      }
      guard classes.contains(label) else { continue }
      // p - 1 would cancel where p is near 1.
      let lacking = Double.expMinusOne(-results[row].surprise)
      let smoothed = spread * (sumOfWeights * (1 + lacking) - weight(label))
      logits[label - classes.lowerBound] = coefficient * (own * lacking + smoothed)
    }
  }

  /// The gradient of a block of rows.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func writeHiddenGradient(
    block: Int, _ room: Room, _ results: UnsafeMutablePointer<LinearRow>
  ) {
    guard let gradient = pass.gradient(0) else { return }
    let rows = rows(block)
    let own = gradient + rows.lowerBound * features
    for k in 0..<rows.count * features { room.sums[k] = 0 }
    load(rows, room)
    for block in 0..<classBlocks {
      let classes = classes(block)
      turn(classes, room)
      fill(rows: rows.count, classes, room)
      differentiate(rows, classes, results, room)
      MatrixProduct.add(
        rows: rows.count, columns: features, inner: classes.count,
        (UnsafePointer(room.logits), Self.rowStep, 1),
        (UnsafePointer(room.kernel), features), to: (room.sums, features))
    }
    for k in 0..<rows.count * features { own[k] = S(room.sums[k]) }
    // Zeros times an infinite weight are no gradient of a row that does not count.
    for row in rows where pass.isRemoved(row) {
      for k in 0..<features { gradient[row * features + k] = 0 }
    }
  }

  /// The gradients of the kernel and of the bias for a block of classes.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func writeLayerGradient(
    block: Int, _ room: Room, _ results: UnsafeMutablePointer<LinearRow>
  ) {
    let classes = classes(block)
    let kernelGradient = pass.gradient(2).map { $0 + classes.lowerBound * features }
    let biasGradient = pass.gradient(3).map { $0 + classes.lowerBound }
    let biasSums = room.sums + Self.classesInTile * features
    for k in 0..<classes.count * features { room.sums[k] = 0 }
    for j in 0..<classes.count { biasSums[j] = 0 }
    turn(classes, room)
    for block in 0..<rowBlocks {
      let rows = rows(block)
      load(rows, room)
      fill(rows: rows.count, classes, room)
      differentiate(rows, classes, results, room)
      MatrixProduct.add(
        rows: classes.count, columns: features, inner: rows.count,
        (UnsafePointer(room.logits), 1, Self.rowStep),
        (UnsafePointer(room.hidden), features), to: (room.sums, features))
      for i in 0..<rows.count {
        let slopes = room.logits + i * Self.rowStep
        for j in 0..<classes.count { biasSums[j] += slopes[j] }
      }
    }
    if let kernelGradient {
      for k in 0..<classes.count * features { kernelGradient[k] = S(room.sums[k]) }
    }
    if let biasGradient { for j in 0..<classes.count { biasGradient[j] = S(biasSums[j]) } }
  }
}
