import LossCore

/// The errors of the classes at every position, where the elements of the prediction lie: `1 - p` for
/// the class that is true and `p` for the others. What reads an error may leave its derivative there.
///
/// They are in the memory of the gradient, if there is one: an error is not needed any more where
/// its derivative is known, and the derivative by a logit takes its place in turn. Probabilities are
/// computed again for it, since to keep them would take as much memory as the prediction.
struct ClassErrors<S: LossScalar> {
  let pass: LossPass<S>
  let layout: ClassLayout
  let labels: UnsafePointer<Int>
  let values: UnsafeMutablePointer<S>
  private let prediction: UnsafePointer<S>

  /// Gives the errors to a function that makes derivatives of them, and then makes the gradient of
  /// the prediction of these.
  static func with(
    _ pass: borrowing LossPass<S>, fromLogits: Bool, _ body: (Self) -> Void
  ) {
    let pass = copy pass
    guard let prediction = pass.real(0), let labels = pass.integers(1) else { return }
    let layout = ClassLayout(pass, segments: pass.termCount)
    let gradient = pass.gradient(0)
    let values = gradient ?? UnsafeMutablePointer<S>.allocate(capacity: max(1, layout.elements))
    defer { if gradient == nil { values.deallocate() } }
    let errors = Self(
      pass: pass, layout: layout, labels: labels, values: values, prediction: prediction)
    layout.forEachRun(pass) { fromLogits ? errors.fillFromLogits($0) : errors.fill($0) }
    body(errors)
    guard gradient != nil, fromLogits else { return }
    layout.forEachRun(pass) { errors.passSoftmax($0) }
  }

  private init(
    pass: LossPass<S>, layout: ClassLayout, labels: UnsafePointer<Int>,
    values: UnsafeMutablePointer<S>, prediction: UnsafePointer<S>
  ) {
    (self.pass, self.layout, self.labels) = (pass, layout, labels)
    (self.values, self.prediction) = (values, prediction)
  }

  /// Where the numbers of a class in a run begin.
  @inline(__always)
  func start(_ run: ClassRun, class j: Int) -> Int { run.element + j * layout.inner }

  private func fill(_ run: ClassRun) {
    let label = labels + run.position
    for j in 0..<layout.classes {
      let (p, e) = (prediction + start(run, class: j), values + start(run, class: j))
      for i in 0..<run.count {
        let q = p[i * run.step]
        e[i * run.step] = S.select(label[i] == j, 1 - q, q)
      }
    }
  }

  // A step of 1 is known where the loops are compiled, and they are vectorised.

  private func fillFromLogits(_ run: ClassRun) {
    if run.step == 1 { fillFromLogits(run, step: 1) } else { fillFromLogits(run, step: run.step) }
  }

  private func passSoftmax(_ run: ClassRun) {
    if run.step == 1 { passSoftmax(run, step: 1) } else { passSoftmax(run, step: run.step) }
  }

  /// The error of the class that is true is the share of the others, without a subtraction.
  @inline(__always)
  private func fillFromLogits(_ run: ClassRun, step: Int) {
    let label = labels + run.position
    run.withRows(of: S.self) { top, total, rest, _ in
      fillLargest(run, top, step: step)
      for i in 0..<run.count { (total[i], rest[i]) = (0, 0) }
      let scale = S.scale(below: 0)
      for j in 0..<layout.classes {
        let (x, e) = (prediction + start(run, class: j), values + start(run, class: j))
        for i in 0..<run.count {
          let exponential = S.exp(x[i &* step] - top[i], scale)
          e[i &* step] = exponential
          total[i] += exponential
          rest[i] += S.select(label[i] == j, 0, exponential)
        }
      }
      for i in 0..<run.count { total[i] = 1 / total[i] }
      for j in 0..<layout.classes {
        let e = values + start(run, class: j)
        for i in 0..<run.count {
          e[i &* step] = S.select(label[i] == j, rest[i], e[i &* step]) * total[i]
        }
      }
    }
  }

  /// Makes derivatives by the logits of those by the probabilities: `p (g - Σ p g)`.
  ///
  /// With the derivative `h` of the likeliest class, `g - Σ p g` is `(g - h) + Σ p (h - g)`, where
  /// what is small is not the difference of what is large. Where no derivative is left it is 0,
  /// whatever the logits: a mask selects, and a NaN under it does not come through.
  @inline(__always)
  private func passSoftmax(_ run: ClassRun, step: Int) {
    run.withRows(of: S.self) { top, total, shared, likeliest in
      fillLargest(run, top, step: step)
      for i in 0..<run.count { (total[i], shared[i], likeliest[i]) = (0, 0, 0) }
      for j in (0..<layout.classes).reversed() {
        let (x, g) = (prediction + start(run, class: j), values + start(run, class: j))
        for i in 0..<run.count {
          likeliest[i] = S.select(x[i &* step] == top[i], g[i &* step], likeliest[i])
        }
      }
      let scale = S.scale(below: 0)
      for j in 0..<layout.classes {
        let (x, g) = (prediction + start(run, class: j), values + start(run, class: j))
        for i in 0..<run.count {
          let exponential = S.exp(x[i &* step] - top[i], scale)
          let difference = likeliest[i] - g[i &* step]
          total[i] += exponential
          shared[i] += S.select(difference == 0, 0, exponential * difference)
        }
      }
      for i in 0..<run.count {
        total[i] = 1 / total[i]
        shared[i] = S.select(shared[i] == 0, 0, shared[i] * total[i])
      }
      for j in 0..<layout.classes {
        let (x, g) = (prediction + start(run, class: j), values + start(run, class: j))
        for i in 0..<run.count {
          let p = S.exp(x[i &* step] - top[i], scale) * total[i]
          let difference = (g[i &* step] - likeliest[i]) + shared[i]
          g[i &* step] = S.select(difference == 0, 0, p * difference)
        }
      }
    }
  }

  /// The largest logit of each position.
  @inline(__always)
  private func fillLargest(_ run: ClassRun, _ top: UnsafeMutablePointer<S>, step: Int) {
    for i in 0..<run.count { top[i] = -.infinity }
    for j in 0..<layout.classes {
      let x = prediction + start(run, class: j)
      for i in 0..<run.count { top[i] = S.larger(x[i &* step], top[i]) }
    }
  }
}
