public import LossCore

/// CLIP: cross entropy of each image among all texts, and of each text among all images.
///
/// The vectors are compared as they are: normalise them before. A masked or zero-weighted pair leaves
/// the batch, with its image and its text.
///
/// - Shape: prediction (images) and target (texts) `[item, feature]`, scale `[]`; one term per pair.
/// - Accuracy: a logit has the error of its dot product times `scale`; the rest is as for
///   `cross_entropy`.
public struct CLIPLoss: BatchLoss {
  public static let metadata = LossMetadata(
    "clip", "CLIP: cross entropy of each image among all texts, and of each text among all images.",
    formula: """
      - (log p_ii + log q_ii) / 2    with p = softmax of row i of z, q = softmax of column i of z
      z_ij = scale prediction_i · target_j
      """,
    domain: "Finite vectors, usually of length 1.",
    usage: """
      Language-image pre-training with large batches; siglip needs no softmax over the batch. scale is \
      a parameter that is learned, the inverse of a temperature: the factor itself, not its logarithm.
      """,
    related: ["siglip", "ntxent", "n_pairs", "cross_entropy"],
    alsoKnownAs: ["open_clip", "clip_loss", "image_text_contrastive", "symmetric_info_nce"],
    references: [
      "A. Radford et al., Learning Transferable Visual Models From Natural Language Supervision, 2021"
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.batchDependent, .nonNegative] }
  public var signature: LossSignature { Self.pairs }

  private static let pairs = LossSignature(
    .real(.prediction, "item feature"), .real(.target, "item feature"), .real("scale", ""),
    terms: "item")

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let context = copy context
    guard let scale = context.real(2)?.pointee else { return }
    let batch = PairBatch(context)
    let (images, texts) = (batch.dotsOfFirst(), batch.dotsOfSecond())
    let sums = UnsafeMutablePointer<Double>.allocate(capacity: max(1, 4 * batch.own.count))
    defer {
      batch.deallocate()
      images.deallocate()
      texts.deallocate()
      sums.deallocate()
    }
    for (table, part) in [(images, 0), (texts, 2)] {
      table.forEachRow(context, workspace: batch.count) { row, workspace in
        let item = batch.own[row]
        writeRow(
          table.row(row), count: batch.count, item, scale,
          context.wantsGradient ? context.gradientScale(batch.kept[item]) : nil, workspace,
          sums + 4 * row + part)
      }
    }
    let all = try batch.all(
      Array(UnsafeBufferPointer(start: sums, count: 4 * batch.own.count)), each: 4)
    for (item, index) in batch.kept.enumerated() {
      terms[index] = S((all[4 * item] + all[4 * item + 2]) / 2)
    }
    if context.gradient(0) != nil || context.gradient(1) != nil {
      let (ofImages, ofTexts) = (
        try batch.columns(of: images), try batch.columns(of: texts)
      )
      defer {
        ofImages.deallocate()
        ofTexts.deallocate()
      }
      images.add(ofTexts)
      texts.add(ofImages)
      batch.writeGradients(images, texts)
    }
    context.gradient(2)?.pointee = S(
      RowMath.compensatedSum(count: all.count / 2) { all[2 * $0 + 1] })
  }

  /// Replaces the dot products of a vector with all of the other kind by half the derivatives of its
  /// cross entropy; writes this, and half the derivative with respect to the scale. Without a factor
  /// of the gradient it writes the cross entropy alone.
  private func writeRow<S: LossScalar>(
    _ dots: UnsafeMutablePointer<S>, count: Int, _ item: Int, _ scale: S, _ gradientScale: S?,
    _ workspace: UnsafeMutablePointer<S>, _ sums: UnsafeMutablePointer<Double>
  ) {
    for j in 0..<count { workspace[j] = scale * dots[j] }
    let own = workspace[item]
    let largest = RowMath.maximum(workspace, count: count)
    let sum = RowMath.exponentials(workspace, count: count, largest: largest, into: workspace)
    sums[0] =
      Double.log(onePlus: sum.sumExcludingMax / sum.maxExponential)
      - S.distance(of: own, to: largest.value).asDouble
    sums[1] = 0
    guard let gradientScale else { return }
    let half = gradientScale.asDouble / 2
    let factor = S(half / sum.total)
    for j in 0..<count { workspace[j] *= factor }
    // p - 1 would cancel for p near 1; it is minus the probability of the others.
    workspace[item] =
      own == largest.value
      ? S(-half * (sum.sumExcludingMax / sum.total)) : S(workspace[item].asDouble - half)
    sums[1] = BlockedSum.sum(dots, weights: workspace, count: count).value
    for j in 0..<count { dots[j] = scale * workspace[j] }
  }
}
