import LossFiles
import LossFunctions

extension CommandOption {
  static let input = CommandOption(
    "--input", value: "ROLE=FILE", repeats: true, "an input by its role, such as weight or mask",
    completion: .input)
  static let cast = CommandOption(
    "--cast", value: "ROLE=TYPE", repeats: true,
    "cast an input to f32, f64, f16, bf16, i64, bool …", completion: .cast)
  static let unchecked = CommandOption(
    "--unchecked", "take numbers outside the domain of their input")
  static let option = CommandOption(
    "--option", value: "KEY=VALUE", repeats: true, "an option of the loss; VALUE is JSON or a word",
    completion: .lossOption)
  static let reduction = CommandOption(
    "--reduction", value: "R", "none, sum, mean, batch_mean, weighted_mean, or a JSON object",
    completion: .words(Reduction.Kind.allCases.map(\.rawValue)))
  static let classAxis = CommandOption(
    "--class-axis", value: "N", "the class axis; -1 is the last axis")
  static let gradient = CommandOption(
    "--gradient", value: "ROLE=FILE", repeats: true,
    "write a gradient to FILE; - prints it", completion: .differentiableInput)
  static let secondDerivative = CommandOption(
    "--second-derivative", value: "ROLE=FILE", repeats: true,
    "write the diagonal of the Hessian to FILE likewise", completion: .differentiableInput)
  static let value = CommandOption(
    "--value", value: "FILE", "write the value or the terms to FILE; - prints them",
    completion: .file)
  static let hessianVector = CommandOption(
    "--hessian-vector", value: "ROLE=FILE", repeats: true,
    "multiply the Hessian by a vector, 0 for other roles",
    completion: .differentiableInput)
  static let hessianProduct = CommandOption(
    "--hessian-product", value: "ROLE=FILE", repeats: true,
    "write the product to FILE; by default it is printed",
    completion: .differentiableInput)
  static let element = CommandOption(
    "--element", value: "f32|f64",
    "the element type of the computation; by default that of the inputs",
    completion: .words(["f32", "f64"]))
  static let threads = CommandOption(
    "--threads", value: "N", "the number of threads; results do not depend on it")
}

extension Command {
  static let eval = Command(
    name: "eval", summary: "Evaluate a loss and its gradients on numbers or files",
    parameters: [
      Parameter(
        name: "NAME", summary: "a loss by our name, or by that of another framework",
        completion: .loss),
      Parameter(
        name: "ARGUMENT",
        summary:
          "the inputs: .npy, .npz:NAME, .safetensors:NAME, .csv:COLUMN, .json, - or '[1.1, 1.9]'",
        repeats: true, completion: .file),
    ],
    options: [
      .input, .cast, .option, .reduction, .classAxis, .gradient, .secondDerivative, .hessianVector,
      .hessianProduct, .value, .element, .threads, .unchecked, .objective, .link, .partial, .rows,
      .shards, .plugin, .json,
    ],
    notes: [
      "A framework's name takes its arguments in the order of that framework. Words after \"--\" are",
      "not options. Columns of a .csv file are names, numbers from 0 if it has no header, or * for",
      "all. A mask may hold the integers 0 and 1. --cast to i64 takes whole numbers such as 2.0, to",
      "bool 0 and 1, to f32 any number, rounded. Probabilities above 1 and the like are refused under",
      "every name unless --unchecked is given. Exit status: 0, or 1 for invalid input, or 2 for a",
      "usage error.",
      "FILE is .npy, .safetensors:NAME or .json; several tensors may go to one .safetensors file. A",
      "gradient has the element type of its input, or that of --element.",
      "With --partial, sums that losses merge adds go to FILE, of all rows or of --rows. A * in the",
      "arguments stands for the name of a shard: each has a file in the folder FILE, and those that",
      "have one already are skipped.",
      "With --objective the first argument is raw scores. POLICY is exact (the default), majorizer or",
      "constant=X, then perhaps ,scaled=X and ,floored=X; floored=X alone is exact.",
    ],
    examples: [
      Example(
        arguments: ["eval", "huber", "[1.1, 1.9, 3.1]", "[1, 2, 5]", "--option", "delta=0.5"],
        prints: "0.2783333333333333"),
      Example(
        arguments: [
          "eval", "flux.mse", "[1.5, 2]", "[1, 2]", "--gradient", "prediction=-",
        ],
        prints: "0.125\n[0.5, 0.0]"),
      Example(
        arguments: [
          "eval", "huber", "[1.5, 4]", "[1, 2]", "--hessian-vector", "prediction=[2, 1]",
          "--reduction", "sum",
        ],
        prints: "1.625\n[2.0, 0.0]"),
      Example(
        arguments: ["eval", "binary_cross_entropy", "[0, 0]", "[1, 0]", "--objective"],
        prints: """
          link logistic, curvature exact, initial score 0.0
          row  gradient  curvature
          0    -0.5      0.25
          1    0.5       0.25
          """),
    ]
  ) { arguments, console in
    let request = try EvalRequest(arguments, arguments.registry())
    let isJSON = arguments.has(.json)
    if let path = arguments.value(of: .partial) {
      try PartialWorker(request, arguments).run(path, console)
      return 0
    }
    for option in [CommandOption.rows, .shards] where arguments.has(option) {
      throw UsageError("\(option.name) is given without --partial")
    }
    if let objective = try ObjectiveRequest(arguments, request) {
      let result = try objective.result()
      console.output.write(line: isJSON ? result.json : result.text)
      return 0
    }
    let result: LossResult
    if let streamed = try request.streamedResult() {
      result = streamed
    } else {
      result = try request.result()
      try request.write(result)
    }
    let text = isJSON ? request.json(result) : request.text(result)
    if !text.isEmpty { console.output.write(line: text) }
    return 0
  }
}

/// The output of a result.
extension EvalRequest {
  /// The value, unless it has a file, with as many digits as it takes to round-trip, and one line per
  /// printed gradient.
  fileprivate func text(_ result: LossResult) -> String {
    func printed(_ derivatives: [Role: AnyTensor], _ requests: [Derivative]) -> [AnyTensor] {
      requests.filter { $0.path == nil }.compactMap { derivatives[$0.role] }
    }
    let derivatives =
      printed(result.gradients, gradients) + printed(result.secondDerivatives, secondDerivatives)
      + printed(result.hessianVectorProducts, products)
    let values = valuePath == nil ? [result.value] : []
    return (values + derivatives).map { tensor in
      // Without the quotes that JSON needs around nan and inf.
      TensorJSON.nested(tensor).filter { $0 != "\"" }
    }.joined(separator: "\n")
  }

  /// The value or its file, with its shape and element type, and each gradient or its file.
  fileprivate func json(_ result: LossResult) -> String {
    var items: [(key: String, value: JSONText)] = [
      ("loss", .text(loss.name)), ("value", valuePath.map(JSONText.text) ?? .nested(result.value)),
      ("shape", .list(result.value.shape.extents.map(JSONText.integer))),
      ("element", .text(result.value.element.rawValue)),
    ]
    func object(_ derivatives: [Role: AnyTensor], _ requests: [Derivative]) -> JSONText {
      .object(
        requests.compactMap { request in
          let path = request.path.map(JSONText.text)
          return (path ?? derivatives[request.role].map(JSONText.nested)).map {
            (request.role.name, $0)
          }
        })
    }
    if !gradients.isEmpty { items.append(("gradients", object(result.gradients, gradients))) }
    if !secondDerivatives.isEmpty {
      items.append(("second_derivatives", object(result.secondDerivatives, secondDerivatives)))
    }
    if !products.isEmpty {
      items.append(("hessian_vector", object(result.hessianVectorProducts, products)))
    }
    return JSONText.object(items).written()
  }

  /// Writes the results that have a file.
  fileprivate func write(_ result: LossResult) throws {
    var outputs: [(tensor: AnyTensor, destination: String)] = []
    if let valuePath { outputs.append((result.value, valuePath)) }
    for (derivatives, requests) in [
      (result.gradients, gradients), (result.secondDerivatives, secondDerivatives),
      (result.hessianVectorProducts, products),
    ] {
      for request in requests {
        guard let path = request.path, let derivative = derivatives[request.role] else { continue }
        outputs.append((derivative, path))
      }
    }
    try TensorFile.write(outputs)
  }
}
