import LossCore

extension CTCLattice {
  /// Starts before the first step, at the first blank with probability 1.
  func begin() -> CTCWindow {
    forwardRow(-1).start(blank: 0, labels: labels.count)
    return CTCWindow(beforeStart: self)
  }

  /// One step of the forward sums, for which the emissions must be in memory:
  ///
  ///     blank[k] = (blank[k] + label[k-1]) · emission
  ///     label[k] = (label[k] + blank[k] + label[k-1] where they differ) · emission
  func stepForward(_ window: inout CTCWindow) {
    window.advance()
    let before = forwardRow(window.time - 1)
    let row = forwardRow(window.time)
    let blankEmission = gather(window)
    var index = window.blanks.lowerBound
    while index < window.blanks.upperBound {
      row.setBlanks((before.blanks(index) + before.labels(index - 1)) * blankEmission, index)
      index &+= 4
    }
    index = window.labels.lowerBound
    while index < window.labels.upperBound {
      let skipping = skipping(before.labels(index - 1), to: index)
      let sum = ScaledLanes.sum(before.labels(index), before.blanks(index), skipping)
      row.setLabels(sum * labelEmissions(index), index)
      index &+= 4
    }
    row.zeroEdges(window)
    if window.time % Self.stepsBetweenNormalizations == 0 { row.normalize(window) }
    keepLast(of: window)
  }

  /// The probability of the labels, after the last step, as `mantissa · 2^exponent`. The mantissa
  /// is in √½ ..< √2, so that nothing cancels in the logarithm of a probability near 1.
  func end() -> (mantissa: Double, exponent: Double) {
    let row = forwardRow(time - 1)
    return (row.blanks(labels.count) + row.labels(labels.count - 1)).first
  }
}
