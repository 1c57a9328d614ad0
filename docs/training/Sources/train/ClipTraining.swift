import LossDifferentiation
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
        let batch = try Batch(clips[start..<min(start + 10, clips.count)])
        let (value, gradient) = try valueAndGradient(of: model, batch)
        total += value * Double(batch.count)
        descent.step(&model.weights, against: gradient)
      }
      losses.append(total / Double(clips.count))
    }
    return losses
  }

  /// Trains a model that Swift differentiates, and returns the mean loss of each epoch.
  func run(
    _ model: inout DifferentiableModel, on clips: [DisplayClips.Clip], epochs: Int
  ) throws(LossError) -> [Double] {
    let loss = DifferentiableLoss(loss)
    var descent = DifferentiableDescent(rate: 0.05)
    var losses: [Double] = []
    for _ in 0..<epochs {
      var total = 0.0
      for start in stride(from: 0, to: clips.count, by: 10) {
        let batch = try Batch(clips[start..<min(start + 10, clips.count)])
        let (frames, shape, others) = (try Tensor(rows: batch.frames), batch.shape, batch.inputs)
        let value = try descent.step(&model) { model in
          loss(model(frames).withShape(shape), with: others)
        }
        total += value * Double(batch.count)
      }
      losses.append(total / Double(clips.count))
    }
    return losses
  }

  /// The mean loss of a batch of clips, and the gradient of the weights.
  private func valueAndGradient(
    of model: LinearModel, _ batch: Batch
  ) throws(LossError) -> (value: Double, gradient: [Double]) {
    var inputs = batch.inputs
    inputs[.prediction] = try AnyTensor(
      Tensor(shape: batch.shape, scalars: model.scores(of: batch.frames)))
    let result = try loss.evaluate(inputs, gradientsOf: ["prediction"])
    let derivatives = result.gradients["prediction"]?.doubles ?? []
    return (
      result.value.doubles.first ?? .nan, model.gradient(of: batch.frames, from: derivatives)
    )
  }

  /// Clips of different lengths, padded to one.
  private struct Batch {
    let count: Int
    /// The frames of all clips, one after the other.
    let frames: [[Double]]
    /// The shape of the prediction: clip, frame, class.
    let shape: [Int]
    /// The inputs of the loss besides the prediction.
    let inputs: LossInputs

    init(_ clips: ArraySlice<DisplayClips.Clip>) throws(LossError) {
      let time = clips.map(\.frames.count).max() ?? 0
      let labels = clips.map(\.digits.count).max() ?? 0
      let padding = Array(repeating: 0.0, count: DisplayClips.segmentCount)
      frames = clips.flatMap { clip in
        clip.frames + Array(repeating: padding, count: time - clip.frames.count)
      }
      let digits = clips.flatMap { clip in
        clip.digits.map { $0 + 1 } + Array(repeating: 1, count: labels - clip.digits.count)
      }
      count = clips.count
      shape = [count, time, ClipTraining.classCount]
      inputs = [
        "target": try AnyTensor(Tensor(shape: [count, labels], scalars: digits)),
        "prediction_lengths": AnyTensor(Tensor(clips.map(\.frames.count))),
        "target_lengths": AnyTensor(Tensor(clips.map(\.digits.count))),
      ]
    }
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
