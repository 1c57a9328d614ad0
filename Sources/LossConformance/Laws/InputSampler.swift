public import LossCore

/// Draws random inputs for a loss from its signature alone.
public struct InputSampler {
  private var generator: SeededGenerator
  /// The distribution of the drawn numbers.
  private let distribution: InputDistribution
  private let seed: UInt64

  /// The extents of axes that the default options of a loss fix, as the quantiles of multi_quantile.
  private static let fixedExtents = ["quantile": 3]

  /// A sampler that is deterministic for a given seed.
  public init(seed: UInt64, _ distribution: InputDistribution = .ordinary) {
    generator = SeededGenerator(seed: seed)
    self.seed = seed
    self.distribution = distribution
  }

  /// Inputs for a loss, in `Double`.
  ///
  /// - Parameters:
  ///   - signature: the inputs of the loss.
  ///   - ellipsis: the extents of the `...` axes.
  ///   - extents: the extents of named axes; missing ones are drawn from 2 to 4.
  ///   - dense: whether inputs with both encodings are drawn as numbers instead of class indices.
  public mutating func inputs(
    for signature: LossSignature, rest ellipsis: [Int] = [3], extents: [String: Int] = [:],
    dense: Bool = false
  ) -> LossInputs {
    var named = ["class": 5, "feature": 5, "time": 6, "label": 2].merging(extents) { $1 }
      .merging(Self.fixedExtents) { $1 }
    var inputs = LossInputs()
    for input in signature.inputs {
      guard let encoding = dense ? input.encodings.last : input.encodings.first else { continue }
      var shape: [Int] = []
      for axis in encoding.axes.axes {
        switch axis {
        case .ellipsis: shape += ellipsis
        case .exactly(let extent): shape.append(extent)
        case .named(let name): shape.append(extent(name, &named))
        case .longer(let name, let surplus): shape.append(extent(name, &named) + surplus)
        }
      }
      var drawn = tensor(encoding.kind, input.domain, shape: shape, named)
      if let end = input.listEnd { drawn = terminated(drawn, by: end) }
      if distribution == .ends { drawn = withExtremes(drawn, input, encoding, of: signature) }
      inputs[input.role] = drawn
    }
    return inputs
  }

  private mutating func extent(_ name: String, _ named: inout [String: Int]) -> Int {
    let extent = named[name] ?? Int.random(in: 2...4, using: &generator)
    named[name] = extent
    return extent
  }

  private mutating func tensor(
    _ kind: InputSpecification.Kind, _ domain: InputSpecification.Domain, shape: [Int],
    _ named: [String: Int]
  ) -> AnyTensor {
    let shape = Shape(trusted: shape)
    switch kind {
    case .real:
      let length = shape.extents.last ?? 1
      return .float64(Tensor(trusted: shape, numbers(domain, shape.count, length)))
    case .classIndex(let axis):
      return .int64(Tensor(trusted: shape, integers(0..<(named[axis] ?? 1), shape.count)))
    case .label(let axis):
      // The first, second and last class are reserved for the blanks of the option variants.
      let last = max(3, (named[axis] ?? 4) - 1)
      return .int64(Tensor(trusted: shape, integers(2..<last, shape.count)))
    case .group:
      // Two groups, so that most draws have both positive and negative pairs.
      return .int64(Tensor(trusted: shape, integers(0..<2, shape.count)))
    case .length(let axis):
      let extent = named[axis] ?? 1
      return .int64(Tensor(trusted: shape, integers(extent / 2..<extent + 1, shape.count)))
    }
  }

  /// Replaces one number of each row, or all numbers of an elementwise input, by extremes of the
  /// floating-point range, if the seed selects this input. Consecutive seeds cycle through the inputs
  /// and then through the extremes.
  private func withExtremes(
    _ drawn: AnyTensor, _ input: InputSpecification, _ encoding: InputSpecification.Encoding,
    of signature: LossSignature
  ) -> AnyTensor {
    let inputs = signature.inputs.filter {
      $0.domain.ends.count > 0 && $0.encodings[0].kind == .real
    }
    let index = Int(seed % 0x1000_0000)
    guard case .float64(let tensor) = drawn, tensor.count > 0, !inputs.isEmpty,
      inputs[index % inputs.count].role == input.role
    else { return drawn }
    let ends = input.domain.ends
    let length = encoding.axes.axes == [.ellipsis] ? 1 : max(1, tensor.shape.extents.last ?? 1)
    let first = index / inputs.count * 3
    var numbers = tensor.scalars
    for row in 0..<(numbers.count / length) {
      numbers[row * length + (index + row) % length] = ends[(first + row) % ends.count]
    }
    return .float64(Tensor(trusted: tensor.shape, numbers))
  }

  /// Terminates most lists of labels early.
  private mutating func terminated(_ lists: AnyTensor, by end: Int) -> AnyTensor {
    guard case .int64(let tensor) = lists else { return lists }
    let length = max(1, tensor.shape.extents.last ?? 1)
    var labels = tensor.scalars
    for start in stride(from: 0, to: labels.count, by: length) {
      let count = Int.random(in: 0...length, using: &generator)
      if count < length { labels[start + count] = end }
    }
    return .int64(Tensor(trusted: tensor.shape, labels))
  }

  private mutating func integers(_ range: Range<Int>, _ count: Int) -> [Int] {
    (0..<count).map { _ in Int.random(in: range, using: &generator) }
  }

  private mutating func numbers(
    _ domain: InputSpecification.Domain, _ count: Int, _ length: Int
  ) -> [Double] {
    switch domain {
    case .any, .nonNegative, .relevance, .probability: (0..<count).map { _ in number(domain) }
    case .sign: (0..<count).map { _ in Bool.random(using: &generator) ? 1 : -1 }
    case .binary: (0..<count).map { _ in Bool.random(using: &generator) ? 1 : 0 }
    case .distribution: rows(count, length) { $0 }
    // Keeps the logarithm of probability 0 finite.
    case .logDistribution:
      rows(count, length) { Double.log(max($0, 1e-300)) }
    case .oneHot: oneHot(count, length)
    case .boxCorners: boxCorners(count, length)
    }
  }

  private mutating func number(_ domain: InputSpecification.Domain) -> Double {
    switch (distribution, domain) {
    case (.ordinary, .any), (.ends, .any): number(-3...3)
    case (.ordinary, .nonNegative), (.ends, .nonNegative), (.ordinary, .relevance),
      (.ends, .relevance):
      number(0.1...3)
    case (.ordinary, _), (.ends, _): number(0.05...0.95)
    case (.ties, .any): pick([-1, 0, 1])
    case (.ties, .nonNegative), (.ties, .relevance): pick([1, 2])
    case (.ties, _): pick([0.25, 0.5, 0.75])
    case (.zeros, _): 0
    case (.extreme, .any): pick([-1e4, -745, -100, -30, -1e-8, 0, 1e-8, 30, 100, 710, 1e4])
    case (.extreme, .nonNegative), (.extreme, .relevance): pick([0, 1e-12, 1, 30, 1e4])
    case (.extreme, _): pick([0, 1e-12, 0.5, 1 - 1e-12, 1])
    case (.tiny, .any): pick([-1, 1]) * number(1e-300...1e-299)
    case (.tiny, _): number(1e-300...1e-299)
    case (.huge, .any): pick([-1, 1]) * number(1e149...1e150)
    case (.huge, .nonNegative), (.huge, .relevance): number(1e149...1e150)
    case (.huge, _): 1
    }
  }

  private mutating func number(_ range: ClosedRange<Double>) -> Double {
    Double.random(in: range, using: &generator)
  }

  private mutating func pick(_ numbers: [Double]) -> Double {
    numbers[Int.random(in: 0..<numbers.count, using: &generator)]
  }

  private mutating func rows(
    _ count: Int, _ length: Int, _ transform: (Double) -> Double
  ) -> [Double] {
    if distribution == .zeros || distribution == .extreme {
      return oneHot(count, length).map(transform)
    }
    var numbers: [Double] = []
    while numbers.count < count {
      let row = (0..<max(1, length)).map { index in
        switch distribution {
        case .ties: 1.0
        case .tiny: index == 0 ? 1.0 : 1e-300
        default: number(0.1...1)
        }
      }
      let sum = row.reduce(0, +)
      numbers += row.map { transform($0 / sum) }
    }
    return numbers
  }

  /// Arbitrary lower corners, and upper corners that are at least as large in each coordinate.
  private mutating func boxCorners(_ count: Int, _ length: Int) -> [Double] {
    var numbers = (0..<count).map { _ in number(.any) }
    let half = max(1, length / 2)
    for index in 0..<count where index % max(1, length) >= half {
      let pair = (numbers[index - half], numbers[index])
      numbers[index - half] = min(pair.0, pair.1)
      numbers[index] = max(pair.0, pair.1)
    }
    return numbers
  }

  private mutating func oneHot(_ count: Int, _ length: Int) -> [Double] {
    var numbers = Array(repeating: 0.0, count: count)
    for start in stride(from: 0, to: count, by: max(1, length)) {
      numbers[start + Int.random(in: 0..<max(1, length), using: &generator)] = 1
    }
    return numbers
  }
}

extension InputSpecification.Domain {
  /// Extremes of the `Double` and `Float` range: zeros, subnormal numbers, the smallest normal ones,
  /// and numbers from where squares overflow to the largest; none if the numbers of a row depend on
  /// each other.
  fileprivate var ends: [Double] {
    let magnitudes: [Double] = [
      .leastNonzeroMagnitude, .leastNormalMagnitude, 0x1p-149, 0x1p-126, 1, 1e30, 1e38,
      Double(Float.greatestFiniteMagnitude), 1e200, 1e300, .greatestFiniteMagnitude,
    ]
    return switch self {
    case .any: [0, -0.0] + magnitudes + magnitudes.map { -$0 }
    case .nonNegative, .relevance: [0] + magnitudes
    case .probability:
      [
        0, .leastNonzeroMagnitude, .leastNormalMagnitude, 0x1p-149, 0x1p-126, 0.5, 1 - 0x1p-24,
        1 - 0x1p-53, 1,
      ]
    case .sign, .binary, .distribution, .logDistribution, .oneHot, .boxCorners: []
    }
  }
}
