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
  /// The element types that inputs are cast to.
  let casts: [Role: ElementType]
  let gradients: [Derivative]
  let secondDerivatives: [Derivative]
  /// The file of the value; nil to print it.
  let valuePath: String?
  /// The arguments of the command line for the vector that the Hessian is multiplied by.
  let vectorArguments: [(role: Role, argument: String)]
  /// The requested parts of the product of the Hessian with the vector.
  let products: [Derivative]
  let element: ElementType?
  let threads: Int
  /// The inputs whose numbers are checked; nil for what the loss's name says.
  let domainChecks: DomainChecks?

  init(_ arguments: Arguments, _ registry: LossRegistry) throws {
    let element = try arguments.choice(
      of: .element, among: [ElementType.float32, .float64].map(\.rawValue))
    self.element = element.flatMap(ElementType.init)
    threads = try arguments.integer(of: .threads, atLeast: 1) ?? 1
    valuePath = try arguments.value(of: .value).flatMap { path in
      guard !path.isEmpty else {
        throw UsageError("--value has no file", expected: ["a file, or -"])
      }
      return path == "-" ? nil : path
    }
    var paths = Set([valuePath].compactMap { $0.map(TensorFile.resolved) })
    gradients = try EvalRequest.derivatives(.gradient, arguments, &paths)
    secondDerivatives = try EvalRequest.derivatives(.secondDerivative, arguments, &paths)
    vectorArguments = try arguments.pairs(of: .hessianVector).map { (Role($0), $1) }
    let products = try EvalRequest.derivatives(.hessianProduct, arguments, &paths)
    if vectorArguments.isEmpty, !products.isEmpty {
      throw UsageError(
        "--hessian-product is given without a vector", expected: ["--hessian-vector ROLE=FILE"])
    }
    self.products =
      products.isEmpty ? vectorArguments.map { Derivative(role: $0.role, path: nil) } : products
    loss = try EvalRequest.loss(arguments, registry)
    inputArguments = try EvalRequest.inputArguments(arguments, of: loss)
    casts = try EvalRequest.casts(arguments, of: loss, inputArguments.map(\.role))
    if arguments.has(.unchecked) {
      domainChecks = DomainChecks.none
    } else {
      // A framework that checks no domain at all is followed.
      let isCheckedNowhere = loss.dialectEntry?.domainChecks == DomainChecks.none
      domainChecks = isCheckedNowhere ? nil : .all
    }
  }

  /// - Throws: `UsageError` for a missing input, which is a missing argument here, and `LossError` for
  ///   any other invalid input.
  func result() throws -> LossResult {
    let inputs = try inputs()
    var vectors = LossInputs()
    for (role, argument) in vectorArguments { vectors[role] = try TensorFile.read(argument) }
    do throws(LossError) {
      var result = try loss.evaluate(
        inputs, gradientsOf: gradients.map(\.role),
        secondDerivativesOf: secondDerivatives.map(\.role), in: element, threads: threads,
        domainChecks: domainChecks)
      if !vectors.tensors.isEmpty {
        result.hessianVectorProducts = try loss.evaluate(
          inputs, vectors: vectors, hessianVectorProductsOf: products.map(\.role), in: element,
          threads: threads, domainChecks: domainChecks
        ).hessianVectorProducts
      }
      return result
    } catch {
      if error.code == .missingInput { throw UsageError(error) }
      throw hinted(error, inputs)
    }
  }

  /// The inputs, read and cast.
  func inputs() throws -> LossInputs {
    var inputs = LossInputs()
    for (role, argument) in inputArguments {
      inputs[role] = try converted(TensorFile.read(argument), role)
    }
    return inputs
  }

  /// An input in the element type of its `--cast`; a mask of 0 and 1, for which `.csv` has no other
  /// notation and NumPy often none, as booleans.
  ///
  /// - Throws: `LossError` of code `invalid_type` for an element that the type does not have.
  func converted(_ tensor: AnyTensor, _ role: Role) throws(LossError) -> AnyTensor {
    guard let element = casts[role] else {
      let isIntegerMask = role == .mask && tensor.element == .int64
      return isIntegerMask ? (try? tensor.cast(to: .bool)) ?? tensor : tensor
    }
    do throws(LossError) {
      return try tensor.cast(to: element)
    } catch {
      var error = error.named(loss.name)
      error.subject = role.name
      throw error
    }
  }

  /// An error of an element type with the `--cast` that would avoid it.
  private func hinted(_ error: LossError, _ inputs: LossInputs) -> LossError {
    guard error.code == .invalidType, let tensor = inputs[loss.role(named: error.subject)] else {
      return error
    }
    let element: ElementType = error.expected.contains("bool") ? .bool : .int64
    guard tensor.shape.count > 0, (try? tensor.cast(to: element)) != nil else { return error }
    var error = error
    error.hint = "--cast \(error.subject)=\(element.rawValue) converts it."
    return error
  }

  private static func casts(
    _ arguments: Arguments, of loss: ConfiguredLoss, _ roles: [Role]
  ) throws -> [Role: ElementType] {
    var casts: [Role: ElementType] = [:]
    for (name, type) in try arguments.pairs(of: .cast) {
      guard let element = ElementType(rawValue: type) else {
        throw UsageError(
          "--cast \(name) is \"\(type)\"", expected: ElementType.allCases.map(\.rawValue))
      }
      let role = loss.role(named: name)
      guard roles.contains(role) else {
        throw UsageError(
          "--cast \(name) has no input", expected: roles.map(\.name),
          hint: NearestName.hint(for: name, among: roles.map(\.name)))
      }
      guard casts.updateValue(element, forKey: role) == nil else {
        throw UsageError("--cast \(name) is given twice")
      }
    }
    return casts
  }

  private static func loss(
    _ arguments: Arguments, _ registry: LossRegistry
  ) throws -> ConfiguredLoss {
    let name = arguments.positionals[0]
    let options = try OptionValue.options(arguments.pairs(of: .option), loss: name)
    var reduction: Reduction?
    if let text = arguments.value(of: .reduction) {
      reduction = Reduction(
        optionValue: try OptionValue(argument: text, option: "reduction", loss: name))
      guard reduction != nil else {
        throw LossError(
          .invalidOption, loss: name, subject: "reduction", found: "is \(text)",
          expected: Reduction.expectation,
          hint: NearestName.hint(for: text, among: Reduction.Kind.allCases.map(\.rawValue)))
      }
    }
    return try registry.loss(
      named: name, options: options, reduction: reduction,
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
      guard path == "-" || paths.insert(TensorFile.resolved(path)).inserted else {
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
