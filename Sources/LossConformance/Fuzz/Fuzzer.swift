import LossCore

/// Generates random calls: half of them nearly valid, so that they reach the kernels, half
/// arbitrary.
package struct Fuzzer: CustomStringConvertible {
  var generator: SeededGenerator
  /// The name of the loss, ours or that of a framework.
  package private(set) var name = ""
  var options: [String: OptionValue] = [:]
  var reduction: Reduction?
  var classAxis: Int?
  var inputs = LossInputs()
  var roles: [Role] = []
  var upstream: AnyTensor?
  var element: ElementType?
  var threads = 1

  static let registry = LossRegistry.linked
  static let names = registry.names + registry.dialectNames
  /// Losses with more possible errors: class indices, regions, lengths, parts.
  static let intricate = ["dice", "tversky", "cross_entropy", "focal", "ctc", "softmax", "sum"]
  static let axes = [-5, -4, -3, -2, -2, -1, -1, -1, 0, 0, 0, 1, 1, 2, 3, 4, Int.min, Int.max]
  static let numbers: [Double] = [
    0, -0.0, 0.25, 0.5, 1, 1, -1, 2, -3, 30, -30, 1e4, -1e4, 1e300, -1e300, 1e38, 1e-300,
    .leastNonzeroMagnitude,
    .nan, .infinity, -.infinity, 0x1p63, -0x1p63,
  ]
  static let integers = [0, 0, 1, 1, 2, 2, 3, 4, -1, -2, 1 << 31, 1 << 40, Int.min, Int.max]

  /// A generator of calls that are the same for a given seed.
  package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  package var description: String {
    """
    \(name) \(OptionValue.object(options).text) \
    reduction \((reduction?.optionValue ?? .null).text) class_axis \(classAxis as Int?) \
    \(inputs.tensors.map { "\($0.role) \($0.tensor)" }) gradients of \(roles) \
    upstream \(upstream as AnyTensor?) in \(element as ElementType?) threads \(threads)
    """
  }

  // MARK: Drawing

  /// Draws the next call.
  package mutating func draw() {
    name = generator.pick(generator.probability(30) ? Self.intricate : Self.names)
    if generator.probability(1) {
      name = generator.pick(["", "hubr", "torch.", "nn.MSELoss", "😀"])
    }
    drawOptions()
    reduction = generator.probability(50) ? nil : drawReduction()
    classAxis = generator.probability(80) ? nil : generator.pick(Self.axes)
    drawInputs()
    roles = inputs.roles.filter { _ in generator.probability(50) }
    if generator.probability(10) {
      roles.append(generator.pick([.target, .weight, .mask, "nothing"]))
    }
    if generator.probability(5) { roles += roles }
    upstream = nil
    if generator.probability(20) { upstream = number(shape()) }
    element = generator.probability(70) ? nil : generator.pick(ElementType.allCases)
    threads = generator.pick([1, 1, 2, 3, 0, -1, Int.min, Int.max])
  }

  private mutating func drawOptions() {
    // Several attempts, so that most calls have valid options.
    for _ in 0..<(generator.probability(80) ? 8 : 1) {
      options = [:]
      let names =
        Self.registry.dialectEntry(named: name).map { dialectEntry in
          dialectEntry.knownOptions.flatMap(\.names)
        } ?? Self.registry.entry(named: name)?.options.map(\.name) ?? []
      for option in names where generator.probability(35) {
        options[option] = value(option, depth: 0)
      }
      if generator.probability(5) {
        options[generator.pick(["delta", "", "gama", "reduction"])] = 1
      }
      if (try? Self.registry.loss(named: name, options: options)) != nil { return }
    }
  }

  private mutating func value(_ option: String, depth: Int) -> OptionValue {
    if option == "parts" { return parts(depth: depth) }
    let described = Self.registry.entry(named: name)?.options.first { $0.name == option }
    let choices = (described?.range ?? "").split(separator: "\"").map { String($0) }
    switch Int.random(in: 0..<12, using: &generator) {
    case 0: return nil
    case 1, 2: return .flag(generator.probability(50))
    case 3: return .text(generator.pick(["mean", "sum", "none", "identity", "inf", "nan", "x"]))
    case 4, 5: return .text(generator.pick(choices + ["machine", "prediction", "weight", "mask"]))
    case 6: return .list((0..<3).map { _ in .number(Double(generator.pick([0, 1, 2, 3]))) })
    case 7:
      let count = Int.random(in: 0...4, using: &generator)
      return .list((0..<count).map { _ in .number(generator.pick(Self.numbers)) })
    case 8: return generator.pick([["x": 1], [[]], ["kind": "mean"], [nil]])
    case 9: return .number(generator.pick(Self.numbers))
    default: return .number(generator.pick([0, 0.1, 0.5, 1, 2, 3, -1]))
    }
  }

  private mutating func parts(depth: Int) -> OptionValue {
    let count = Int.random(in: 0...3, using: &generator)
    return .list(
      (0..<count).map { _ in
        var part: [String: OptionValue] = ["loss": .text(generator.pick(Self.names))]
        if generator.probability(60) { part["scale"] = .number(generator.pick(Self.numbers)) }
        if generator.probability(40) { part["reduction"] = drawReduction().optionValue }
        if generator.probability(20) { part["class_axis"] = .number(generator.pick(Self.numbers)) }
        if depth < 2, generator.probability(20) {
          part["loss"] = "sum"
          part["options"] = ["parts": parts(depth: depth + 1)]
        }
        if generator.probability(5) { part["options"] = ["parts": [1, "x", nil]] }
        return .object(part)
      })
  }

  private mutating func drawReduction() -> Reduction {
    var reduction = Reduction(generator.pick(Reduction.Kind.allCases))
    if generator.probability(40) { reduction.axes = axes() }
    reduction.keepsDimensions = generator.probability(30)
    reduction.whenEmpty = generator.pick([.refuse, .zero, .nan])
    if generator.probability(25) {
      reduction.preceding = Reduction.Stage(averages: generator.probability(50), axes: axes())
    }
    return reduction
  }

  private mutating func axes() -> [Int] {
    let count = Int.random(in: 0...3, using: &generator)
    return (0..<count).map { _ in generator.pick(Self.axes) }
  }

  private mutating func drawInputs() {
    inputs = LossInputs()
    let configured = try? Self.registry.loss(named: name, options: options, classAxis: classAxis)
    let signature = configured?.base.signature ?? .elementwise
    let ellipsis = (0..<Int.random(in: 0...3, using: &generator)).map { _ in extent() }
    var extentsByName: [String: Int] = [:]
    for axis in ["class", "feature", "time", "label", "sample"] { extentsByName[axis] = extent() }
    func extents(of pattern: AxisPattern) -> [Int] {
      pattern.axes.flatMap { axis in
        switch axis {
        case .ellipsis: ellipsis
        case .exactly(let extent): [extent]
        case .named(let name): [extentsByName[name] ?? 3]
        case .longer(let name, let surplus): [(extentsByName[name] ?? 3) + surplus]
        }
      }
    }
    for input in signature.inputs {
      if input.isOptional, generator.probability(50) { continue }
      // The class axis is moved to the index of the call.
      let encoding = generator.probability(70) ? input.encodings.first : input.encodings.last
      if let encoding {
        var shape = extents(of: encoding.axes)
        if let axis = configured?.classAxis ?? classAxis, let name = signature.classAxis,
          encoding.axes.axes.contains(.named(name)), let last = shape.popLast()
        {
          let position = axis < 0 ? shape.count + 1 &+ axis : axis
          shape.insert(last, at: max(0, min(shape.count, position)))
        }
        inputs[input.role] =
          encoding.kind == .real || generator.probability(10) ? number(shape) : integer(shape)
      }
    }
    let terms = extents(of: signature.terms)
    if generator.probability(30) {
      inputs[.weight] = generator.probability(80) ? weight(spread(terms)) : number(spread(terms))
    }
    if generator.probability(30) {
      let shape =
        signature.maskCovers == .terms ? terms : inputs.tensors.first?.tensor.shape.extents
      inputs[.mask] = generator.probability(90) ? truth(spread(shape ?? [])) : number(spread(terms))
    }
    drawNames()
    guard generator.probability(30), let role = inputs.roles.randomElement(using: &generator) else {
      return
    }
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: inputs[role] = nil
    case 1: inputs[generator.pick(["nothing", "label", "target_lengths"])] = integer(shape())
    case 2: inputs[role] = number(shape())
    default: inputs[role] = integer(shape())
    }
    if generator.probability(5) {
      for extra in 0..<9 { inputs[Role("extra\(extra)")] = number([]) }
    }
  }

  /// Sometimes replaces our roles by the argument names of the framework.
  private mutating func drawNames() {
    guard let dialectEntry = Self.registry.dialectEntry(named: name), generator.probability(30)
    else { return }
    var renamed = LossInputs()
    for (role, tensor) in inputs.tensors {
      let choices = dialectEntry.arguments.first { $0.role == role }?.names ?? []
      renamed[choices.isEmpty ? role : Role(generator.pick(choices))] = tensor
    }
    inputs = renamed
  }

  private mutating func extent() -> Int { generator.pick([0, 1, 1, 2, 2, 3, 3]) }
  private mutating func shape() -> [Int] {
    (0..<Int.random(in: 0...4, using: &generator)).map { _ in extent() }
  }
  private mutating func spread(_ extents: [Int]) -> [Int] {
    extents.map { generator.probability(20) ? 1 : $0 }
  }

  private mutating func number(_ extents: [Int]) -> AnyTensor {
    let isOrdinary = generator.probability(50)
    let numbers = (0..<extents.reduce(1, *)).map { _ in
      isOrdinary ? Double.random(in: 0...1, using: &generator) : generator.pick(Self.numbers)
    }
    let tensor =
      switch Int.random(in: 0..<10, using: &generator) {
      case 0: integer(extents) as AnyTensor?
      case 1: truth(extents)
      case 2..<5: try? AnyTensor(Tensor(shape: extents, scalars: numbers.map { Float($0) }))
      default: try? AnyTensor(Tensor(shape: extents, scalars: numbers))
      }
    return tensor ?? AnyTensor(Tensor(0.0))
  }

  private mutating func integer(_ extents: [Int]) -> AnyTensor {
    let isOrdinary = generator.probability(70)
    let integers = (0..<extents.reduce(1, *)).map { _ in
      isOrdinary ? generator.pick([0, 1, 1, 2]) : generator.pick(Self.integers)
    }
    return (try? AnyTensor(Tensor(shape: extents, scalars: integers))) ?? AnyTensor(Tensor(0))
  }

  private mutating func truth(_ extents: [Int]) -> AnyTensor {
    let truths = (0..<extents.reduce(1, *)).map { _ in generator.probability(60) }
    return (try? AnyTensor(Tensor(shape: extents, scalars: truths))) ?? AnyTensor(Tensor(true))
  }

  private mutating func weight(_ extents: [Int]) -> AnyTensor {
    let weights = (0..<extents.reduce(1, *)).map { _ in generator.pick([0, 0, 0.5, 1, 2, 1e30]) }
    return (try? AnyTensor(Tensor(shape: extents, scalars: weights))) ?? AnyTensor(Tensor(1.0))
  }
}
