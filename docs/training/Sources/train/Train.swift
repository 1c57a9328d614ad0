import Foundation
import LossFunctions

/// Trains a linear model with the gradients of a loss: Iris with any classification loss, or digit clips
/// with CTC.
@main
struct Train {
  static let usage = """
    Usage: train [iris] [--loss NAME] [--option KEY=VALUE]...
           train clips

      --differentiation   let Swift differentiate the model, instead of the model itself
      --plot FILE.svg     draw the losses
      --losses FILE       write the losses, one a line
    """

  var isClips = false
  var isDifferentiated = false
  var lossName = "cross_entropy"
  var options: [String: OptionValue] = [:]
  var plot: String?
  var lossFile: String?

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
      case ("--differentiation", _):
        isDifferentiated = true
        continue
      case ("--losses", let file?): lossFile = file
      case ("--loss", let name?): lossName = name
      case ("--plot", let file?): plot = file
      case ("--option", let pair?):
        let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw UsageError() }
        let value = try? JSONDecoder().decode(OptionValue.self, from: Data(parts[1].utf8))
        options[parts[0]] = value ?? .text(parts[1])
      default: throw UsageError()
      }
      if word.hasPrefix("--") { words.removeFirst() }
    }
  }

  /// An invalid command line.
  struct UsageError: Error, CustomStringConvertible {
    var description: String { Train.usage }
  }

  func run() throws {
    let curve = isClips ? try trainClips() : try trainIris()
    if let lossFile {
      let lines = curve.losses.map { "\($0)\n" }.joined()
      try lines.write(toFile: lossFile, atomically: true, encoding: .utf8)
    }
    if let plot { try curve.svg.write(toFile: plot, atomically: true, encoding: .utf8) }
  }

  private func trainIris() throws -> LossCurve {
    let iris = try Iris()
    // Only formula and options follow the name; the data keep our layout.
    let loss = try LossRegistry.linked.loss(named: lossName, options: options).base
    let training = try IrisTraining(loss, iris)
    var model = LinearModel(features: 4, scores: iris.species.count)
    var losses: [Double] = []
    if isDifferentiated {
      var differentiable = try DifferentiableModel(features: 4, scores: iris.species.count)
      losses = try training.run(&differentiable, steps: 300)
      model = LinearModel(differentiable)
    } else {
      losses = try training.run(&model, steps: 300)
    }
    report(losses)
    for (name, flowers) in [("trained with", iris.training), ("held out", iris.test)] {
      let correctCount = IrisTraining.correctCount(of: model, on: flowers)
      print("\(name): \(correctCount) of \(flowers.count) flowers")
    }
    return LossCurve(title: "\(lossName) on Iris", axis: "step", losses: losses)
  }

  private func trainClips() throws -> LossCurve {
    var source = DisplayClips(seed: 1936)
    let (training, test) = (source.make(120), source.make(100))
    let (features, scores) = (DisplayClips.segmentCount, ClipTraining.classCount)
    var model = LinearModel(features: features, scores: scores)
    var losses: [Double] = []
    if isDifferentiated {
      var differentiable = try DifferentiableModel(features: features, scores: scores)
      losses = try ClipTraining().run(&differentiable, on: training, epochs: 30)
      model = LinearModel(differentiable)
    } else {
      losses = try ClipTraining().run(&model, on: training, epochs: 30)
    }
    report(losses)
    for (name, clips) in [("trained with", training), ("held out", test)] {
      print("\(name): \(ClipTraining.correctCount(of: model, on: clips)) of \(clips.count) clips")
    }
    if let clip = test.first {
      let decoding = ClipTraining.decoding(of: clip, by: model).map(String.init).joined()
      print(
        "the first clip held out shows \(clip.digits.map(String.init).joined()), read as \(decoding)"
      )
    }
    return LossCurve(title: "ctc on a seven-segment display", axis: "round", losses: losses)
  }

  private func report(_ losses: [Double]) {
    guard let first = losses.first, let last = losses.last else { return }
    print(String(format: "loss: %.4f at first, %.4f at last", first, last))
  }
}
