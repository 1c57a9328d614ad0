import LossCore

extension CTCLattice {
  /// What is after the last step: the last blank, with probability 1.
  @usableFromInline
  func beginBackward() -> CTCWindow {
    extraRow(time % 2).start(blank: labels.count, labels: labels.count)
    return CTCWindow(afterEnd: self)
  }

  /// One step of the backward sums, and from it the share of the alignments that pass through each
  /// class; the shares of classes that are no label here are not touched.
  ///
  ///     blank[k] = next blank[k] + next label[k]
  ///     label[k] = next label[k] + next blank[k+1] + next label[k+1] where they differ
  ///
  /// The rows hold these sums times the emission of their own step.
  @usableFromInline
  func stepBackward(_ window: inout CTCWindow, shares: UnsafeMutablePointer<Double>) {
    window.retreat()
    let next = extraRow((window.time + 1) % 2)
    let row = extraRow(window.time % 2)
    let forward = forwardRow(window.time)
    let products = extraRow(2)
    let blankEmission = gather(window)
    var index = window.blanks.lowerBound
    while index < window.blanks.upperBound {
      let sum = next.blanks(index) + next.labels(index)
      products.setBlanks(sum * forward.blanks(index), index)
      row.setBlanks(sum * blankEmission, index)
      index &+= 4
    }
    index = window.labels.lowerBound
    while index < window.labels.upperBound {
      let skipping = skipping(next.labels(index + 1), to: index + 1)
      let sum = ScaledLanes.sum(next.labels(index), next.blanks(index + 1), skipping)
      products.setLabels(sum * forward.labels(index), index)
      row.setLabels(sum * labelEmissions(index), index)
      index &+= 4
    }
    row.close(window)
    products.close(window)
    if window.time % Self.stepsBetweenSettling == 0 { row.settle(window) }
    addShares(products, window, to: shares)
  }

  /// Adds the products of forward and backward sums by class. All together they are the probability
  /// of the labels at every step, so that divided by their own sum they are shares.
  @inline(__always)
  func addShares(
    _ products: CTCRow, _ window: CTCWindow, to shares: UnsafeMutablePointer<Double>
  ) {
    let top = ScaledLanes.Lanes(repeating: largestExponent(products, window))
    var blankSum = ScaledLanes.Lanes.zero
    for index in stride(from: window.blanks.lowerBound, to: window.blanks.upperBound, by: 4) {
      let product = products.blanks(index)
      blankSum += product.mantissa * ScaledLanes.power(product.exponent - top)
    }
    var labelSum = ScaledLanes.Lanes.zero
    for index in stride(from: window.labels.lowerBound, to: window.labels.upperBound, by: 4) {
      let product = products.labels(index)
      let plain = product.mantissa * ScaledLanes.power(product.exponent - top)
      labelSum += plain
      products.labelMantissas.store(plain, index)
    }
    let unit = 1 / (blankSum + labelSum).sum()
    shares[blank] = blankSum.sum() * unit
    for index in window.labels { shares[labels[index]] += products.labelMantissas[index] * unit }
  }

  /// The largest exponent of a row.
  @inline(__always)
  func largestExponent(_ row: CTCRow, _ window: CTCWindow) -> Double {
    var top = ScaledLanes.Lanes(repeating: ScaledLanes.zeroExponent)
    for index in stride(from: window.blanks.lowerBound, to: window.blanks.upperBound, by: 4) {
      top = ScaledLanes.larger(row.blankExponents.lanes(index), top)
    }
    for index in stride(from: window.labels.lowerBound, to: window.labels.upperBound, by: 4) {
      top = ScaledLanes.larger(row.labelExponents.lanes(index), top)
    }
    return top.max()
  }
}
