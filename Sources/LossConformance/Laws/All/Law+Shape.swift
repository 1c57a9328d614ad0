import LossCore

extension Law {
  /// The declared convexity.
  static let convexity = Law(
    "convexity",
    "A loss declared convex lies below its chords, at three points between two predictions.",
    distributions: [.ordinary, .ties, .zeros, .extreme], shapes: [.batch, .plane, .single]
  ) { (trial) throws(LossError) in
    guard trial.subject.properties.contains(.convex) else { return .notApplicable }
    for round in UInt64(0)..<4 {
      let segment = Segment(trial, round)
      guard !segment.isEmpty else { return .notApplicable }
      let (start, end) = try (segment.terms(at: 0), segment.terms(at: 1))
      for fraction in [0.5, 0.125, 0.875] {
        let middle = try segment.terms(at: fraction)
        for index in middle.indices {
          let chord = start[index] + fraction * (end[index] - start[index])
          let scale = max(start[index].magnitude, end[index].magnitude, 1)
          guard chord.isFinite, !(middle[index] <= chord + 1e-11 * scale) else { continue }
          return .failed(
            "term \(index) is \(middle[index]) at fraction \(fraction) of a segment, above the chord"
              + " value \(chord); \(segment)")
        }
      }
    }
    return .holds
  }

  /// The declared Lipschitz constant.
  static let lipschitz = Law(
    "lipschitz",
    "No term of a loss with a declared Lipschitz constant changes faster than this constant.",
    distributions: [.ordinary, .ties, .zeros, .extreme], shapes: [.batch, .plane, .single]
  ) { (trial) throws(LossError) in
    guard let constant = trial.subject.properties.lipschitz else { return .notApplicable }
    for round in UInt64(0)..<4 {
      let segment = Segment(trial, round)
      guard !segment.isEmpty else { return .notApplicable }
      var fraction = 0.0
      var before = try segment.terms(at: 0)
      for step in [1, 0.5, 0x1p-10] {
        let after = try segment.terms(at: fraction + step)
        let bound = constant * step * segment.length
        for (index, (a, b)) in zip(before, after).enumerated() {
          let slack = 1e-9 * bound + 1e-12 * max(a.magnitude, b.magnitude, 1)
          guard a.isFinite, b.isFinite, (a - b).magnitude > bound + slack else { continue }
          return .failed(
            "term \(index) changes by \((a - b).magnitude) over a distance of"
              + " \(step * segment.length), more than \(constant) per unit; \(segment)")
        }
        fraction = 0.25
        before = try segment.terms(at: fraction)
      }
    }
    return .holds
  }

  /// The declared twice differentiability.
  static let twiceDifferentiable = Law(
    "twice-differentiable", "The gradient of a loss declared twice differentiable has no kink.",
    distributions: [.ordinary, .ties], shapes: [.batch, .single]
  ) { (trial) throws(LossError) in
    guard trial.subject.properties.contains(.twiceDifferentiable) else { return .notApplicable }
    for round in UInt64(0)..<(trial.subject.explicitOptions.isEmpty ? 2 : 1) {
      let segment = Segment(trial, round, mirrored: round == 0)
      guard !segment.isEmpty else { return .notApplicable }
      if let failureMessage = try KinkSearch(segment).failureMessage() {
        return .failed(failureMessage)
      }
    }
    return .holds
  }
}

/// A line segment from the predictions of a trial to other predictions of the same domain.
struct Segment: CustomStringConvertible {
  let trial: PropertyTrial
  let roles: [Role]
  private let ends: LossInputs

  /// - Parameter mirrored: whether the end has the negated predictions of the trial, if the domain
  ///   allows it, so that the segment crosses zero.
  init(_ trial: PropertyTrial, _ round: UInt64, mirrored: Bool = false) {
    self.trial = trial
    roles = trial.predictions
    var sampler = InputSampler(seed: trial.seed &* 31 &+ round &+ 1000, trial.distribution)
    var other = sampler.inputs(
      for: trial.subject.signature, rest: trial.preset.ellipsis,
      extents: trial.preset.extents(for: trial.subject.signature))
    for role in roles {
      let isFree = trial.subject.signature.input(role)?.domain == .any
      let start = trial.numbers(role)
      // A shrunk trial has fewer numbers than are drawn.
      let drawn = other[role]?.doubles ?? []
      let end =
        mirrored && isFree
        ? start.map { 0.1 - 1.1 * $0 }
        : start.indices.map { drawn.indices.contains($0) ? drawn[$0] : 0 }
      other[role] = .float64(Tensor(trusted: trial.inputs[role]?.shape ?? .scalar, end))
    }
    ends = other
  }

  /// Whether the loss has no predictions, or start and end are equal.
  var isEmpty: Bool { roles.isEmpty || length == 0 }

  /// The Euclidean length of the segment.
  var length: Double {
    roles.reduce(0.0) { sum, role in sum + direction(role).reduce(0) { $0 + $1 * $1 } }
      .squareRoot()
  }

  func direction(_ role: Role) -> [Double] {
    zip(trial.numbers(role), ends[role]?.doubles ?? []).map { $1 - $0 }
  }

  /// The inputs at a fraction of the segment.
  func inputs(at fraction: Double) -> LossInputs {
    var moved = trial.inputs
    for role in roles {
      let numbers = zip(trial.numbers(role), ends[role]?.doubles ?? []).map { start, end in
        fraction == 1 ? end : start + fraction * (end - start)
      }
      moved[role] = trial.replacing(role, with: numbers)[role]
    }
    return moved
  }

  func terms(at fraction: Double) throws(LossError) -> [Double] {
    try trial.terms(inputs(at: fraction))
  }

  var description: String {
    "to " + roles.map { "\($0) \(ends[$0]?.doubles.prefix(8) ?? [])" }.joined(separator: ", ")
  }
}

/// Searches a segment for the largest jump of the second derivative, with shrinking intervals: the
/// difference at a kink persists, that of a smooth gradient vanishes.
private struct KinkSearch {
  let segment: Segment

  init(_ segment: Segment) { self.segment = segment }

  /// The directional derivative of a sum with different factors per term, so that kinks do not cancel
  /// between terms that add up to a constant.
  private func derivative(_ fraction: Double, _ count: Int) throws(LossError) -> Double {
    let derivatives = try segment.trial.evaluate(
      .unreduced, segment.inputs(at: fraction), gradientsOf: segment.roles,
      upstream: (0..<count).map { 1 + Double($0 % 5) / 4 }
    ).derivatives
    return segment.roles.reduce(0.0) { sum, role in
      sum + zip(derivatives[role] ?? [], segment.direction(role)).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  func failureMessage() throws(LossError) -> String? {
    var low = 0.0
    var high = 1.0
    let intervalCount = 12
    var derivativeRange = 0.0
    var jumps: [Double] = []
    let count = try segment.trial.terms().count
    for _ in 0..<4 {
      let step = (high - low) / Double(intervalCount)
      var derivatives: [Double] = []
      for index in 0...intervalCount {
        derivatives.append(try derivative(low + step * Double(index), count))
      }
      guard derivatives.allSatisfy(\.isFinite) else { return nil }
      derivativeRange = max(derivativeRange, (derivatives.max() ?? 0) - (derivatives.min() ?? 0))
      var largestJump = 0.0
      var position = 1
      for index in 1..<intervalCount {
        // The jump of the second derivative at this point.
        let jump =
          (derivatives[index + 1] - 2 * derivatives[index] + derivatives[index - 1]).magnitude
          / step
        if jump > largestJump {
          largestJump = jump
          position = index
        }
      }
      // Ignores differences of the size of rounding errors.
      let largest = derivatives.map(\.magnitude).max() ?? 0
      jumps.append(largestJump * step > 1e-9 * largest ? largestJump : 0)
      (low, high) = (low + step * Double(position - 1), low + step * Double(position + 1))
    }
    guard let first = jumps.first, let last = jumps.last, derivativeRange > 0 else { return nil }
    // The interval shrank by 6³; so does the difference of a smooth gradient, but not a jump.
    guard last > 0.2 * first, last > 1e-2 * derivativeRange else { return nil }
    return
      "the second derivative jumps by \(last) at fraction \((low + high) / 2) of a segment; \(segment)"
  }
}
