/// Numbers of a run of positions: a row for each class.
public struct RegionTable<S: LossScalar> {
  /// The row of the first class.
  @usableFromInline let start: UnsafeMutablePointer<S>
  /// How far apart the rows are.
  @usableFromInline let stride: Int
  @usableFromInline let classes: Int

  /// A row for each of some classes.
  @inlinable
  public init(_ start: UnsafeMutablePointer<S>, stride: Int, classes: Int) {
    self.start = start
    self.stride = stride
    self.classes = classes
  }

  /// The rows of a run where its first element is, of a layout in which positions lie side by side.
  @inlinable
  public init(_ start: UnsafeMutablePointer<S>, _ layout: RegionLayout) {
    self.init(start, stride: layout.inner, classes: layout.classes)
  }

  /// The row of a class.
  @inlinable @inline(__always)
  public func row(_ j: Int) -> UnsafeMutablePointer<S> { start + j * stride }

  /// Copies the elements of a run, wherever they lie.
  @inlinable
  public func fill(of elements: UnsafePointer<S>, _ layout: RegionLayout, _ run: RegionRun) {
    for j in 0..<classes {
      let (own, out) = (elements + (run.start + j * layout.inner), row(j))
      for i in 0..<run.count { out[i] = own[i * layout.step] }
    }
  }

  /// Writes the rows where the elements of a run lie.
  @inlinable
  public func write(to elements: UnsafeMutablePointer<S>, _ layout: RegionLayout, _ run: RegionRun)
  {
    for j in 0..<classes {
      let (own, out) = (row(j), elements + (run.start + j * layout.inner))
      for i in 0..<run.count { out[i * layout.step] = own[i] }
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

  /// Writes `e^(x - largest x)` of the logits of a run, class by class, so that positions are computed
  /// together; their sums over the classes are left in the third of the rows to work in.
  @inlinable
  public func fillExponentials(
    of logits: UnsafePointer<S>, _ layout: RegionLayout, _ run: RegionRun, in rows: FourRows<S>
  ) {
    let (top, total) = (rows.second, rows.third)
    for i in 0..<run.count { (top[i], total[i]) = (-.infinity, 0) }
    for j in 0..<classes {
      let own = layout.column(of: logits, run, j, rows.first)
      for i in 0..<run.count { top[i] = S.maximumPropagatingNaN(own[i], top[i]) }
    }
    let scale = S.scale(below: 0)
    for j in 0..<classes {
      layout.askForNext(logits, run, j)
      let (own, out) = (layout.column(of: logits, run, j, rows.first), row(j))
      for i in 0..<run.count {
        let exponential = S.exp(own[i] - top[i], scale)
        out[i] = exponential
        total[i] += exponential
      }
    }
  }

  /// Makes derivatives by the logits, of which these rows are the softmax, of those by the
  /// probabilities: `p (g - Σ p g)`.
  ///
  /// With the derivative `h` of the likeliest class, `g - Σ p g` is `(g - h) + Σ p (h - g)`, where
  /// what is small is not the difference of what is large. Where no derivative is left it is 0,
  /// whatever the logits: a mask selects, and a NaN under it does not come through.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func passSoftmax(_ derivatives: RegionTable<S>, count: Int, in rows: FourRows<S>) {
    let (top, likeliest, shared) = (rows.first, rows.second, rows.third)
    for i in 0..<count { (top[i], likeliest[i], shared[i]) = (-1, 0, 0) }
    for j in 0..<classes {
      let (p, g) = (row(j), derivatives.row(j))
      for i in 0..<count {
        let isLarger = p[i] > top[i]
        likeliest[i] = S.select(isLarger, g[i], likeliest[i])
        top[i] = S.select(isLarger, p[i], top[i])
      }
    }
    for j in 0..<classes {
      let (p, g) = (row(j), derivatives.row(j))
      for i in 0..<count {
        let difference = likeliest[i] - g[i]
        shared[i] += S.select(difference == 0, 0, p[i] * difference)
      }
    }
    for j in 0..<classes {
      let (p, g) = (row(j), derivatives.row(j))
      for i in 0..<count {
        let difference = (g[i] - likeliest[i]) + shared[i]
        g[i] = S.select(difference == 0, 0, p[i] * difference)
      }
    }
  }
}
