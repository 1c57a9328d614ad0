public import LossCore

/// SigLIP: binary cross entropy of every image-text pair, positive for those that belong together.
///
/// The vectors are compared as they are: normalise them before. A masked or zero-weighted pair leaves
/// the batch, with its image and its text.
///
/// - Shape: prediction (images) and target (texts) `[item, feature]`, scale and bias `[]`; one term
///   per image, so that the mean divides by the number of images.
/// - Accuracy: a logit has the error of its dot product times `scale`; the rest is within some ulp.
public struct SigLIPLoss: BatchLoss {
  public static let metadata = LossMetadata(
    "siglip",
    "SigLIP: binary cross entropy of every image-text pair, positive for those that belong together.",
    formula: """
      Σ_j log(1 + exp(-y_ij z_ij))    with y_ij = 1 for i = j, -1 otherwise
      z_ij = scale prediction_i · target_j + bias
      """,
    domain: "Finite vectors, usually of length 1.",
    usage: """
      Language-image pre-training, also with small batches, since each pair is a classification of \
      its own. scale and bias are parameters that are learned; the paper starts with 10 and -10. \
      scale is the factor itself, not its logarithm.
      """,
    related: ["clip", "ntxent", "n_pairs", "binary_cross_entropy"],
    alsoKnownAs: ["sigmoid_contrastive", "siglip_loss"],
    references: ["X. Zhai et al., Sigmoid Loss for Language Image Pre-Training, 2023"])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.batchDependent, .nonNegative] }
  public var signature: LossSignature { Self.pairs }

  private static let pairs = LossSignature(
    .real(.prediction, "item feature"), .real(.target, "item feature"), .real("scale", ""),
    .real("bias", "", isOptional: true), terms: "item")

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let context = copy context
    guard let scale = context.real(2)?.pointee else { return }
    let bias = context.real(3)?.pointee ?? 0
    let batch = PairBatch(context)
    let table = batch.dotsOfFirst()
    let sums = UnsafeMutablePointer<Double>.allocate(capacity: max(1, 3 * batch.own.count))
    defer {
      batch.deallocate()
      table.deallocate()
      sums.deallocate()
    }
    table.forEachRow(context, workspace: batch.count) { row, workspace in
      let item = batch.own[row]
      writeRow(
        table.row(row), count: batch.count, item, scale, bias,
        context.wantsGradient ? context.gradientScale(batch.kept[item]) : nil, workspace,
        sums + 3 * row)
    }
    let all = try batch.all(
      Array(UnsafeBufferPointer(start: sums, count: 3 * batch.own.count)), each: 3)
    for (item, index) in batch.kept.enumerated() { terms[index] = S(all[3 * item]) }
    if context.gradient(0) != nil || context.gradient(1) != nil {
      let columns = try batch.columns(of: table)
      defer { columns.deallocate() }
      batch.writeGradients(table, columns)
    }
    context.gradient(2)?.pointee = S(sum(all, 1))
    context.gradient(3)?.pointee = S(sum(all, 2))
  }

  /// The sum of one of three numbers of each pair.
  private func sum(_ numbers: [Double], _ part: Int) -> Double {
    RowMath.compensatedSum(count: numbers.count / 3) { numbers[3 * $0 + part] }
  }

  /// Replaces the dot products of an image with all texts by the derivatives with respect to them;
  /// writes the term and its derivatives with respect to scale and bias. Without a factor of the
  /// gradient it writes the term alone.
  private func writeRow<S: LossScalar>(
    _ dots: UnsafeMutablePointer<S>, count: Int, _ item: Int, _ scale: S, _ bias: S,
    _ gradientScale: S?, _ workspace: UnsafeMutablePointer<S>, _ sums: UnsafeMutablePointer<Double>
  ) {
    for j in 0..<count { workspace[j] = S.log1pExp(scale * dots[j] + bias) }
    let own = scale * dots[item] + bias
    workspace[item] = S.log1pExp(-own)
    (sums[0], sums[1], sums[2]) = (BlockedSum.sum(workspace, count: count).value, 0, 0)
    guard let gradientScale else { return }
    for j in 0..<count { workspace[j] = gradientScale * S.sigmoid(scale * dots[j] + bias) }
    workspace[item] = -gradientScale * S.sigmoid(-own)
    sums[1] = BlockedSum.sum(dots, weights: workspace, count: count).value
    sums[2] = BlockedSum.sum(workspace, count: count).value
    for j in 0..<count { dots[j] = scale * workspace[j] }
  }
}
