import LossFiles
import LossFunctions

/// The parsed command line of `eval`: a loss, its inputs, and the outputs of its derivatives.
struct EvalRequest {
  /// A requested derivative, and its file; without a file it is printed.
  struct Derivative {
    let role: Role
    let path: String?
  }

  let loss: ConfiguredLoss
  /// The arguments of the command line for the inputs.
  let inputArguments: [(role: Role, argument: String)]
  let gradients: [Derivative]
  let secondDerivatives: [Derivative]
  let element: ElementType?
  let threads: Int

  init(_ arguments: Arguments, _ registry: LossRegistry) throws {
    let element = try arguments.choice(
      of: .element, among: [ElementType.float32, .float64].map(\.rawValue))
    self.element = element.flatMap(ElementType.init)
    threads = try arguments.integer(of: .threads, atLeast: 1) ?? 1
    var paths: Set<String> = []
    gradients = try EvalRequest.derivatives(.gradient, arguments, &paths)
    secondDerivatives = try EvalRequest.derivatives(.secondDerivative, arguments, &paths)
    loss = try EvalRequest.loss(arguments, registry)
    inputArguments = try EvalRequest.inputArguments(arguments, of: loss)
  }

  /// - Throws: `UsageError` for a missing input, which is a missing argument here, and `LossError` for
  ///   any other invalid input.
  func result() throws -> LossResult {
    var inputs = LossInputs()
    for (role, argument) in inputArguments { inputs[role] = try TensorFile.read(argument) }
    do throws(LossError) {
      return try loss.evaluate(
        inputs, gradientsOf: gradients.map(\.role),
        secondDerivativesOf: secondDerivatives.map(\.role), in: element, threads: threads)
    } catch {
      if error.code == .missingInput { throw UsageError(error) }
      throw error
    }
  }

  private static func loss(
    _ arguments: Arguments, _ registry: LossRegistry
  ) throws -> ConfiguredLoss {
    let name = arguments.positionals[0]
    let pairs = try arguments.pairs(of: .option)
    let options = pairs.map { ($0.key, OptionValue(argument: $0.value)) }
    var reduction: Reduction?
    if let text = arguments.value(of: .reduction) {
      reduction = Reduction(optionValue: OptionValue(argument: text))
      guard reduction != nil else {
        throw LossError(
          .invalidOption, loss: name, subject: "reduction", found: "is \(text)",
          expected: Reduction.expectation,
          hint: NearestName.hint(for: text, among: Reduction.Kind.allCases.map(\.rawValue)))
      }
    }
    return try registry.loss(
      named: name, options: Dictionary(uniqueKeysWithValues: options), reduction: reduction,
      classAxis: arguments.integer(of: .classAxis))
  }

  private static func inputArguments(
    _ arguments: Arguments, of loss: ConfiguredLoss
  ) throws -> [(role: Role, argument: String)] {
    let positionals = arguments.positionals.dropFirst()
    let roles = loss.arguments
    guard positionals.count <= roles.count else {
      throw UsageError(
        "unexpected argument \"\(positionals[positionals.startIndex + roles.count])\"",
        expected: [roles.isEmpty ? "none" : roles.map(\.name).joined(separator: ", ")],
        hint: roles.isEmpty
          ? "The inputs of \(loss.name) depend on its options: see losses show \(loss.name)." : "")
    }
    var inputs = Array(zip(roles, positionals))
    for (name, argument) in try arguments.pairs(of: .input) {
      let role = loss.role(named: name)
      if let index = inputs.firstIndex(where: { $0.0 == role }) {
        throw UsageError(
          "--input \(name) is given twice",
          hint: index < positionals.count ? "It is already argument \(index + 1)." : "")
      }
      inputs.append((role, argument))
    }
    return inputs.map { (role: $0, argument: $1) }
  }

  private static func derivatives(
    _ option: CommandOption, _ arguments: Arguments, _ paths: inout Set<String>
  ) throws -> [Derivative] {
    try arguments.pairs(of: option).map { name, path in
      guard !path.isEmpty else {
        throw UsageError("\(option.name) \(name) has no file", expected: ["a file, or -"])
      }
      guard path == "-" || paths.insert(path).inserted else {
        throw UsageError("\(path) is given for two results")
      }
      return Derivative(role: Role(name), path: path == "-" ? nil : path)
    }
  }
}

extension ConfiguredLoss {
  /// The role for a name, which may be an argument name of the framework.
  func role(named name: String) -> Role {
    dialectEntry?.arguments.first { $0.names.contains(name) }?.role ?? Role(name)
  }
}
