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
  /// How many segments there are, and how many positions each of them has.
  let segments: Int
  let positions: Int
  let classes: Int
  /// How many positions lie side by side before the next class begins.
  let inner: Int
  /// A plane of probabilities for each class.
  let probabilities: UnsafeMutablePointer<S>
  /// What the probability of the class that is true leaves to 1, without a subtraction; nil unless
  /// the activation is a softmax and the target holds class indices.
  let remainders: UnsafeMutablePointer<S>?
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
    let hasRemainders = activation == .softmax && pass.integers(1) != nil
    let remainders =
      hasRemainders
      ? UnsafeMutablePointer<S>.allocate(capacity: max(1, count / max(1, pass.rows.length))) : nil
    defer {
      memory.deallocate()
      remainders?.deallocate()
      slopes?.deallocate()
    }
    let planes = Self(
      pass, prediction, activation, segments: segments, probabilities: memory,
      remainders: remainders, slopes: slopes)
    planes.forEachRun { planes.fill($0) }
    body(planes)
    if let gradient = pass.gradient(0), slopes != nil {
      planes.forEachRun { planes.write($0, to: gradient) }
    }
  }

  private init(
    _ pass: LossPass<S>, _ prediction: UnsafePointer<S>, _ activation: Activation, segments: Int,
    probabilities: UnsafeMutablePointer<S>, remainders: UnsafeMutablePointer<S>?,
    slopes: UnsafeMutablePointer<S>?
  ) {
    self.pass = pass
    self.prediction = prediction
    self.activation = activation
    self.segments = segments
    classes = pass.rows.length
    inner = pass.rows.inner
    positions = pass.rows.outer * pass.rows.inner / max(1, segments)
    self.probabilities = probabilities
    self.remainders = remainders
    self.slopes = slopes
  }

  /// How many positions all segments have.
  private var allPositions: Int { segments * positions }

  /// The first place of a class of a segment in its plane.
  func start(segment: Int, class j: Int) -> Int { j * allPositions + segment * positions }

  /// Where an element lies in the prediction, by its segment, its class and its position there.
  @inline(__always)
  func element(segment: Int, class j: Int, position: Int) -> Int {
    let q = segment * positions + position
    return q / inner * inner * classes + j * inner + q % inner
  }

  /// Calls a function for each position of a class that the mask leaves, with its target.
  @inline(__always)
  func forEachKept(class j: Int, in segment: Int, _ body: (_ position: Int, _ target: S) -> Void) {
    let (numbers, labels) = (pass.real(1), pass.integers(1))
    let first = segment * positions
    for i in 0..<positions {
      let element = element(segment: segment, class: j, position: i)
      if let mask = pass.elementMask, !mask[element] { continue }
      if let labels {
        body(i, S.select(labels[first + i] == j, 1, 0))
      } else if let numbers {
        body(i, numbers[element])
      }
    }
  }

  /// Some positions whose elements of one class have equal steps between them.
  struct Run {
    let position: Int
    let count: Int
    /// The element of the first class at the first position.
    let element: Int
    /// How far apart neighbours are.
    let step: Int
  }

  /// Calls a function for runs of positions, cut by index alone, from several threads.
  private func forEachRun(_ body: (Run) -> Void) {
    let length = 256
    let inPiece = max(1, (1 << 14) / max(1, classes) / length) * length
    pass.forEachPiece((allPositions + inPiece - 1) / inPiece) { piece in
      let end = min(allPositions, (piece + 1) * inPiece)
      var position = piece * inPiece
      while position < end {
        let offset = position % inner
        let count = min(length, end - position, inner == 1 ? length : inner - offset)
        body(
          Run(
            position: position, count: count, element: (position - offset) * classes + offset,
            step: inner == 1 ? classes : 1))
        position += count
      }
    }
  }

  private func plane(_ j: Int, _ run: Run, of planes: UnsafeMutablePointer<S>)
    -> UnsafeMutablePointer<S>
  {
    planes + (j * allPositions + run.position)
  }

  /// The probabilities of a run.
  private func fill(_ run: Run) {
    for j in 0..<classes {
      let from = prediction + (run.element + j * inner)
      let to = plane(j, run, of: probabilities)
      for i in 0..<run.count { to[i] = from[i * run.step] }
      if activation == .sigmoid { for i in 0..<run.count { to[i] = S.sigmoid(to[i]) } }
    }
    guard activation == .softmax else { return }
    withUnsafeTemporaryAllocation(of: S.self, capacity: run.count) { top in
      withUnsafeTemporaryAllocation(of: S.self, capacity: run.count) { total in
        guard let top = top.baseAddress, let total = total.baseAddress else { return }
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
        fillRemainders(run, total)
        for j in 0..<classes {
          let own = plane(j, run, of: probabilities)
          for i in 0..<run.count { own[i] *= total[i] }
        }
      }
    }
  }

  /// The share of the classes that are not true in the sum of the exponentials.
  private func fillRemainders(_ run: Run, _ share: UnsafeMutablePointer<S>) {
    guard let remainders, let labels = pass.integers(1) else { return }
    let own = remainders + run.position
    let label = labels + run.position
    for i in 0..<run.count { own[i] = 0 }
    for j in 0..<classes {
      let exponentials = plane(j, run, of: probabilities)
      for i in 0..<run.count { own[i] += S.select(label[i] == j, 0, exponentials[i]) }
    }
    for i in 0..<run.count { own[i] *= share[i] }
  }

  /// The gradient of the prediction in a run: the slopes, through the activation.
  ///
  /// Where no derivative is left it is 0, whatever the logits: a mask selects, and a NaN under it
  /// does not come through.
  private func write(_ run: Run, to gradient: UnsafeMutablePointer<S>) {
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
  private func passSoftmax(_ run: Run) {
    guard let slopes else { return }
    withUnsafeTemporaryAllocation(of: S.self, capacity: run.count) { top in
      withUnsafeTemporaryAllocation(of: S.self, capacity: run.count) { likeliest in
        withUnsafeTemporaryAllocation(of: S.self, capacity: run.count) { shared in
          guard let top = top.baseAddress, let likeliest = likeliest.baseAddress,
            let shared = shared.baseAddress
          else { return }
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
  }
}
