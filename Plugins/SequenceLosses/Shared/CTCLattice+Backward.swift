import LossCore

extension CTCLattice {
  /// What is after the last step: the last blank, with probability 1.
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
  func stepBackward(
    _ window: inout CTCWindow, unit: Double, shares: UnsafeMutablePointer<Double>
  ) {
    window.retreat()
    let products = extraRow(2).labelMantissas
    var sums = backwardSums(window, unit: unit, products)
    if !sums.total.isNormal {
      // Exponents of more than 2^53 octaves are rounded, and their sum is not the unit any more.
      sums = backwardSums(window, unit: sums.largest, products)
    }
    let row = extraRow(window.time % 2)
    row.close(window)
    if window.time % Self.stepsBetweenSettling == 0 { row.settle(window) }
    let share = 1 / sums.total
    shares[blank] = sums.blank * share
    for index in window.labels { shares[labels[index]] += products[index] * share }
  }

  /// What the backward sums and the forward sums of a step give together.
  private struct StepSums {
    /// The product of the blanks, in units.
    var blank: Double
    /// That of blanks and labels.
    var total: Double
    /// The largest exponent of a product.
    var largest: Double
  }

  /// Writes the backward sums of a step, and the products of the labels. All products together are
  /// the probability of the labels at every step, so that divided by their own sum they are shares.
  @inline(__always)
  private func backwardSums(
    _ window: CTCWindow, unit: Double, _ products: UnsafeMutablePointer<Double>
  ) -> StepSums {
    let next = extraRow((window.time + 1) % 2)
    let row = extraRow(window.time % 2)
    let forward = forwardRow(window.time)
    let blankEmission = gather(window)
    var largest = ScaledLanes.Lanes(repeating: -.infinity)
    var blankSum = ScaledLanes.Lanes.zero
    var index = window.blanks.lowerBound
    while index < window.blanks.upperBound {
      let sum = next.blanks(index) + next.labels(index)
      let product = sum * forward.blanks(index)
      largest = ScaledLanes.maximumPropagatingNaN(product.exponent, largest)
      blankSum += product.plain(unit: unit)
      row.setBlanks(sum * blankEmission, index)
      index &+= 4
    }
    var labelSum = ScaledLanes.Lanes.zero
    index = window.labels.lowerBound
    while index < window.labels.upperBound {
      let skipping = skipping(next.labels(index + 1), to: index + 1)
      let sum = ScaledLanes.sum(next.labels(index), next.blanks(index + 1), skipping)
      // Behind the window the forward sums are 0, and so is what vectors run over.
      let scaled = sum * forward.labels(index)
      largest = ScaledLanes.maximumPropagatingNaN(scaled.exponent, largest)
      let product = scaled.plain(unit: unit)
      labelSum += product
      products.store(product, index)
      row.setLabels(sum * labelEmissions(index), index)
      index &+= 4
    }
    return StepSums(
      blank: blankSum.sum(), total: (blankSum + labelSum).sum(), largest: largest.max())
  }
}
