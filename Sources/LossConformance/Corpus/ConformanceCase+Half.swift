public import LossCore

extension ConformanceCase {
  /// The case with its real inputs in half precision, if they and the weights are exact in it, and
  /// if the case expects numbers; nil otherwise.
  ///
  /// The value is then computed in `Float`, and each gradient is the expected number rounded once.
  public func inHalfPrecision(
    _ element: ElementType, with registry: LossRegistry
  ) -> ConformanceCase? {
    guard fixture.compute == nil, case .result(let value, let derivatives) = fixture.expect,
      let loss = try? registry.loss(named: loss, options: fixture.options),
      // The machine epsilon is that of the element type in which the fixture is computed.
      !loss.base.options.values.values.contains(.text("machine"))
    else { return nil }
    let tensors = inputs.tensors.map(\.tensor).filter(\.element.isReal)
    guard !tensors.isEmpty else { return nil }
    for tensor in tensors {
      guard let rounded = try? tensor.cast(to: element),
        zip(rounded.doubles, tensor.doubles).allSatisfy({ $0 == $1 || $0.isNaN && $1.isNaN })
      else { return nil }
    }
    // A finite number that is infinite in Float is not a result in half precision.
    let expected = [value].compactMap(\.self) + derivatives.all
    guard
      expected.flatMap(\.doubles).allSatisfy({ !$0.isFinite || Float($0).isFinite })
    else { return nil }
    var half = self
    half.halfElement = element
    return half
  }
}

extension Corpus {
  /// The cases whose inputs are exact in half precision, each in `float16` and in `bfloat16`.
  public func casesInHalfPrecision(with registry: LossRegistry) -> [ConformanceCase] {
    cases.flatMap { one in
      [ElementType.float16, .bfloat16].compactMap { one.inHalfPrecision($0, with: registry) }
    }
  }
}
