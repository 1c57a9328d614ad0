import Foundation
import LossFunctions

/// Trains a linear model with the gradients of a loss: irises with a loss of any name, or clips of
/// digits with CTC.
@main
struct Train {
  static let usage = """
    Usage: train [iris] [--loss NAME] [--option KEY=VALUE]... [--plot FILE.svg]
           train clips [--plot FILE.svg]
    """

  var isClips = false
  var lossName = "cross_entropy"
  var options: [String: OptionValue] = [:]
  var plot: String?

  static func main() {
    do {
      try Train(CommandLine.arguments.dropFirst()).run()
    } catch {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      exit(1)
    }
  }

  init(_ words: ArraySlice<String>) throws {
    var words = words
    while let word = words.popFirst() {
      switch (word, words.first) {
      case ("iris", _): isClips = false
      case ("clips", _): isClips = true
      case ("--loss", let name?): lossName = name
      case ("--plot", let file?): plot = file
      case ("--option", let pair?):
        let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw Misuse() }
        let value = try? JSONDecoder().decode(OptionValue.self, from: Data(parts[1].utf8))
        options[parts[0]] = value ?? .text(parts[1])
      default: throw Misuse()
      }
      if word.hasPrefix("--") { words.removeFirst() }
    }
  }

  /// A command line that is not understood.
  struct Misuse: Error, CustomStringConvertible {
    var description: String { Train.usage }
  }

  func run() throws {
    let curve = isClips ? try trainClips() : try trainIris()
    if let plot { try curve.svg.write(toFile: plot, atomically: true, encoding: .utf8) }
  }

  private func trainIris() throws -> LossCurve {
    let iris = try Iris()
    // The name chooses the formula and its options; the layout of the data stays ours.
    let loss = try LossRegistry.linked.loss(named: lossName, options: options).base
    var model = LinearModel(features: 4, scores: iris.species.count)
    let losses = try IrisTraining(loss, iris).run(&model, steps: 300)
    report(losses)
    for (name, flowers) in [("trained with", iris.training), ("held out", iris.held)] {
      let hits = IrisTraining.hits(of: model, among: flowers)
      print("\(name): \(hits) of \(flowers.count) flowers")
    }
    return LossCurve(title: "\(lossName) on Iris", axis: "step", losses: losses)
  }

  private func trainClips() throws -> LossCurve {
    var source = DisplayClips(seed: 1936)
    let (training, held) = (source.make(120), source.make(100))
    var model = LinearModel(features: DisplayClips.segmentCount, scores: ClipTraining.classCount)
    let losses = try ClipTraining().run(&model, on: training, rounds: 30)
    report(losses)
    for (name, clips) in [("trained with", training), ("held out", held)] {
      print("\(name): \(ClipTraining.hits(of: model, among: clips)) of \(clips.count) clips")
    }
    if let clip = held.first {
      let reading = ClipTraining.reading(of: clip, by: model).map(String.init).joined()
      print(
        "the first clip held out shows \(clip.digits.map(String.init).joined()), read as \(reading)"
      )
    }
    return LossCurve(title: "ctc on a seven-segment display", axis: "round", losses: losses)
  }

  private func report(_ losses: [Double]) {
    guard let first = losses.first, let last = losses.last else { return }
    print(String(format: "loss: %.4f at first, %.4f at last", first, last))
  }
}
