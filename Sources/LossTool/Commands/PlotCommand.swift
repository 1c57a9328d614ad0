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
    "--target", value: "T", "what the target is held at, or the share of the class that varies")
  fileprivate static let title = CommandOption("--title", value: "T", "what stands above the plot")
  fileprivate static let svg = CommandOption(
    "--output", short: "-o", value: "FILE.svg", "where the plot goes; - prints it",
    expects: .file)
}

extension Command {
  static let plot = Command(
    name: "plot", summary: "Draw losses, and their gradients, against the prediction",
    parameters: [
      Parameter(
        name: "NAME", summary: "a name of ours, or of another framework; one or more",
        repeats: true,
        expects: .loss
      )
    ],
    options: [.over, .withGradient, .target, .option, .title, .plugin, .svg],
    notes: [
      "The target is held: at 0, or at 1 for labels, probabilities and numbers of at least zero.",
      "Losses of rows are drawn for two classes, of which the first is true. An --option goes to",
      "every loss that has it. A dot marks a kink: closed where the loss states its slope, open at",
      "the limits from both sides.",
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
    let place = try place(arguments)
    let text = SVGChart.text(of: try chart(arguments, arguments.registry()))
    if let path = place {
      try TextFile.write(text, to: path)
    } else {
      console.output.write(text)
    }
    return 0
  }
}

/// The file to write; nil for the standard output.
private func place(_ arguments: Arguments) throws -> String? {
  guard let place = arguments.value(of: .svg) else {
    throw UsageError("-o is missing", expected: ["a file that ends in .svg, or - to print"])
  }
  guard place != "-" else { return nil }
  guard place.lowercased().hasSuffix(".svg") else {
    throw UsageError("-o is \"\(place)\"", expected: ["a file that ends in .svg, or - to print"])
  }
  return place
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

/// The losses by name, each with those of the options that it has.
private func losses(
  _ names: [String], _ pairs: [(key: String, value: String)], _ registry: LossRegistry
) throws -> [(name: String, loss: ConfiguredLoss)] {
  let known = names.map { name in
    Set(
      registry.dialectEntry(named: name)?.knownOptions.flatMap(\.names)
        ?? registry.entry(named: name)?.options.map(\.name) ?? [])
  }
  return try zip(names, known).enumerated().map { index, pair in
    let (name, own) = pair
    // An option that no loss has is left to the first, which says so.
    let mine = pairs.filter { option in
      own.contains(option.key) || index == 0 && !known.contains { $0.contains(option.key) }
    }
    let options = mine.map { ($0.key, OptionValue(argument: $0.value)) }
    let loss = try registry.loss(
      named: name, options: Dictionary(uniqueKeysWithValues: options))
    let notes = mine.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
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
