import LossCore

extension Law {
  /// Compares the partial results of random splits with each other and with one call.
  static let partialsMerge = Law(
    "partials-merge",
    """
    Partial results of any split, merged in any order, give one bit pattern, within one ulp of a \
    single call; the gradients of shards, given the whole, are those of one shard of all samples.
    """,
    distributions: [.ordinary], shapes: [.batch]
  ) { (trial) throws(LossError) in
    guard trial.subject.loss.partialForm != nil, let leading = trial.subject.signature.inputs.first,
      let axis = trial.axes(of: leading.role).first, let extent = trial.extent(axis), extent > 1
    else { return .notApplicable }
    var generator = trial.generator
    let count = 2 * extent - 1
    let inputs = trial.selecting((0..<count).map { $0 % extent }, along: axis)
    let shards = PartialShards(trial.with(inputs), axis, count: count)
    for (index, kind) in Reduction.Kind.allCases.enumerated() where kind != .unreduced {
      let element: ElementType = index % 2 == 0 ? .float32 : .float64
      let message = try shards.failureMessage(
        Reduction(kind, whenEmpty: .zero), element, &generator)
      if let message { return .failed("\(kind.rawValue) in \(element.rawValue): \(message)") }
    }
    return .holds
  }
}

/// The samples of a trial, to be split into shards.
private struct PartialShards {
  let trial: PropertyTrial
  let axis: LawAxis
  let count: Int

  init(_ trial: PropertyTrial, _ axis: LawAxis, count: Int) {
    self.trial = trial
    self.axis = axis
    self.count = count
  }

  private var loss: any LossProtocol { trial.subject.loss }

  private func inputs(_ rows: Range<Int>) -> LossInputs {
    trial.selecting(Array(rows), along: axis)
  }

  func failureMessage(
    _ reduction: Reduction, _ element: ElementType, _ generator: inout SeededGenerator
  ) throws(LossError) -> String? {
    let whole = try loss.partial(trial.inputs, reduction: reduction, in: element)
    let value = try whole.value
    let single = try loss.evaluate(trial.inputs, reduction: reduction, in: element)
    let expected = single.value.doubles.first ?? .nan
    guard Self.isNear(value, expected, element) else {
      return "one shard gives \(value), a call \(expected)"
    }
    let shards = Self.split(count, into: reduction.kind == .sum ? count : 3, &generator)
    var partials: [LossPartial] = []
    for rows in shards {
      partials.append(try loss.partial(inputs(rows), reduction: reduction, in: element))
    }
    while partials.count > 1 {
      let first = partials.remove(at: Int.random(in: partials.indices, using: &generator))
      let index = Int.random(in: partials.indices, using: &generator)
      partials[index] = try first.merged(with: partials[index])
    }
    let merged = try partials[0].value
    guard merged.bitPattern == value.bitPattern || merged.isNaN && value.isNaN else {
      return "shards \(shards) give \(merged), one shard gives \(value)"
    }
    return reduction.kind == .weightedMean ? try gradientFailure(whole, &generator) : nil
  }

  private func gradientFailure(
    _ whole: LossPartial, _ generator: inout SeededGenerator
  ) throws(LossError) -> String? {
    let shared = trial.shared(along: axis)
    let roles = trial.differentiable.filter { !shared.contains($0) }
    let all = try loss.gradients(of: trial.inputs, given: whole, with: roles)
    for rows in Self.split(count, into: 3, &generator) {
      let shard = try loss.gradients(of: inputs(rows), given: whole, with: roles)
      let expected = trial.selecting(Array(rows), along: axis, of: all.derivatives)
      for role in roles {
        let (found, wanted) = (shard.derivatives[role] ?? [], expected[role] ?? [])
        let agree =
          found.count == wanted.count
          && zip(found, wanted).allSatisfy {
            $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
          }
        if !agree { return "samples \(rows) have the gradient \(found) of \(role), not \(wanted)" }
      }
    }
    let single = try loss.evaluate(
      trial.inputs, gradientsOf: roles, reduction: whole.reduction, in: whole.element)
    for role in roles {
      let (found, wanted) = (all.derivatives[role] ?? [], single.derivatives[role] ?? [])
      let agree =
        found.count == wanted.count
        && zip(found, wanted).allSatisfy { Self.isNear($0, $1, whole.element) }
      if !agree { return "the gradient of \(role) is \(found), in a call \(wanted)" }
    }
    return nil
  }

  /// Random shards of consecutive samples, some of them empty unless there is one for each sample.
  private static func split(
    _ count: Int, into shards: Int, _ generator: inout SeededGenerator
  ) -> [Range<Int>] {
    guard shards < count else { return (0..<count).map { $0..<$0 + 1 } }
    let cuts =
      [0] + (1..<shards).map { _ in Int.random(in: 1..<count, using: &generator) }.sorted()
      + [count]
    return zip(cuts, cuts.dropFirst()).compactMap { $0 < $1 ? $0..<$1 : nil }
  }

  /// Whether two numbers differ by at most one ulp of the element type.
  private static func isNear(_ a: Double, _ b: Double, _ element: ElementType) -> Bool {
    guard a.isFinite, b.isFinite else { return a == b || a.isNaN && b.isNaN }
    let ulp = element == .float32 ? Double(Float(b).ulp) : b.ulp
    return (a - b).magnitude <= ulp
  }
}
