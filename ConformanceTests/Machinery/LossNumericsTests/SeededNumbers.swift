import LossNumerics

/// SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014): the same numbers in every run.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Numbers of a domain: uniform, around 0 and 1, and of every order of magnitude.
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
  /// A finite number above zero of any order of magnitude, subnormal ones included.
  fileprivate init(bits: UInt64) {
    let exponents = UInt64(Self.greatestFiniteMagnitude.exponentBitPattern) + 1
    self.init(
      sign: .plus,
      exponentBitPattern: Self.RawExponent(bits % exponents),
      significandBitPattern: Self.RawSignificand(truncatingIfNeeded: bits >> 12)
    )
  }
}
