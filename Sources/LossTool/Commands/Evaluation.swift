import LossFiles
import LossFunctions

/// What `eval` was asked for: a loss, its inputs, and where its derivatives go.
struct Evaluation {
  /// A derivative that is wanted, and its file; without one it is printed.
  struct Derivative {
    let role: Role
    let path: String?
  }

  let loss: ConfiguredLoss
  /// The words of the command line that stand for the inputs.
  let words: [(role: Role, word: String)]
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
    gradients = try Evaluation.derivatives(.gradient, arguments, &paths)
    secondDerivatives = try Evaluation.derivatives(.secondDerivative, arguments, &paths)
    loss = try Evaluation.loss(arguments, registry)
    words = try Evaluation.words(arguments, of: loss)
  }

  /// - Throws: `UsageError` for an input that is missing, since it is a missing argument here, and
  ///   `LossError` for any other input that the loss cannot take.
  func result() throws -> LossResult {
    var inputs = LossInputs()
    for (role, word) in words { inputs[role] = try TensorFile.read(word) }
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

  private static func words(
    _ arguments: Arguments, of loss: ConfiguredLoss
  ) throws -> [(role: Role, word: String)] {
    let words = arguments.positionals.dropFirst()
    let roles = loss.arguments
    guard words.count <= roles.count else {
      throw UsageError(
        "argument \"\(words[words.startIndex + roles.count])\" is one too many",
        expected: [roles.isEmpty ? "none" : roles.map(\.name).joined(separator: ", ")],
        hint: roles.isEmpty
          ? "The inputs of \(loss.name) follow from its options: losses show \(loss.name)." : "")
    }
    var given = Array(zip(roles, words))
    for (name, word) in try arguments.pairs(of: .input) {
      let role = loss.role(named: name)
      if let place = given.firstIndex(where: { $0.0 == role }) {
        throw UsageError(
          "--input \(name) is given twice",
          hint: place < words.count ? "It is argument \(place + 1) already." : "")
      }
      given.append((role, word))
    }
    return given.map { (role: $0, word: $1) }
  }

  private static func derivatives(
    _ option: CommandOption, _ arguments: Arguments, _ paths: inout Set<String>
  ) throws -> [Derivative] {
    try arguments.pairs(of: option).map { name, place in
      guard !place.isEmpty else {
        throw UsageError("\(option.name) \(name) names no file", expected: ["a file, or -"])
      }
      guard place == "-" || paths.insert(place).inserted else {
        throw UsageError("\(place) is given for two results")
      }
      return Derivative(role: Role(name), path: place == "-" ? nil : place)
    }
  }
}

extension ConfiguredLoss {
  /// Our role for a name that may be the framework's.
  func role(named name: String) -> Role {
    dialectEntry?.arguments.first { $0.names.contains(name) }?.role ?? Role(name)
  }
}
