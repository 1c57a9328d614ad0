import LossFiles
import LossFunctions

extension CommandOption {
  static let input = CommandOption(
    "--input", value: "ROLE=FILE", repeats: true, "an input by its role, such as weight or mask")
  static let option = CommandOption(
    "--option", value: "KEY=VALUE", repeats: true, "an option of the loss; VALUE is JSON or a word")
  static let reduction = CommandOption(
    "--reduction", value: "R", "none, sum, mean, batch_mean, weighted_mean, or a JSON object")
  static let classAxis = CommandOption(
    "--class-axis", value: "N", "the axis of the classes, -1 the last")
  static let gradient = CommandOption(
    "--gradient", value: "ROLE=FILE", repeats: true,
    "write a gradient to a .npy or .json file, or print it (ROLE=-)")
  static let element = CommandOption(
    "--element", value: "f32|f64", "the numbers to compute in; by default those of the inputs")
  static let threads = CommandOption(
    "--threads", value: "N", "how many threads may work at once; the result is the same")
}

extension Command {
  static let eval = Command(
    name: "eval", summary: "Evaluate a loss, and its gradients, of numbers or of files",
    parameters: [
      Parameter(name: "NAME", summary: "a name of ours, or of another framework"),
      Parameter(
        name: "ARGUMENT",
        summary: "the inputs in order, prediction first: .npy, .json or '[1.1, 1.9]'",
        repeats: true),
    ],
    options: [
      .input, .option, .reduction, .classAxis, .gradient, .element, .threads, .json,
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
    let evaluation = try Evaluation(arguments, LossRegistry.linkedResult.get())
    let result = try evaluation.result()
    for request in evaluation.gradients {
      guard let path = request.path, let gradient = result.gradients[request.role] else { continue }
      try TensorFile.write(gradient, to: path)
    }
    let isJSON = arguments.has(.json)
    console.output.write(line: isJSON ? evaluation.json(result) : evaluation.text(result))
    return 0
  }
}

/// What is printed of a result.
extension Evaluation {
  /// The value alone, with as many digits as it takes; a line more for each gradient to be printed.
  fileprivate func text(_ result: LossResult) -> String {
    let printed = gradients.filter { $0.path == nil }.compactMap { result.gradients[$0.role] }
    return ([result.value] + printed).map { tensor in
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
    let written = gradients.compactMap { request in
      result.gradients[request.role].map { gradient in
        (request.role.name, request.path.map(JSONText.text) ?? .nested(gradient))
      }
    }
    if !gradients.isEmpty { items.append(("gradients", .object(written))) }
    return JSONText.object(items).written()
  }
}
