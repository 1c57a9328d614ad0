import LossFunctions

/// Recognizes digits in clips: logits of blank and ten digits for every frame, trained with CTC, whose
/// targets are the digits without their times.
struct ClipTraining {
  /// Class 0 is the blank; digit d is class d + 1.
  static let classCount = 11
  private let loss = CTCLoss()

  /// Trains in batches of ten clips, and returns the mean loss of each epoch.
  func run(
    _ model: inout LinearModel, on clips: [DisplayClips.Clip], epochs: Int
  ) throws(LossError) -> [Double] {
    var descent = Descent(rate: 0.05)
    var losses: [Double] = []
    for _ in 0..<epochs {
      var total = 0.0
      for start in stride(from: 0, to: clips.count, by: 10) {
        let batch = Array(clips[start..<min(start + 10, clips.count)])
        let (value, gradient) = try valueAndGradient(of: model, batch)
        total += value * Double(batch.count)
        descent.step(&model.weights, against: gradient)
      }
      losses.append(total / Double(clips.count))
    }
    return losses
  }

  /// The mean loss of a batch of clips of different lengths, and the gradient of the weights.
  private func valueAndGradient(
    of model: LinearModel, _ batch: [DisplayClips.Clip]
  ) throws(LossError) -> (value: Double, gradient: [Double]) {
    let time = batch.map(\.frames.count).max() ?? 0
    let labels = batch.map(\.digits.count).max() ?? 0
    let padding = Array(repeating: 0.0, count: model.featureCount)
    let frames = batch.flatMap { clip in
      clip.frames + Array(repeating: padding, count: time - clip.frames.count)
    }
    let digits = batch.flatMap { clip in
      clip.digits.map { $0 + 1 } + Array(repeating: 1, count: labels - clip.digits.count)
    }
    let inputs: LossInputs = [
      "prediction": try AnyTensor(
        Tensor(
          shape: [batch.count, time, Self.classCount], scalars: model.scores(of: frames)
        )),
      "target": try AnyTensor(Tensor(shape: [batch.count, labels], scalars: digits)),
      "prediction_lengths": AnyTensor(Tensor(batch.map(\.frames.count))),
      "target_lengths": AnyTensor(Tensor(batch.map(\.digits.count))),
    ]
    let result = try loss.evaluate(inputs, gradientsOf: ["prediction"])
    let derivatives = result.gradients["prediction"]?.doubles ?? []
    return (result.value.doubles.first ?? .nan, model.gradient(of: frames, from: derivatives))
  }

  /// Greedy decoding: the best class of each frame, with repeats merged and blanks removed.
  static func decoding(of clip: DisplayClips.Clip, by model: LinearModel) -> [Int] {
    let scores = model.scores(of: clip.frames)
    var digits: [Int] = []
    var last = 0
    for frame in clip.frames.indices {
      let row = scores[frame * classCount..<(frame + 1) * classCount]
      let best = (row.firstIndex(of: row.max() ?? 0) ?? row.startIndex) - row.startIndex
      if best != last, best != 0 { digits.append(best - 1) }
      last = best
    }
    return digits
  }

  /// The number of clips that are decoded without error.
  static func correctCount(of model: LinearModel, on clips: [DisplayClips.Clip]) -> Int {
    clips.count { decoding(of: $0, by: model) == $0.digits }
  }
}
