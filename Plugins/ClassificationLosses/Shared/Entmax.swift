import LossCore

/// The α-entmax of a row of scores, and the Fenchel–Young loss that belongs to it.
///
/// With d the scores less the largest, the shares are `p[j] = share(d[j] - c)`, where c makes them
/// add up to 1. For scores as they are, `top + c` is the threshold τ and `1 / a` further down the
/// shares end: the largest share is found from c alone, so that a sure prediction loses no digit.
struct Entmax<Curve: TsallisCurve> {
  let curve: Curve
  /// The largest score and where it is.
  let top: Double
  let best: Int
  /// What all scores lie below the largest one of, before their shares are taken.
  let threshold: Double

  /// Nil for a row without a largest score that is a number. The workspace has a number a class.
  init?<S: LossScalar>(_ curve: Curve, _ row: Row<S>) {
    guard let scores = row[0] else { return nil }
    let (top, best) = RowMath.maximum(scores, count: row.count)
    guard top.isFinite else { return nil }
    self.curve = curve
    self.top = top.asDouble
    self.best = best
    let workspace = row.workspace
    var count = 0
    for j in 0..<row.count {
      let depth = scores[j].asDouble - top.asDouble
      workspace[count] = depth
      count += j != best && depth > -1 / curve.a ? 1 : 0
    }
    threshold = Self.threshold(curve, others: workspace, count: count, classes: row.count)
  }

  /// c, from the depths of the classes that may have a share beside the best; they are lost.
  ///
  /// It is the root of `(‖1 + a (d - c)₊‖ - 1) / a` in the norm of exponent `1 / a`: for a up to 1
  /// convex and falling, so that Newton's steps from 0 rise to it and never pass it. They are exact
  /// for equal scores, and for α of 1 and 2 wherever the same classes stay. Above, the step is
  /// replaced by the middle of a bracket where it leaves that.
  static func threshold(
    _ curve: Curve, others: UnsafeMutablePointer<Double>, count: Int, classes: Int
  ) -> Double {
    let a = curve.a
    let number = Double.log(Double(classes))
    // What equal scores have is the most, and may itself be rounded.
    let most = a == 0 ? number : -Double.expMinusOne(-a * number) / a
    var (low, high) = (0.0, most * (1 + 0x1p-48))
    var count = count
    var c = 0.0
    for _ in 0..<256 {
      let (shares, derivatives) = RowMath.sums(count: count) { start, count, shares, derivatives in
        for j in 0..<count {
          let x = others[start + j] - c
          let share = curve.share(x)
          (shares[j], derivatives[j]) = (share, curve.derivative(x, share))
        }
      }
      let excess = shares.value + curve.excess(-c)
      let derivative = derivatives.value + curve.derivative(-c, curve.share(-c))
      let log = Double.log(onePlus: excess)
      let rise = a == 0 ? log : -Double.expMinusOne(-a * log) / a
      let step = (1 + excess) * rise / derivative
      // So steep may the shares be that at the next number even the best has none.
      if step.magnitude <= 0x1p-51 * c { return curve.share(-(c + step)) > 0 ? c + step : c }
      if excess > 0 {
        low = c
        count = keep(others, count, above: c - 1 / a)
      } else {
        high = c
      }
      guard high - low > 0x1p-52 * high else { return low }
      c = c + step > low && c + step < high ? c + step : low + (high - low) / 2
    }
    return low
  }

  /// Drops the classes that have lost their share for good.
  static func keep(
    _ depths: UnsafeMutablePointer<Double>, _ count: Int, above bound: Double
  ) -> Int {
    var kept = 0
    for j in 0..<count {
      let depth = depths[j]
      depths[kept] = depth
      kept += depth > bound ? 1 : 0
    }
    return kept
  }
}

extension Entmax {
  /// `Ω*(s) + Ω(y) - Σ y s` of a row, the loss; its gradients if wanted.
  ///
  /// It is the sum of what the classes cost, each at least 0, and for a target that does not add up
  /// to 1, `(1 - Σ y) (τ - 1 / α)`.
  static func loss<S: LossScalar>(
    _ curve: Curve, _ row: Row<S>, lessEntropy: Bool = true
  ) -> S {
    guard let scores = row[0], let entmax = Entmax(curve, row) else { return lost(row) }
    let shares = row.workspace
    let origin = entmax.top
    let c = entmax.threshold
    for j in 0..<row.count { shares[j] = curve.share((scores[j].asDouble - origin) - c) }
    let value: Double
    if let index = row.classIndex(1) {
      let own = curve.cost((scores[index].asDouble - origin) - c, shares[index], target: 1)
      let others = RowMath.sum(count: row.count) { start, count, costs in
        for j in start..<start + count {
          let cost: Double = curve.cost((scores[j].asDouble - origin) - c, shares[j])
          costs[j - start] = Double.select(j == index, 0, cost)
        }
      }
      value = own + others.value
    } else if let target = row[1] {
      let costs = RowMath.sum(count: row.count) {
        (start, count, costs: UnsafeMutablePointer<Double>) in
        for j in start..<start + count {
          let x = (scores[j].asDouble - origin) - c
          costs[j - start] = curve.cost(x, shares[j], target: target[j].asDouble)
        }
      }
      var rest = CompensatedSum()
      rest.add(1)
      for j in 0..<row.count { rest.add(-target[j].asDouble) }
      let order =
        lessEntropy
        ? 0
        : RowMath.sum(count: row.count) {
          (start, count, orders: UnsafeMutablePointer<Double>) in
          for j in 0..<count { orders[j] = curve.order(target[start + j].asDouble) }
        }.value
      let missing = rest.value == 0 ? 0 : rest.value * (origin + c - 1 / (1 + curve.a))
      value = (costs.value - order) + missing
      entmax.writeTargetGradient(row, scores, target, lessEntropy)
    } else {
      return 0
    }
    entmax.writeGradient(row)
    return S(value)
  }

  /// `p - y`, from the shares in the workspace.
  func writeGradient<S: LossScalar>(_ row: Row<S>) {
    guard let gradient = row.gradient(0) else { return }
    let shares = row.workspace
    // Beyond α of 2 a share rises so steeply from 0 that those of a rounded threshold do not add up.
    let others = RowMath.sum(count: row.count) { start, count, terms in
      for j in start..<start + count {
        terms[j - start] = Double.select(j == best, 0, shares[j])
      }
    }.value
    let unit = 1 / (others + shares[best])
    let factor = row.gradientScale.asDouble
    let index = row.classIndex(1)
    let target = row[1]
    for j in 0..<row.count {
      let own = target.map { $0[j].asDouble } ?? 0
      gradient[j] = S(factor * (shares[j] * unit - own))
    }
    // The share of the best, less 1, would cancel; it is what the others have.
    let gap = 1 - (target.map { $0[best].asDouble } ?? (index == best ? 1 : 0))
    gradient[best] = S(factor * (gap - others * unit))
    if let index, index != best { gradient[index] = S(factor * (shares[index] * unit - 1)) }
  }

  /// The slope of `Ω` less the score; 0 where the target is 0 and that is infinite.
  func writeTargetGradient<S: LossScalar>(
    _ row: Row<S>, _ scores: UnsafePointer<S>, _ target: UnsafePointer<S>, _ lessEntropy: Bool
  ) {
    guard let gradient = row.gradient(1) else { return }
    let factor = row.gradientScale.asDouble
    for j in 0..<row.count {
      let order = lessEntropy ? curve.orderDerivative(target[j].asDouble) : 0
      let derivative = order - scores[j].asDouble
      gradient[j] = target[j] == 0 && derivative.isInfinite ? 0 : S(factor * derivative)
    }
  }

  /// NaN, for a row with one, or with an infinite score that is the largest.
  static func lost<S: LossScalar>(_ row: Row<S>) -> S {
    for input in 0..<2 {
      guard let gradient = row.gradient(input) else { continue }
      for j in 0..<row.count { gradient[j] = .nan }
    }
    return .nan
  }
}
