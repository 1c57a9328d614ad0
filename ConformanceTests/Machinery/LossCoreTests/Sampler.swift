import LossConformance
import LossFunctions

/// Random inputs that a loss can take, from its signature alone.
struct Sampler {
  var generator: SeededGenerator
  /// What `...` stands for.
  var rest = [3]
  /// The extents of named axes.
  var extents = ["class": 4, "feature": 4, "time": 6, "label": 2, "sample": 2]
  /// Whether an input that can be indices or numbers is given as numbers.
  var dense = false

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func inputs(for signature: LossSignature) throws -> LossInputs {
    var inputs = LossInputs()
    for input in signature.inputs {
      guard let form = dense ? input.forms.last : input.forms.first else { continue }
      inputs[input.role] = try tensor(form, input.domain)
    }
    return inputs
  }

  func shape(_ pattern: AxisPattern) -> [Int] {
    pattern.axes.flatMap { axis in
      switch axis {
      case .rest: rest
      case .exactly(let extent): [extent]
      case .named(let name): [extents[name] ?? 3]
      case .longer(let name, let surplus): [(extents[name] ?? 3) + surplus]
      }
    }
  }

  private mutating func tensor(
    _ form: InputSpecification.Form, _ domain: InputSpecification.Domain
  ) throws -> AnyTensor {
    let shape = shape(form.axes)
    let count = shape.reduce(1, *)
    func limit(_ axis: String) -> Int { extents[axis] ?? 3 }
    switch form.kind {
    case .real:
      return try Tensor(shape: shape, scalars: numbers(domain, count, shape.last ?? 1)).erased
    case .classIndex(let axis): return try integers(0..<limit(axis), shape, count)
    // The blank is the first class unless an option says otherwise.
    case .label(let axis): return try integers(1..<max(2, limit(axis)), shape, count)
    case .group: return try integers(0..<2, shape, count)
    case .length(let axis): return try integers(limit(axis) / 2..<limit(axis) + 1, shape, count)
    }
  }

  private mutating func integers(
    _ range: Range<Int>, _ shape: [Int], _ count: Int
  ) throws -> AnyTensor {
    try Tensor(
      shape: shape, scalars: (0..<count).map { _ in Int.random(in: range, using: &generator) }
    ).erased
  }

  private mutating func numbers(
    _ domain: InputSpecification.Domain, _ count: Int, _ length: Int
  ) -> [Double] {
    switch domain {
    case .any: generator.numbers(-3...3, count)
    case .corners:
      zip(generator.numbers(-3...0, count), generator.numbers(0...3, count)).enumerated().map {
        $0.offset % max(1, length) < length / 2 ? $0.element.0 : $0.element.1
      }
    case .nonNegative: generator.numbers(0.1...3, count)
    case .probability: generator.numbers(0.05...0.95, count)
    case .sign: (0..<count).map { _ in generator.chance(50) ? 1 : -1 }
    case .binary: (0..<count).map { _ in generator.chance(50) ? 1 : 0 }
    case .oneHot, .distribution: rows(count, length) { $0 }
    case .logDistribution: rows(count, length) { Double.log($0) }
    }
  }

  private mutating func rows(
    _ count: Int, _ length: Int, _ transform: (Double) -> Double
  ) -> [Double] {
    guard length > 0 else { return [] }
    return (0..<count / length).flatMap { _ in
      let row = generator.numbers(0.1...1, length)
      let sum = row.reduce(0, +)
      return row.map { transform($0 / sum) }
    }
  }
}

extension LossInputs {
  /// The same inputs with every real number in another element.
  func converted<S: LossElement>(to type: S.Type) -> LossInputs {
    var inputs = self
    for (role, tensor) in tensors {
      if case .float64 = tensor { inputs[role] = tensor.converted(to: S.self).erased }
    }
    return inputs
  }
}
