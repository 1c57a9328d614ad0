import LossFiles
import LossFunctions

extension CommandOption {
  static let input = CommandOption(
    "--input", value: "ROLE=FILE", repeats: true, "an input by its role, such as weight or mask",
    expects: .input)
  static let option = CommandOption(
    "--option", value: "KEY=VALUE", repeats: true, "an option of the loss; VALUE is JSON or a word",
    expects: .lossOption)
  static let reduction = CommandOption(
    "--reduction", value: "R", "none, sum, mean, batch_mean, weighted_mean, or a JSON object",
    expects: .words(Reduction.Kind.allCases.map(\.rawValue)))
  static let classAxis = CommandOption(
    "--class-axis", value: "N", "the axis of the classes, -1 the last")
  static let gradient = CommandOption(
    "--gradient", value: "ROLE=FILE", repeats: true,
    "write a gradient to FILE (.npy or .json); - prints it", expects: .differentiableInput)
  static let secondDerivative = CommandOption(
    "--second-derivative", value: "ROLE=FILE", repeats: true,
    "the same for the diagonal of the Hessian", expects: .differentiableInput)
  static let element = CommandOption(
    "--element", value: "f32|f64", "the numbers to compute in; by default those of the inputs",
    expects: .words(["f32", "f64"]))
  static let threads = CommandOption(
    "--threads", value: "N", "how many threads may work at once; the result is the same")
}

extension Command {
  static let eval = Command(
    name: "eval", summary: "Evaluate a loss, and its gradients, of numbers or of files",
    parameters: [
      Parameter(
        name: "NAME", summary: "a name of ours, or of another framework",
        expects: .loss),
      Parameter(
        name: "ARGUMENT",
        summary: "the inputs in order: .npy, .npz:NAME, .csv:COLUMN, .json, - or '[1.1, 1.9]'",
        repeats: true, expects: .file),
    ],
    options: [
      .input, .option, .reduction, .classAxis, .gradient, .secondDerivative, .element, .threads,
      .plugin, .json,
    ],
    notes: [
      "A framework's name takes its arguments in that framework's order. Words after \"--\" are no",
      "options. Exit status: 0, or 1 for bad input, or 2 for bad usage.",
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
    ]
  ) { arguments, console in
    let evaluation = try Evaluation(arguments, arguments.registry())
    let result: LossResult
    if let streamed = try evaluation.streamedResult() {
      result = streamed
    } else {
      result = try evaluation.result()
      try evaluation.write(result.gradients, evaluation.gradients)
    }
    try evaluation.write(result.secondDerivatives, evaluation.secondDerivatives)
    let isJSON = arguments.has(.json)
    console.output.write(line: isJSON ? evaluation.json(result) : evaluation.text(result))
    return 0
  }
}

/// What is printed of a result.
extension Evaluation {
  /// The value alone, with as many digits as it takes; a line more for each gradient to be printed.
  fileprivate func text(_ result: LossResult) -> String {
    func printed(_ derivatives: [Role: AnyTensor], _ requests: [Derivative]) -> [AnyTensor] {
      requests.filter { $0.path == nil }.compactMap { derivatives[$0.role] }
    }
    let derivatives =
      printed(result.gradients, gradients) + printed(result.secondDerivatives, secondDerivatives)
    return ([result.value] + derivatives).map { tensor in
      // JSON has to quote the words nan and inf; here nothing has to.
      TensorJSON.nested(tensor).filter { $0 != "\"" }
    }.joined(separator: "\n")
  }

  /// The value with its shape and element, and each gradient or the file in which it is.
  fileprivate func json(_ result: LossResult) -> String {
    var items: [(key: String, value: JSONText)] = [
      ("loss", .text(loss.name)), ("value", .nested(result.value)),
      ("shape", .list(result.value.shape.extents.map(JSONText.integer))),
      ("element", .text(result.value.element.rawValue)),
    ]
    func object(_ derivatives: [Role: AnyTensor], _ requests: [Derivative]) -> JSONText {
      .object(
        requests.compactMap { request in
          let written = request.path.map(JSONText.text)
          return (written ?? derivatives[request.role].map(JSONText.nested)).map {
            (request.role.name, $0)
          }
        })
    }
    if !gradients.isEmpty { items.append(("gradients", object(result.gradients, gradients))) }
    if !secondDerivatives.isEmpty {
      items.append(("second_derivatives", object(result.secondDerivatives, secondDerivatives)))
    }
    return JSONText.object(items).written()
  }

  /// Writes those derivatives that go to files.
  fileprivate func write(_ derivatives: [Role: AnyTensor], _ requests: [Derivative]) throws {
    for request in requests {
      guard let path = request.path, let derivative = derivatives[request.role] else { continue }
      try TensorFile.write(derivative, to: path)
    }
  }
}
