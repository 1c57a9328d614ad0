import LossCore

/// The probabilities of a prediction, class by class, for losses that process one class of a
/// segment at a time and are not a function of sums.
///
/// Positions are those of the layout; a plane has one number for each.
struct ClassPlanes<S: LossScalar> {
  let context: KernelContext<S>
  let prediction: UnsafePointer<S>
  let activation: Activation
  let layout: RegionLayout
  /// A plane of probabilities per class.
  let probabilities: UnsafeMutablePointer<S>
  /// A plane of derivatives with respect to the probabilities per class; nil without a gradient.
  let derivatives: UnsafeMutablePointer<S>?

  /// Passes the planes to a function that computes the terms and writes the derivatives, then
  /// computes the gradient of the prediction.
  static func with(
    _ context: borrowing KernelContext<S>, _ layout: RegionLayout, _ activation: Activation,
    _ body: (Self) -> Void
  ) {
    let context = copy context
    guard let prediction = context.real(0) else { return }
    let count = max(1, layout.allPositions * layout.classes)
    let memory = UnsafeMutablePointer<S>.allocate(capacity: count)
    let derivatives =
      context.gradient(0) == nil ? nil : UnsafeMutablePointer<S>.allocate(capacity: count)
    defer {
      memory.deallocate()
      derivatives?.deallocate()
    }
    let planes = Self(
      context: context, prediction: prediction, activation: activation, layout: layout,
      probabilities: memory, derivatives: derivatives)
    planes.forEachRun { planes.fill($0, $1) }
    body(planes)
    if let gradient = context.gradient(0), let derivatives {
      planes.forEachRun { planes.write($0, planes.table($0, of: derivatives), $1, to: gradient) }
    }
  }

  var segments: Int { layout.segments }
  var positions: Int { layout.positions }
  var classes: Int { layout.classes }

  /// The offset of a class of a segment.
  func start(segment: Int, class j: Int) -> Int { j * layout.allPositions + segment * positions }

  /// Calls a function for each unmasked position of a class, with its target.
  @inline(__always)
  func forEachUnmasked(
    class j: Int, in segment: Int, _ body: (_ position: Int, _ target: S) -> Void
  ) {
    let (numbers, labels) = (context.real(1), context.integers(1))
    let first = segment * positions
    layout.forEachRun(segment: segment) { run in
      let start = run.start + j * layout.inner
      for i in 0..<run.count {
        let element = start + i * layout.step
        if let mask = context.elementMask, !mask[element] { continue }
        if let labels {
          body(run.position + i - first, S.select(labels[run.position + i] == j, 1, 0))
        } else if let numbers {
          body(run.position + i - first, numbers[element])
        }
      }
    }
  }

  /// Calls a function for runs of all positions, in parallel.
  private func forEachRun(_ body: (RegionRun, FourRows<S>) -> Void) {
    layout.forEachChunk(context) { range, rows in
      layout.forEachRun(range, block: RegionRun.length(S.self)) { body($0, rows) }
    }
  }

  /// The rows of a run in some planes.
  private func table(_ run: RegionRun, of planes: UnsafeMutablePointer<S>) -> RegionTable<S> {
    RegionTable(planes + run.position, stride: layout.allPositions, classes: classes)
  }

  /// The probabilities of a run.
  private func fill(_ run: RegionRun, _ rows: FourRows<S>) {
    let table = table(run, of: probabilities)
    guard activation != .softmax else {
      return table.fillSoftmax(of: prediction, layout, run, in: rows)
    }
    table.fill(of: prediction, layout, run)
    guard activation == .sigmoid else { return }
    for j in 0..<classes {
      let p = table.row(j)
      for i in 0..<run.count { p[i] = S.sigmoid(p[i]) }
    }
  }

  /// Writes the gradient of the prediction in a run: the derivatives times that of the activation.
  ///
  /// A derivative of 0 gives 0 whatever the logit, so that NaN under a mask has no effect.
  private func write(
    _ run: RegionRun, _ derivatives: RegionTable<S>, _ rows: FourRows<S>,
    to gradient: UnsafeMutablePointer<S>
  ) {
    let probabilities = table(run, of: probabilities)
    switch activation {
    case .identity: break
    case .softmax: probabilities.passSoftmax(derivatives, count: run.count, in: rows)
    case .sigmoid:
      for j in 0..<classes {
        let (p, g) = (probabilities.row(j), derivatives.row(j))
        let x = prediction + (run.start + j * layout.inner)
        for i in 0..<run.count {
          let derivative = p[i] * S.sigmoid(-x[i * layout.step])
          g[i] = S.select(g[i] == 0, 0, g[i] * derivative)
        }
      }
    }
    derivatives.write(to: gradient, layout, run)
  }
}
