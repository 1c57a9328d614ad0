import LossCore

extension Law {
  /// The declared convexity.
  static let convexity = Law(
    "convexity",
    "A loss that claims convexity lies below its chords: at the middle of two predictions, and near"
      + " both.",
    distributions: [.ordinary, .ties, .zeros, .extreme], settings: [.batch, .plane, .single]
  ) { (trial) throws(LossError) in
    guard trial.subject.properties.contains(.convex) else { return .notApplicable }
    for round in UInt64(0)..<4 {
      let segment = Segment(trial, round)
      guard !segment.isEmpty else { return .notApplicable }
      let (start, end) = try (segment.terms(at: 0), segment.terms(at: 1))
      for share in [0.5, 0.125, 0.875] {
        let middle = try segment.terms(at: share)
        for index in middle.indices {
          let chord = start[index] + share * (end[index] - start[index])
          let scale = max(start[index].magnitude, end[index].magnitude, 1)
          guard chord.isFinite, !(middle[index] <= chord + 1e-11 * scale) else { continue }
          return .failed(
            "term \(index) is \(middle[index]) at \(share) of a segment, above the chord,"
              + " \(chord); \(segment)")
        }
      }
    }
    return .holds
  }

  /// The declared Lipschitz constant.
  static let lipschitz = Law(
    "lipschitz", "No term of a loss that claims a Lipschitz constant changes faster than it says.",
    distributions: [.ordinary, .ties, .zeros, .extreme], settings: [.batch, .plane, .single]
  ) { (trial) throws(LossError) in
    guard let constant = trial.subject.properties.lipschitz else { return .notApplicable }
    for round in UInt64(0)..<4 {
      let segment = Segment(trial, round)
      guard !segment.isEmpty else { return .notApplicable }
      var share = 0.0
      var before = try segment.terms(at: 0)
      for step in [1, 0.5, 0x1p-10] {
        let after = try segment.terms(at: share + step)
        let room = constant * step * segment.length
        for (index, (a, b)) in zip(before, after).enumerated() {
          let slack = 1e-9 * room + 1e-12 * max(a.magnitude, b.magnitude, 1)
          guard a.isFinite, b.isFinite, (a - b).magnitude > room + slack else { continue }
          return .failed(
            "term \(index) changes by \((a - b).magnitude) over a distance of"
              + " \(step * segment.length), more than \(constant) each; \(segment)")
        }
        share = 0.25
        before = try segment.terms(at: share)
      }
    }
    return .holds
  }

  /// The declared smoothness.
  static let twiceDifferentiable = Law(
    "twice-differentiable", "The gradient of a loss that claims two derivatives has no kink.",
    distributions: [.ordinary, .ties], settings: [.batch, .single]
  ) { (trial) throws(LossError) in
    guard trial.subject.properties.contains(.twiceDifferentiable) else { return .notApplicable }
    for round in UInt64(0)..<(trial.subject.given.isEmpty ? 2 : 1) {
      let segment = Segment(trial, round, mirrored: round == 0)
      guard !segment.isEmpty else { return .notApplicable }
      if let failureMessage = try KinkSearch(segment).failureMessage() {
        return .failed(failureMessage)
      }
    }
    return .holds
  }
}

/// A straight line between the predictions of a trial and other ones of the same domain.
struct Segment: CustomStringConvertible {
  let trial: PropertyTrial
  let roles: [Role]
  private let ends: LossInputs

  /// - Parameter mirrored: whether the other end is the trial's own predictions with the opposite
  ///   sign, where the domain has it, so that the line crosses zero.
  init(_ trial: PropertyTrial, _ round: UInt64, mirrored: Bool = false) {
    self.trial = trial
    roles = trial.predictions
    var sampler = InputSampler(seed: trial.seed &* 31 &+ round &+ 1000, trial.distribution)
    var other = sampler.inputs(
      for: trial.subject.signature, rest: trial.setting.rest,
      extents: trial.setting.extents(for: trial.subject.signature))
    for role in roles {
      let isFree = trial.subject.signature.input(role)?.domain == .any
      let start = trial.numbers(role)
      // A trial that was made smaller has fewer numbers than are drawn.
      let drawn = other[role]?.doubles ?? []
      let end =
        mirrored && isFree
        ? start.map { 0.1 - 1.1 * $0 }
        : start.indices.map { drawn.indices.contains($0) ? drawn[$0] : 0 }
      other[role] = .float64(Tensor(trusted: trial.inputs[role]?.shape ?? .scalar, end))
    }
    ends = other
  }

  /// Whether the loss has no predictions, or they do not move.
  var isEmpty: Bool { roles.isEmpty || length == 0 }

  /// The Euclidean distance of the ends.
  var length: Double {
    roles.reduce(0.0) { sum, role in sum + direction(role).reduce(0) { $0 + $1 * $1 } }
      .squareRoot()
  }

  func direction(_ role: Role) -> [Double] {
    zip(trial.numbers(role), ends[role]?.doubles ?? []).map { $1 - $0 }
  }

  /// The inputs at some share of the way.
  func inputs(at share: Double) -> LossInputs {
    var moved = trial.inputs
    for role in roles {
      let numbers = zip(trial.numbers(role), ends[role]?.doubles ?? []).map { start, end in
        share == 1 ? end : start + share * (end - start)
      }
      moved[role] = trial.replacing(role, with: numbers)[role]
    }
    return moved
  }

  func terms(at share: Double) throws(LossError) -> [Double] {
    try trial.terms(inputs(at: share))
  }

  var description: String {
    "to " + roles.map { "\($0) \(ends[$0]?.doubles.prefix(8) ?? [])" }.joined(separator: ", ")
  }
}

/// Looks for the place of a segment where the slope bends most, closer and closer: a kink keeps
/// its bend, a smooth place loses it.
private struct KinkSearch {
  let segment: Segment

  init(_ segment: Segment) { self.segment = segment }

  /// The slope along the segment of a sum in which the terms weigh differently, so that those that
  /// add up to a constant do not hide their bends.
  private func derivative(_ share: Double, _ count: Int) throws(LossError) -> Double {
    let derivatives = try segment.trial.evaluate(
      .unreduced, segment.inputs(at: share), gradientsOf: segment.roles,
      upstream: (0..<count).map { 1 + Double($0 % 5) / 4 }
    ).derivatives
    return segment.roles.reduce(0.0) { sum, role in
      sum + zip(derivatives[role] ?? [], segment.direction(role)).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  func failureMessage() throws(LossError) -> String? {
    var low = 0.0
    var high = 1.0
    let parts = 12
    var steepest = 0.0
    var bends: [Double] = []
    let count = try segment.trial.terms().count
    for _ in 0..<4 {
      let step = (high - low) / Double(parts)
      var derivatives: [Double] = []
      for part in 0...parts { derivatives.append(try derivative(low + step * Double(part), count)) }
      guard derivatives.allSatisfy(\.isFinite) else { return nil }
      steepest = max(steepest, (derivatives.max() ?? 0) - (derivatives.min() ?? 0))
      var worst = 0.0
      var place = 1
      for part in 1..<parts {
        // The jump of the second derivative across this part.
        let bend =
          (derivatives[part + 1] - 2 * derivatives[part] + derivatives[part - 1]).magnitude / step
        if bend > worst {
          worst = bend
          place = part
        }
      }
      // What rounding leaves is no bend.
      let largest = derivatives.map(\.magnitude).max() ?? 0
      bends.append(worst * step > 1e-9 * largest ? worst : 0)
      (low, high) = (low + step * Double(place - 1), low + step * Double(place + 1))
    }
    guard let first = bends.first, let last = bends.last, steepest > 0 else { return nil }
    // The width shrank by 6³: a smooth bend by as much, a kink not at all.
    guard last > 0.2 * first, last > 1e-2 * steepest else { return nil }
    return "the second derivative jumps by \(last) at \((low + high) / 2) of a segment; \(segment)"
  }
}
