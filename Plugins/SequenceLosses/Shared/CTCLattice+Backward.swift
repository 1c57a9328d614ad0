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
  /// The rows hold these sums times the emission of their own step. Products of forward and backward
  /// sums are plain numbers in units of 2^unit, which is about the probability of the labels.
  @usableFromInline
  func stepBackward(
    _ window: inout CTCWindow, unit: Double, shares: UnsafeMutablePointer<Double>
  ) {
    window.retreat()
    let next = extraRow((window.time + 1) % 2)
    let row = extraRow(window.time % 2)
    let forward = forwardRow(window.time)
    let products = extraRow(2).labelMantissas
    let blankEmission = gather(window)
    var blankSum = ScaledLanes.Lanes.zero
    var index = window.blanks.lowerBound
    while index < window.blanks.upperBound {
      let sum = next.blanks(index) + next.labels(index)
      blankSum += (sum * forward.blanks(index)).plain(unit: unit)
      row.setBlanks(sum * blankEmission, index)
      index &+= 4
    }
    var labelSum = ScaledLanes.Lanes.zero
    index = window.labels.lowerBound
    while index < window.labels.upperBound {
      let skipping = skipping(next.labels(index + 1), to: index + 1)
      let sum = ScaledLanes.sum(next.labels(index), next.blanks(index + 1), skipping)
      // Behind the window the forward sums are 0, and so is what vectors run over.
      let product = (sum * forward.labels(index)).plain(unit: unit)
      labelSum += product
      products.store(product, index)
      row.setLabels(sum * labelEmissions(index), index)
      index &+= 4
    }
    row.close(window)
    if window.time % Self.stepsBetweenSettling == 0 { row.settle(window) }
    addShares(products, blankSum, labelSum, window, to: shares)
  }

  /// Adds the products of forward and backward sums by class. All together they are the probability
  /// of the labels at every step, so that divided by their own sum they are shares.
  @inline(__always)
  func addShares(
    _ products: UnsafeMutablePointer<Double>, _ blankSum: ScaledLanes.Lanes,
    _ labelSum: ScaledLanes.Lanes, _ window: CTCWindow, to shares: UnsafeMutablePointer<Double>
  ) {
    let share = 1 / (blankSum + labelSum).sum()
    shares[blank] = blankSum.sum() * share
    for index in window.labels { shares[labels[index]] += products[index] * share }
  }
}
