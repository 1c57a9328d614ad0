import LossConformance
import LossNumerics

extension SeededGenerator {
  /// Numbers from a domain: uniform, around 0 and 1, and of every order of magnitude.
  mutating func points<S: LossScalar>(_ type: S.Type, in domain: ClosedRange<Double>) -> [S] {
    var points: [S] = []
    func add(_ x: S) {
      if domain.contains(Double(x)) { points.append(x) }
    }
    let low = max(domain.lowerBound, -1e30)
    let high = min(domain.upperBound, 1e30)
    for _ in 0..<2000 {
      add(S(Double.random(in: low...high, using: &self)))
      add(S(Double.random(in: -2...2, using: &self)))
      add(S(Double.random(in: -20...20, using: &self)))
      let magnitude = S(bits: next())
      add(magnitude)
      add(-magnitude)
      let step = S(
        sign: .plus,
        exponent: S.Exponent(-Int.random(in: 0...S.significandBitCount, using: &self)),
        significand: S(Double.random(in: 1...2, using: &self))
      )
      add(1 + step)
      add(1 - step)
      add(step)
      add(-step)
    }
    return points
  }
}

extension LossScalar {
  /// A finite positive number of any order of magnitude, including subnormal ones.
  fileprivate init(bits: UInt64) {
    let exponents = UInt64(Self.greatestFiniteMagnitude.exponentBitPattern) + 1
    self.init(
      sign: .plus,
      exponentBitPattern: Self.RawExponent(bits % exponents),
      significandBitPattern: Self.RawSignificand(truncatingIfNeeded: bits >> 12)
    )
  }
}
