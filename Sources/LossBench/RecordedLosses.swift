import LossFunctions
import LossRecording

/// Cross entropy from its value alone, to compare with the shipped one.
struct RecordedCrossEntropy: RecordedRowLoss {
  static let metadata = LossMetadata(
    "recorded_cross_entropy", "Cross entropy of logits.", formula: "log Σ exp(z) - z_target")
  var options = NoOptions()
  var signature: LossSignature { CrossEntropyLoss().signature }

  func term(_ row: RecordedRow) -> RecordedNumber {
    row[0].negativeLogLikelihood(of: row.classIndex(1) ?? 0)
  }
}

/// The cosine distance from its value alone, to compare with the shipped one.
struct RecordedCosineDistance: RecordedRowLoss {
  static let metadata = LossMetadata(
    "recorded_cosine_distance", "One minus the cosine.", formula: "1 - a · b / (‖a‖ ‖b‖)")
  var options = NoOptions()
  var signature: LossSignature { CosineDistanceLoss().signature }

  func term(_ row: RecordedRow) -> RecordedNumber {
    1 - row[0].normalized().dot(row[1].normalized())
  }
}
