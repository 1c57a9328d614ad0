import LossCore

extension CTCLattice {
  /// Starts after the last step, at the last blank with probability 1.
  func beginBackward() -> CTCWindow {
    extraRow(time % 2).start(blank: labels.count, labels: labels.count)
    return CTCWindow(afterEnd: self)
  }

  /// One step of the backward sums, and the posterior probability of each class at this step; those
  /// of classes that are not in the labels are not written.
  ///
  ///     blank[k] = next blank[k] + next label[k]
  ///     label[k] = next label[k] + next blank[k+1] + next label[k+1] where they differ
  ///
  /// The rows hold these sums times the emission of their own step. Products of forward and
  /// backward sums are divided by 2^unit, which is about the probability of the labels.
  func stepBackward(
    _ window: inout CTCWindow, unit: Double, posteriors: UnsafeMutablePointer<Double>
  ) {
    window.retreat()
    let products = extraRow(2).labelMantissas
    var sums = backwardSums(window, unit: unit, products)
    if !sums.total.isNormal {
      // Exponents above 2^53 are rounded, so that they no longer sum to the unit.
      sums = backwardSums(window, unit: sums.largest, products)
    }
    let row = extraRow(window.time % 2)
    row.zeroEdges(window)
    if window.time % Self.stepsBetweenNormalizations == 0 { row.normalize(window) }
    let normalizer = 1 / sums.total
    posteriors[blank] = sums.blank * normalizer
    for index in window.labels { posteriors[labels[index]] += products[index] * normalizer }
  }

  /// The sums of the products of forward and backward sums of a step.
  private struct StepSums {
    /// The sum over blanks, divided by 2^unit.
    var blank: Double
    /// The sum over blanks and labels, divided by 2^unit.
    var total: Double
    /// The largest exponent of a product.
    var largest: Double
  }

  /// Writes the backward sums of a step, and the products of the labels. At every step all products
  /// sum to the probability of the labels, so that dividing by their sum gives posteriors.
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
      // Vectors may extend beyond the window, where the forward sums are 0.
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
