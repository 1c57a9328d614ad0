import LossCore

/// The Swift source of a loss that its options and its signature give: an initialiser with the
/// options as parameters, and calls with the inputs as parameters.
struct SwiftCalls {
  let entry: LossEntry
  let declaration: LossDeclaration

  /// The extension of the type; nil for one that needs none.
  var source: String? {
    let parts = [initializer, calls].compactMap(\.self)
    guard !parts.isEmpty else { return nil }
    return "extension \(declaration.type) {\n\(parts.joined(separator: "\n\n"))\n}\n"
  }

  /// The modules of the types in the signatures.
  var exposedModules: Set<String> {
    Set(declaration.options.flatMap(\.typeModules)).union(calls == nil ? [] : ["LossCore"])
  }

  /// The modules of what the bodies call.
  var usedModules: Set<String> {
    Set(declaration.options.flatMap(\.propertyModules) + ["LossCore"])
  }

  private var initializer: String? {
    let options = declaration.options
    guard !options.isEmpty, options.allSatisfy({ $0.defaultValue != nil }) else { return nil }
    var lines = ["/// The loss with these options.", "///", "/// - Parameters:"]
    for option in options {
      lines += Self.wrapped("///   - \(option.label): \(option.summary).", hanging: "///     ")
    }
    lines.append("public init(")
    lines += options.map { "  \($0.label): \($0.type) = \($0.defaultValue ?? "")," }
    lines[lines.count - 1].removeLast()
    lines.append(") {")
    lines.append("  self.init {")
    lines += options.map { option in "    $0.\(option.property) = \(option.label)" }
    lines += ["  }", "}"]
    return Self.indented(lines)
  }

  /// Inputs that every loss has already: prediction and target.
  private var isPair: Bool {
    let roles = entry.signature.inputs.map(\.role)
    return roles == [.prediction, .target]
  }

  private var calls: String? {
    let inputs = entry.signature.inputs
    guard !isPair, !inputs.isEmpty, !declaration.isSequenceLoss, entry.metadata.name != "sum"
    else { return nil }
    return entry.kind == .transform ? transformCalls(inputs) : lossCalls(inputs)
  }

  private func lossCalls(_ inputs: [InputSpecification]) -> String {
    let names = inputs.map { "`\(label($0))`" }
    let wanted = inputs.filter(\.isDifferentiable).filter { !$0.isOptional }
    let shape = Self.list(names)
    var lines = Self.wrapped(
      "/// The value of the loss of \(shape).", hanging: "/// ")
    lines += [
      "///",
      "/// `weight`, `mask`, `reduction`, `classAxis` and `threads` are those of every call.",
      "public func callAsFunction<S: ComputeScalar>(",
    ]
    lines +=
      parameters(inputs) + Self.common + [
        ") throws(LossError) -> S {",
        "  try self(",
        "    LossInputs(\(named(inputs)), weight: weight, mask: mask),",
        "    reduction: reduction, classAxis: classAxis, threads: threads)", "}", "",
      ]
    let isOne = wanted.count == 1
    lines += Self.wrapped(
      "/// The value of the loss and \(isOne ? "its gradient" : "its gradients") with respect to "
        + "\(Self.list(wanted.map { "`\(label($0))`" })).", hanging: "/// ")
    lines += ["public func \(isOne ? "valueAndGradient" : "valueAndGradients")<S: ComputeScalar>("]
    let results = wanted.map { "\(isOne ? "gradient" : label($0)): Tensor<S>" }
    lines +=
      parameters(inputs) + Self.withUpstream + [
        ") throws(LossError) -> (value: S, \(results.joined(separator: ", "))) {",
        "  let result = try evaluate(",
        "    LossInputs(\(named(inputs)), weight: weight, mask: mask),",
        "    gradientsOf: [\(wanted.map(role).joined(separator: ", "))], reduction: reduction,",
        "    classAxis: classAxis, upstream: upstream.map { AnyTensor(Tensor($0)) }, in: S.element,",
        "    threads: threads)",
        "  return (",
        "    try result.scalar(),",
      ]
    lines += wanted.map { "    try result.gradient(of: \(role($0)))," }
    lines[lines.count - 1].removeLast()
    lines += ["  )", "}"]
    return Self.indented(lines)
  }

  private func transformCalls(_ inputs: [InputSpecification]) -> String? {
    guard inputs.count == 1, let input = inputs.first else { return nil }
    let role = role(input)
    return Self.indented([
      "/// The transform of a tensor.",
      "public func callAsFunction<S: ComputeScalar>(",
      "  _ \(label(input)): Tensor<S>, classAxis: Int? = nil",
      ") throws(LossError) -> Tensor<S> {",
      "  try evaluate([\(role): \(label(input))], classAxis: classAxis, in: S.element).value()",
      "}", "",
      "/// The gradient with respect to the input, given that with respect to the result.",
      "public func gradient<S: ComputeScalar>(",
      "  _ \(label(input)): Tensor<S>, upstream: Tensor<S>, classAxis: Int? = nil",
      ") throws(LossError) -> Tensor<S> {",
      "  try evaluate(",
      "    [\(role): \(label(input))], gradientsOf: [\(role)], classAxis: classAxis,",
      "    upstream: AnyTensor(upstream), in: S.element",
      "  ).gradient(of: \(role))",
      "}",
    ])
  }

  private static let common = [
    "  weight: Tensor<S>? = nil, mask: Tensor<Bool>? = nil, reduction: Reduction? = nil,",
    "  classAxis: Int? = nil, threads: Int = 1",
  ]
  private static let withUpstream = [
    "  weight: Tensor<S>? = nil, mask: Tensor<Bool>? = nil, reduction: Reduction? = nil,",
    "  classAxis: Int? = nil, upstream: S? = nil, threads: Int = 1",
  ]

  private func parameters(_ inputs: [InputSpecification]) -> [String] {
    inputs.map { input in
      let prefix = entry.signature.isUnlabeled(input) ? "_ " : ""
      let isReal = input.encodings.allSatisfy { $0.kind == .real } && input.isDifferentiable
      let type =
        input.isOptional
        ? "Tensor<S>? = nil"
        : isReal ? "some TypedTensorConvertible<S>" : "some TensorConvertible"
      return "  \(prefix)\(label(input)): \(type),"
    }
  }

  private func named(_ inputs: [InputSpecification]) -> String {
    let given = inputs.filter { !$0.isOptional }.map { "\(role($0)): \(label($0))" }
    let optional = inputs.filter(\.isOptional).map { "(\(role($0)), \(label($0)))" }
    return "[\(given.joined(separator: ", "))]"
      + (optional.isEmpty ? "" : ", optional: [\(optional.joined(separator: ", "))]")
  }

  private func role(_ input: InputSpecification) -> String { "\"\(input.role)\"" }
  private func label(_ input: InputSpecification) -> String {
    OptionDeclaration.camelCase(input.role.name)
  }

  static func list(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.joined() }
    return "\(names.dropLast().joined(separator: ", ")) and \(last)"
  }

  /// A comment in lines of at most 98 characters.
  static func wrapped(_ text: String, hanging: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if line.count + word.count + 1 > 98 {
        lines.append(line)
        line = hanging + word
      } else {
        line += (line.isEmpty ? "" : " ") + word
      }
    }
    return lines + [line]
  }

  private static func indented(_ lines: [String]) -> String {
    lines.map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
  }
}
