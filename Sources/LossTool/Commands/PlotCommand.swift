import Foundation
import LossFiles
import LossFunctions
import LossPlots

extension CommandOption {
  fileprivate static let over = CommandOption(
    "--over", value: "MIN:MAX", "the range of the prediction; by default that of the loss")
  fileprivate static let withGradient = CommandOption(
    "--gradient", "draw the derivative in a second panel")
  fileprivate static let target = CommandOption(
    "--target", value: "T", "the fixed target, or the target probability of the varied class")
  fileprivate static let title = CommandOption("--title", value: "T", "the title of the plot")
  fileprivate static let svg = CommandOption(
    "--output", short: "-o", value: "FILE.svg", "the output file; - prints it",
    completion: .file)
}

extension Command {
  static let plot = Command(
    name: "plot", summary: "Plot losses and their gradients against the prediction",
    parameters: [
      Parameter(
        name: "NAME", summary: "one or more losses by our names, or by those of other frameworks",
        repeats: true,
        completion: .loss
      )
    ],
    options: [.over, .withGradient, .target, .option, .title, .plugin, .svg],
    notes: [
      "The target is fixed: 0, or 1 for labels, probabilities and nonnegative numbers. Rowwise losses",
      "are plotted for two classes, of which the first is the true one. An --option applies to every",
      "loss that has it. Dots mark a kink: filled at the derivative that the loss returns, open at the",
      "one-sided limits.",
    ],
    examples: [
      Example(
        arguments: [
          "plot", "mean_squared_error", "mean_absolute_error", "--gradient", "-o", "mse-vs-mae.svg",
        ]),
      Example(
        arguments: ["plot", "flux.huber_loss", "--option", "delta=0.5", "-o", "huber.svg"]),
    ]
  ) { arguments, console in
    let path = try outputPath(arguments)
    let text = SVGChart.text(of: try chart(arguments, arguments.registry()))
    if let path {
      try FileBytes.write(Array(text.utf8), to: path)
    } else {
      console.output.write(text)
    }
    return 0
  }
}

/// The output file; nil for the standard output.
private func outputPath(_ arguments: Arguments) throws -> String? {
  guard let path = arguments.value(of: .svg) else {
    throw UsageError("-o is missing", expected: ["a file that ends in .svg, or - to print"])
  }
  guard path != "-" else { return nil }
  guard path.lowercased().hasSuffix(".svg") else {
    throw UsageError("-o is \"\(path)\"", expected: ["a file that ends in .svg, or - to print"])
  }
  return path
}

private func chart(_ arguments: Arguments, _ registry: LossRegistry) throws -> LossChart {
  let names = arguments.positionals
  guard !names.isEmpty else { throw UsageError("NAME is missing") }
  let range = try range(arguments)
  let target = try arguments.value(of: .target).map { text in
    guard let number = Double(text), number.isFinite else {
      throw UsageError("--target is \"\(text)\"", expected: ["a number"])
    }
    return number
  }
  let curves = try losses(names, arguments.pairs(of: .option), registry).map { name, loss in
    do throws(LossError) {
      return try Curve(name, LossSlice(of: loss, target: target), over: range)
    } catch {
      var error = error
      error.loss = name
      throw error
    }
  }
  return try LossChart(
    curves, title: arguments.value(of: .title),
    panels: arguments.has(.withGradient) ? [.loss, .gradient] : [.loss])
}

/// The losses by name, each with the options that it has.
private func losses(
  _ names: [String], _ pairs: [(key: String, value: String)], _ registry: LossRegistry
) throws -> [(name: String, loss: ConfiguredLoss)] {
  let known = names.map { name in
    Set(
      registry.dialectEntry(named: name)?.knownOptions.flatMap(\.names)
        ?? registry.entry(named: name)?.options.map(\.name) ?? [])
  }
  return try zip(names, known).enumerated().map { index, pair in
    let (name, ownKeys) = pair
    // An option that no loss has goes to the first loss, which throws the error.
    let applicable = pairs.filter { option in
      ownKeys.contains(option.key) || index == 0 && !known.contains { $0.contains(option.key) }
    }
    let loss = try registry.loss(
      named: name, options: OptionValue.options(applicable, loss: name))
    let notes = applicable.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    return (notes.isEmpty ? name : "\(name), \(notes)", loss)
  }
}

private func range(_ arguments: Arguments) throws -> ClosedRange<Double>? {
  guard let text = arguments.value(of: .over) else { return nil }
  let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
  guard parts.count == 2, let low = parts[0], let high = parts[1], low < high,
    (high - low).isFinite
  else {
    throw UsageError("--over is \"\(text)\"", expected: ["two numbers MIN:MAX, such as -3:3"])
  }
  return low...high
}
