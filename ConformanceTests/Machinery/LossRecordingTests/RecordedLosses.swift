import LossFunctions
import LossRecording

// Shipped losses of rows and batches, written from their value alone.

struct RecordedCrossEntropy: RecordedRowLoss {
  static let metadata = LossMetadata(
    "recorded_cross_entropy", "Cross entropy of logits.", formula: "log Σ exp(z) - z_target")
  let options: NoOptions
  var signature: LossSignature { CrossEntropyLoss().signature }

  func term(_ row: RecordedRow) -> RecordedNumber {
    if let label = row.classIndex(1) { return row[0].negativeLogLikelihood(of: label) }
    return -row[1].dot(row[0].logSoftmax())
  }
}

struct RecordedDivergence: RecordedRowLoss {
  static let metadata = LossMetadata(
    "recorded_kl", "Kullback-Leibler divergence.", formula: "Σ t (log t - log p)")
  let options: NoOptions
  var signature: LossSignature { KLDivergenceLoss().signature }

  func term(_ row: RecordedRow) -> RecordedNumber {
    RecordedVector.xlogRatio(row[1], row[0]).sum()
  }
}

struct RecordedCosineDistance: RecordedRowLoss {
  static let metadata = LossMetadata(
    "recorded_cosine", "One minus the cosine.", formula: "1 - a · b / (‖a‖ ‖b‖)")
  let options: NoOptions
  var signature: LossSignature { CosineDistanceLoss().signature }

  func term(_ row: RecordedRow) -> RecordedNumber {
    1 - row[0].normalized().dot(row[1].normalized())
  }
}

struct RecordedListMLE: RecordedRowLoss {
  static let metadata = LossMetadata(
    "recorded_list_mle", "Negative log-likelihood of an order.",
    formula: "Σ_k log(Σ_{i ≥ k} exp(s_i)) - s_k")
  let options: NoOptions
  var signature: LossSignature { ListMLELoss().signature }

  func term(_ row: RecordedRow) -> RecordedNumber {
    let scores = row[0].sorted(by: row[1], descending: true).reversed()
    return (scores.cumulativeLogSumExp() - scores).sum()
  }
}

struct RecordedInfoNCE: RecordedBatchLoss {
  static let metadata = LossMetadata(
    "recorded_info_nce", "InfoNCE of labelled vectors.",
    formula: "Σ_p log(exp(s_ip) + Σ_n exp(s_in)) - s_ip")
  let options: NoOptions
  var signature: LossSignature { NTXentLoss().signature }
  var temperature: Double { NTXentLoss().options.temperature }

  func terms(_ batch: RecordedBatch) -> RecordedVector {
    let labels = batch.classIndices(1)
    let rows = (0..<batch.termCount).map { batch[0][$0].normalized() }
    guard let vectors = RecordedMatrix(rows: rows) else { return batch[0].elements }
    let similarities = vectors.products(with: vectors)
    let terms = labels.indices.map { i -> RecordedNumber in
      let row = similarities[i] / temperature
      let negatives = labels.indices.filter { labels[$0] != labels[i] }
      let positives = labels.indices.filter { $0 != i && labels[$0] == labels[i] }
      let losses = positives.map { row.elements(at: [$0] + negatives).negativeLogLikelihood(of: 0) }
      return RecordedVector(losses)?.sum() ?? batch.constant(0)
    }
    return RecordedVector(terms) ?? batch[0].elements
  }
}
