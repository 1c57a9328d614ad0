/// The elements of a run of positions, with one row per class.
public struct RegionTable<S: LossScalar> {
  /// The row of class 0.
  @usableFromInline let start: UnsafeMutablePointer<S>
  /// The stride between rows.
  @usableFromInline let stride: Int
  @usableFromInline let classes: Int

  /// A table with one row per class.
  @inlinable
  public init(_ start: UnsafeMutablePointer<S>, stride: Int, classes: Int) {
    self.start = start
    self.stride = stride
    self.classes = classes
  }

  /// The rows of a run in place, for a layout in which adjacent positions are contiguous.
  @inlinable
  public init(_ start: UnsafeMutablePointer<S>, _ layout: RegionLayout) {
    self.init(start, stride: layout.inner, classes: layout.classes)
  }

  /// The row of a class.
  @inlinable @inline(__always)
  public func row(_ j: Int) -> UnsafeMutablePointer<S> { start + j * stride }

  /// Copies the elements of a run into the table.
  @inlinable
  public func fill(of elements: UnsafePointer<S>, _ layout: RegionLayout, _ run: RegionRun) {
    for j in 0..<classes {
      let (source, out) = (elements + (run.start + j * layout.inner), row(j))
      for i in 0..<run.count { out[i] = source[i * layout.step] }
    }
  }

  /// Copies the table back to the elements of a run.
  @inlinable
  public func write(to elements: UnsafeMutablePointer<S>, _ layout: RegionLayout, _ run: RegionRun)
  {
    for j in 0..<classes {
      let (source, out) = (row(j), elements + (run.start + j * layout.inner))
      for i in 0..<run.count { out[i * layout.step] = source[i] }
    }
  }

  /// Writes the softmax of the logits of a run.
  @inlinable
  public func fillSoftmax(
    of logits: UnsafePointer<S>, _ layout: RegionLayout, _ run: RegionRun, in rows: FourRows<S>
  ) {
    fillExponentials(of: logits, layout, run, in: rows)
    let total = rows.third
    for i in 0..<run.count { total[i] = 1 / total[i] }
    for j in 0..<classes {
      let out = row(j)
      for i in 0..<run.count { out[i] *= total[i] }
    }
  }

  /// Writes `e^(x - max x)` of the logits of a run, class by class, so that the loops over
  /// positions vectorise; the sums over the classes are left in the third scratch row.
  @inlinable
  public func fillExponentials(
    of logits: UnsafePointer<S>, _ layout: RegionLayout, _ run: RegionRun, in rows: FourRows<S>
  ) {
    let (maximum, total) = (rows.second, rows.third)
    for i in 0..<run.count { (maximum[i], total[i]) = (-.infinity, 0) }
    for j in 0..<classes {
      let column = layout.column(of: logits, run, j, rows.first)
      for i in 0..<run.count { maximum[i] = S.maximumPropagatingNaN(column[i], maximum[i]) }
    }
    let scale = S.scale(below: 0)
    for j in 0..<classes {
      layout.prefetchNext(logits, run, j)
      let (column, out) = (layout.column(of: logits, run, j, rows.first), row(j))
      for i in 0..<run.count {
        let exponential = S.exp(S.distance(of: column[i], to: maximum[i]), scale)
        out[i] = exponential
        total[i] += exponential
      }
    }
  }

  /// Backpropagates derivatives with respect to the probabilities, which are the rows of this
  /// table, through the softmax: `p (g - Σ p g)`.
  ///
  /// With `h` the derivative of the most likely class, `g - Σ p g` is `(g - h) + Σ p (h - g)`,
  /// which avoids cancellation. Where it is 0, the gradient is 0 even for NaN logits, so that NaN
  /// under a mask does not propagate.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func passSoftmax(_ derivatives: RegionTable<S>, count: Int, in rows: FourRows<S>) {
    let (maximum, reference, mean) = (rows.first, rows.second, rows.third)
    for i in 0..<count { (maximum[i], reference[i], mean[i]) = (-1, 0, 0) }
    for j in 0..<classes {
      let (p, g) = (row(j), derivatives.row(j))
      for i in 0..<count {
        let isLarger = p[i] > maximum[i]
        reference[i] = S.select(isLarger, g[i], reference[i])
        maximum[i] = S.select(isLarger, p[i], maximum[i])
      }
    }
    for j in 0..<classes {
      let (p, g) = (row(j), derivatives.row(j))
      for i in 0..<count {
        let difference = reference[i] - g[i]
        mean[i] += S.select(difference == 0, 0, p[i] * difference)
      }
    }
    for j in 0..<classes {
      let (p, g) = (row(j), derivatives.row(j))
      for i in 0..<count {
        let difference = (g[i] - reference[i]) + mean[i]
        g[i] = S.select(difference == 0, 0, p[i] * difference)
      }
    }
  }
}
