public import LossCore
import LossFiles

/// A small example of a loss, generated from its signature and evaluated when the page is written.
public struct WorkedExample: Sendable {
  /// The words of the command line after the name of the tool.
  public let arguments: [String]
  /// The output of the command.
  public let prints: String
  /// A Swift program that prints the same numbers.
  public let swift: String

  /// Creates an example with numbers that are valid for the signature.
  ///
  /// - Throws: `LossError` for a loss that rejects them, or that has no inputs.
  public init(of entry: LossEntry, in registry: LossRegistry) throws(LossError) {
    let name = entry.metadata.name
    var inputs = ExampleInputs(entry.signature).inputs
    guard !inputs.isEmpty else {
      throw LossError(
        .missingInput, loss: name, subject: "", found: "has no inputs",
        expected: "a loss with inputs")
    }
    let role = entry.signature.inputs.first { input in
      input.isDifferentiable
        && inputs.contains { $0.role == input.role && $0.tensor.element == .float64 }
    }?.role
    let loss = try registry.loss(named: name)
    var result = try loss.evaluate(Self.tensors(inputs), gradientsOf: role.map { [$0] } ?? [])
    if result.value.doubles.contains(where: \.isNaN) {
      // The loss has no value at negative numbers, such as one of logarithms.
      inputs = inputs.map { ($0.role, Self.magnitudes($0.tensor)) }
      result = try loss.evaluate(Self.tensors(inputs), gradientsOf: role.map { [$0] } ?? [])
    }
    let gradient = role.flatMap { result.gradients[$0] }

    // Only the inputs before the first omitted optional one can be positional.
    let ordered = entry.signature.inputs.map(\.role)
    var words: [String] = []
    for (index, (role, tensor)) in inputs.enumerated() {
      let text = TensorJSON.nested(tensor)
      if index < ordered.count, ordered[index] == role {
        words.append(text)
      } else {
        words += ["--input", "\(role)=\(text)"]
      }
    }
    if let role { words += ["--gradient", "\(role)=-"] }
    arguments = ["eval", name] + words
    prints = ([result.value] + (gradient.map { [$0] } ?? [])).map { tensor in
      TensorJSON.nested(tensor).filter { $0 != "\"" }
    }.joined(separator: "\n")
    swift = Self.program(name, inputs, role, result.value, gradient)
  }

  private static func tensors(_ inputs: [(role: Role, tensor: AnyTensor)]) -> LossInputs {
    var tensors = LossInputs()
    for (role, tensor) in inputs { tensors[role] = tensor }
    return tensors
  }

  private static func magnitudes(_ tensor: AnyTensor) -> AnyTensor {
    guard case .float64(let numbers) = tensor else { return tensor }
    return .float64(Tensor(trusted: numbers.shape, numbers.scalars.map(\.magnitude)))
  }

  /// The command line, quoted for a shell.
  public var command: String {
    (["losses"] + arguments).map { word in
      let isPlain = word.allSatisfy { character in
        character.isASCII
          && (character.isLetter || character.isNumber || "-_=./".contains(character))
      }
      return isPlain ? word : "'\(word)'"
    }.joined(separator: " ")
  }

  private static func program(
    _ name: String, _ inputs: [(role: Role, tensor: AnyTensor)], _ role: Role?,
    _ value: AnyTensor, _ gradient: AnyTensor?
  ) -> String {
    var lines = [
      "import LossFunctions", "",
      "let loss = try LossRegistry.linked.loss(named: \"\(name)\")",
      "let inputs: LossInputs = [",
    ]
    for (role, tensor) in inputs { lines.append("  \"\(role)\": \(literal(tensor)),") }
    lines.append("]")
    if let role, let gradient {
      lines += [
        "let result = try loss.evaluate(inputs, gradientsOf: [\"\(role)\"])",
        "print(result.value.doubles)  // \(value.doubles)",
        "for (_, gradient) in result.gradients {",
        "  print(gradient.doubles)  // \(gradient.doubles)", "}",
      ]
    } else {
      lines += [
        "let result = try loss.evaluate(inputs)",
        "print(result.value.doubles)  // \(value.doubles)",
      ]
    }
    return lines.joined(separator: "\n")
  }

  /// A list of numbers as an array, and any other tensor with its shape and the type of its elements.
  private static func literal(_ tensor: AnyTensor) -> String {
    let shape = tensor.shape.extents
    func text<Scalar>(_ type: String, _ scalars: [Scalar]) -> String {
      shape.count == 1
        ? "\(scalars)" : "try Tensor<\(type)>(shape: \(shape), scalars: \(scalars))"
    }
    return switch tensor.widened {
    case .float32(let tensor):
      text("Float", tensor.scalars) + (shape.count == 1 ? " as [Float]" : "")
    case .float64(let tensor): text("Double", tensor.scalars)
    case .int64(let tensor): text("Int", tensor.scalars)
    case .bool(let tensor): text("Bool", tensor.scalars)
    case .narrow: ""
    }
  }
}

/// Valid inputs for a signature: few, short and distinct numbers.
struct ExampleInputs {
  /// The required inputs, in order.
  private(set) var inputs: [(role: Role, tensor: AnyTensor)] = []

  private let extents: [String: Int]
  private let hasRows: Bool

  init(_ signature: LossSignature) {
    extents = [signature.classAxis ?? "class": 3, "time": 4, "label": 2]
    hasRows =
      signature.inputs.first?.encodings.first?.axes.axes.contains {
        if case .ellipsis = $0 { false } else { true }
      } ?? false
    for (index, input) in signature.inputs.enumerated() where !input.isOptional {
      guard let encoding = input.encodings.first else { continue }
      let shape = Shape(trusted: encoding.axes.axes.map(extent))
      inputs.append((input.role, tensor(input, encoding, shape, index)))
    }
  }

  private func extent(_ axis: AxisPattern.Axis) -> Int {
    switch axis {
    case .ellipsis: hasRows ? 2 : 3
    case .exactly(let extent): extent
    case .named(let name): extents[name] ?? 2
    case .longer(let name, let surplus): (extents[name] ?? 2) + surplus
    }
  }

  private func tensor(
    _ input: InputSpecification, _ encoding: InputSpecification.Encoding, _ shape: Shape,
    _ index: Int
  ) -> AnyTensor {
    let count = shape.count
    switch encoding.kind {
    case .classIndex(let axis):
      let classes = extents[axis] ?? 2
      return .int64(Tensor(trusted: shape, (0..<count).map { ($0 * 2) % classes }))
    case .label(let axis):
      // The first class is often the blank.
      let classes = extents[axis] ?? 2
      return .int64(Tensor(trusted: shape, (0..<count).map { 1 + $0 % max(1, classes - 1) }))
    case .length(let axis):
      return .int64(Tensor(trusted: shape, (0..<count).map { _ in extents[axis] ?? 2 }))
    case .group:
      return .int64(Tensor(trusted: shape, (0..<count).map { $0 / 2 }))
    case .real: break
    }
    return .float64(
      Tensor(trusted: shape, numbers(input.domain, count, shape.extents.last ?? 1, index)))
  }

  private func numbers(
    _ domain: InputSpecification.Domain, _ count: Int, _ width: Int, _ index: Int
  ) -> [Double] {
    func cycle(_ numbers: [Double], _ step: Int = 0) -> [Double] {
      (0..<count).map { numbers[($0 + step) % numbers.count] }
    }
    func rows(_ weight: (Int, Int) -> Double) -> [Double] {
      (0..<count).map { position in
        let (row, column) = (position / max(1, width), position % max(1, width))
        let sum = (0..<max(1, width)).map { weight(row, $0) }.reduce(0, +)
        return weight(row, column) / sum
      }
    }
    // Unnormalized: one class is more likely, a different one in each row and input.
    func distribution(_ row: Int, _ column: Int) -> Double {
      column == (row + index) % max(1, width) ? 2 : 1
    }
    switch domain {
    case .any: return cycle([[0.5, -1.5, 2], [1, 0, 2.5], [-0.5, 1, 0.25]][index % 3])
    case .nonNegative, .relevance:
      return cycle([[0.5, 1.5, 2], [1, 0, 3], [0.25, 1, 2]][index % 3])
    case .probability: return cycle([[0.8, 0.25, 0.5], [1, 0, 1]][index % 2])
    case .sign: return cycle([1, -1, -1])
    case .binary: return cycle([1, 0, 1])
    case .distribution: return rows(distribution)
    case .logDistribution: return rows(distribution).map { .log($0) }
    case .boxCorners:
      return (0..<count).map { Double(index) / 2 + ($0 % width < width / 2 ? 0 : 2) }
    case .oneHot: return rows { ($1 == ($0 + index) % max(1, width)) ? 1 : 0 }
    }
  }
}
