import LossCore

/// The probabilities of a prediction, class by class: what losses read that look at a class of a
/// segment at a time, where the form for regions of sums does not fit.
///
/// A position is a place that has an element of each class. Positions are numbered in order and those
/// of a segment are neighbours, wherever the class axis lies; a plane has one number for each.
struct ClassPlanes<S: LossScalar> {
  let pass: LossPass<S>
  let prediction: UnsafePointer<S>
  let activation: Activation
  let layout: ClassLayout
  /// A plane of probabilities for each class.
  let probabilities: UnsafeMutablePointer<S>
  /// A plane of derivatives by the probabilities for each class; nil if no gradient is wanted.
  let slopes: UnsafeMutablePointer<S>?

  /// Gives the planes of a pass to a function that computes the terms and fills the slopes, then
  /// makes the gradient of the prediction from them.
  static func with(
    _ pass: borrowing LossPass<S>, _ activation: Activation, segments: Int,
    _ body: (Self) -> Void
  ) {
    let pass = copy pass
    guard let prediction = pass.real(0) else { return }
    let count = max(1, pass.rows.outer * pass.rows.length * pass.rows.inner)
    let memory = UnsafeMutablePointer<S>.allocate(capacity: count)
    let slopes =
      pass.gradient(0) == nil ? nil : UnsafeMutablePointer<S>.allocate(capacity: count)
    defer {
      memory.deallocate()
      slopes?.deallocate()
    }
    let layout = ClassLayout(pass, segments: segments)
    let planes = Self(
      pass: pass, prediction: prediction, activation: activation, layout: layout,
      probabilities: memory, slopes: slopes)
    layout.forEachRun(pass) { planes.fill($0) }
    body(planes)
    if let gradient = pass.gradient(0), slopes != nil {
      layout.forEachRun(pass) { planes.write($0, to: gradient) }
    }
  }

  /// How many segments there are, and how many positions each of them has.
  var segments: Int { layout.segments }
  var positions: Int { layout.positions }
  var classes: Int { layout.classes }
  private var inner: Int { layout.inner }

  /// The first place of a class of a segment in its plane.
  func start(segment: Int, class j: Int) -> Int { j * layout.allPositions + segment * positions }

  /// Calls a function for each position of a class that the mask leaves, with its target.
  @inline(__always)
  func forEachKept(class j: Int, in segment: Int, _ body: (_ position: Int, _ target: S) -> Void) {
    let (numbers, labels) = (pass.real(1), pass.integers(1))
    let first = segment * positions
    for i in 0..<positions {
      let element = layout.element(segment: segment, class: j, position: i)
      if let mask = pass.elementMask, !mask[element] { continue }
      if let labels {
        body(i, S.select(labels[first + i] == j, 1, 0))
      } else if let numbers {
        body(i, numbers[element])
      }
    }
  }

  private func plane(_ j: Int, _ run: ClassRun, of planes: UnsafeMutablePointer<S>)
    -> UnsafeMutablePointer<S>
  {
    planes + (j * layout.allPositions + run.position)
  }

  /// The probabilities of a run.
  private func fill(_ run: ClassRun) {
    for j in 0..<classes {
      let from = prediction + (run.element + j * inner)
      let to = plane(j, run, of: probabilities)
      for i in 0..<run.count { to[i] = from[i * run.step] }
      if activation == .sigmoid { for i in 0..<run.count { to[i] = S.sigmoid(to[i]) } }
    }
    guard activation == .softmax else { return }
    run.withRows(of: S.self) { top, total, _, _ in
      for i in 0..<run.count { (top[i], total[i]) = (-.infinity, 0) }
      for j in 0..<classes {
        let own = plane(j, run, of: probabilities)
        for i in 0..<run.count { top[i] = S.larger(own[i], top[i]) }
      }
      let scale = S.scale(below: 0)
      for j in 0..<classes {
        let own = plane(j, run, of: probabilities)
        for i in 0..<run.count {
          let exponential = S.exp(own[i] - top[i], scale)
          own[i] = exponential
          total[i] += exponential
        }
      }
      for i in 0..<run.count { total[i] = 1 / total[i] }
      for j in 0..<classes {
        let own = plane(j, run, of: probabilities)
        for i in 0..<run.count { own[i] *= total[i] }
      }
    }
  }

  /// The gradient of the prediction in a run: the slopes, through the activation.
  ///
  /// Where no derivative is left it is 0, whatever the logits: a mask selects, and a NaN under it
  /// does not come through.
  private func write(_ run: ClassRun, to gradient: UnsafeMutablePointer<S>) {
    guard let slopes else { return }
    if activation == .softmax { passSoftmax(run) }
    for j in 0..<classes {
      let g = plane(j, run, of: slopes)
      if activation == .sigmoid {
        let p = plane(j, run, of: probabilities)
        let x = prediction + (run.element + j * inner)
        for i in 0..<run.count {
          let slope = p[i] * S.sigmoid(-x[i * run.step])
          g[i] = S.select(g[i] == 0, 0, g[i] * slope)
        }
      }
      let to = gradient + (run.element + j * inner)
      for i in 0..<run.count { to[i * run.step] = g[i] }
    }
  }

  /// Makes slopes by the logits of those by the probabilities: `p (g - Σ p g)`.
  ///
  /// With the slope `h` of the likeliest class, `g - Σ p g` is `(g - h) + Σ p (h - g)`, where what is
  /// small is not the difference of what is large.
  private func passSoftmax(_ run: ClassRun) {
    guard let slopes else { return }
    run.withRows(of: S.self) { top, likeliest, shared, _ in
      for i in 0..<run.count { (top[i], likeliest[i], shared[i]) = (-1, 0, 0) }
      for j in 0..<classes {
        let (p, g) = (plane(j, run, of: probabilities), plane(j, run, of: slopes))
        for i in 0..<run.count {
          let isLarger = p[i] > top[i]
          likeliest[i] = S.select(isLarger, g[i], likeliest[i])
          top[i] = S.select(isLarger, p[i], top[i])
        }
      }
      for j in 0..<classes {
        let (p, g) = (plane(j, run, of: probabilities), plane(j, run, of: slopes))
        for i in 0..<run.count {
          let difference = likeliest[i] - g[i]
          shared[i] += S.select(difference == 0, 0, p[i] * difference)
        }
      }
      for j in 0..<classes {
        let (p, g) = (plane(j, run, of: probabilities), plane(j, run, of: slopes))
        for i in 0..<run.count {
          let difference = (g[i] - likeliest[i]) + shared[i]
          g[i] = S.select(difference == 0, 0, p[i] * difference)
        }
      }
    }
  }
}
