/// One number for each state of the lattice at one time step, with separate arrays for blanks and
/// labels, so that every formula reads contiguous memory.
///
/// Label k is the state between the blanks k and k + 1. Each of the four arrays has one element
/// before index 0, and padding at the end for vectors that start inside.
struct CTCRow {
  let blankMantissas: UnsafeMutablePointer<Double>
  let blankExponents: UnsafeMutablePointer<Double>
  let labelMantissas: UnsafeMutablePointer<Double>
  let labelExponents: UnsafeMutablePointer<Double>

  /// The start of the four arrays.
  var memory: UnsafeMutablePointer<Double> { blankMantissas - 1 }

  /// The length of one of the arrays; a row has four.
  static func width(labels: Int) -> Int { labels + 8 }

  @inline(__always)
  init(_ memory: UnsafeMutablePointer<Double>, labels: Int) {
    let width = Self.width(labels: labels)
    blankMantissas = memory + 1
    blankExponents = blankMantissas + width
    labelMantissas = blankExponents + width
    labelExponents = labelMantissas + width
  }

  /// Four blanks from an index on.
  @inline(__always)
  func blanks(_ index: Int) -> ScaledLanes {
    ScaledLanes(blankMantissas.lanes(index), blankExponents.lanes(index))
  }

  /// Four labels from an index on.
  @inline(__always)
  func labels(_ index: Int) -> ScaledLanes {
    ScaledLanes(labelMantissas.lanes(index), labelExponents.lanes(index))
  }

  @inline(__always)
  func setBlanks(_ numbers: ScaledLanes, _ index: Int) {
    blankMantissas.store(numbers.mantissa, index)
    blankExponents.store(numbers.exponent, index)
  }

  @inline(__always)
  func setLabels(_ numbers: ScaledLanes, _ index: Int) {
    labelMantissas.store(numbers.mantissa, index)
    labelExponents.store(numbers.exponent, index)
  }

  /// Sets one blank to 1 and everything else to 0.
  func start(blank: Int, labels: Int) {
    for index in -1..<(labels + 5) {
      blankMantissas[index] = 0
      labelMantissas[index] = 0
      blankExponents[index] = ScaledLanes.zeroExponent
      labelExponents[index] = ScaledLanes.zeroExponent
    }
    blankMantissas[blank] = 1
    blankExponents[blank] = 0
  }

  /// Writes 0 beside the window, where the next step reads and where vectors have written.
  @inline(__always)
  func zeroEdges(_ window: CTCWindow) { zeroEdges(blanks: window.blanks, labels: window.labels) }

  /// Writes 0 beside the given ranges.
  @inline(__always)
  func zeroEdges(blanks: Range<Int>, labels: Range<Int>) {
    let zero = ScaledLanes([0, 0, 0, 0], .init(repeating: ScaledLanes.zeroExponent))
    setBlanks(zero, blanks.upperBound)
    setLabels(zero, labels.upperBound)
    blankMantissas[blanks.lowerBound - 1] = 0
    blankExponents[blanks.lowerBound - 1] = ScaledLanes.zeroExponent
    labelMantissas[labels.lowerBound - 1] = 0
    labelExponents[labels.lowerBound - 1] = ScaledLanes.zeroExponent
  }

  /// Brings the mantissas back into one octave.
  func normalize(_ window: CTCWindow) {
    for index in stride(from: window.blanks.lowerBound, to: window.blanks.upperBound, by: 4) {
      setBlanks(blanks(index).normalized, index)
    }
    for index in stride(from: window.labels.lowerBound, to: window.labels.upperBound, by: 4) {
      setLabels(labels(index).normalized, index)
    }
    zeroEdges(window)
  }
}
