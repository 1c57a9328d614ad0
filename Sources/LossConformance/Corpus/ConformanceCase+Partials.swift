package import LossCore

extension ConformanceCase {
  /// The distance of the value by partial results from the value of a call, in ulp of the element
  /// type; nil for a case without a scalar value, or of a loss without partial results.
  package func partialDistance(with registry: LossRegistry) throws(LossError) -> Double? {
    guard case .result = fixture.expect else { return nil }
    let loss = try registry.loss(
      named: loss, options: fixture.options, reduction: fixture.reduction,
      classAxis: fixture.classAxis)
    let checks = fixture.isUnchecked ? DomainChecks.none : nil
    let call = try loss.evaluate(inputs, in: fixture.compute?.element, domainChecks: checks)
    guard call.value.shape.rank == 0, let expected = call.value.doubles.first else { return nil }
    let partial: LossPartial
    do throws(LossError) {
      partial = try loss.partial(inputs, in: fixture.compute?.element, domainChecks: checks)
    } catch {
      // What has no partial result says so; anything else would have failed the call.
      guard ["partial", "reduction", Role.weight.name].contains(error.subject) else { throw error }
      return nil
    }
    let value = try partial.value
    guard value.isFinite, expected.isFinite else {
      return value == expected || value.isNaN && expected.isNaN ? 0 : .infinity
    }
    let ulp = partial.element == .float32 ? Double(Float(expected).ulp) : expected.ulp
    return (value - expected).magnitude / ulp
  }
}
