import LossCore

extension Law {
  /// The gradient is linear in the upstream.
  static let upstreamIsLinear = Law(
    "upstream-is-linear",
    "The gradient for the upstream 2 u - 3 v is 2 times that for u minus 3 times that for v.",
    shapes: [.batch, .plane]
  ) { (trial) throws(LossError) in
    let roles = trial.differentiable
    let count = try trial.terms().count
    guard !roles.isEmpty, count > 0 else { return .notApplicable }
    var generator = trial.generator
    let u = generator.numbers(-1...1, count)
    let v = generator.numbers(-1...1, count)
    let first = try trial.derivatives(of: roles, upstream: u)
    let second = try trial.derivatives(of: roles, upstream: v)
    // The difference of two infinities is NaN.
    guard (Array(first.values) + second.values).joined().allSatisfy(\.isFinite) else {
      return .notApplicable
    }
    let mixed = zip(u, v).map { 2 * $0 - 3 * $1 }
    let both = try trial.derivatives(of: roles, upstream: mixed)
    for role in roles {
      let expected = zip(first[role] ?? [], second[role] ?? []).map { 2 * $0 - 3 * $1 }
      let scale = (first[role] ?? []).map(\.magnitude).max() ?? 0
      let label = "for 2 u - 3 v the gradient of \(role)"
      if let failureMessage = Agreement.failureMessage(
        label, both[role] ?? [], expected, scale: scale)
      {
        return .failed(failureMessage)
      }
    }
    // A scalar upstream multiplies the gradient of a mean.
    let plain = try trial.evaluate(.mean, gradientsOf: roles).derivatives
    let scaled = try trial.evaluate(.mean, gradientsOf: roles, upstream: [2.5]).derivatives
    return LawVerdict(
      Agreement.failureMessage("2.5 times", scaled, plain.mapValues { $0.map { 2.5 * $0 } }))
  }
}

extension PropertyTrial {
  fileprivate func derivatives(
    of roles: [Role], upstream: [Double]
  ) throws(LossError) -> [Role: [Double]] {
    try evaluate(.unreduced, gradientsOf: roles, upstream: upstream).derivatives
  }
}
