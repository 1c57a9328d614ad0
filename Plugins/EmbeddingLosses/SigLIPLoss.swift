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
      Language-image pre-training. Unlike a softmax over the batch, a pair needs no others, so that \
      small batches do as well. scale and bias are parameters that are learned; the paper starts \
      with 10 and -10. Scale is the factor itself, not its logarithm.
      """,
    related: ["ntxent", "n_pairs", "binary_cross_entropy"],
    alsoKnownAs: ["sigmoid_contrastive", "siglip_loss"],
    references: ["X. Zhai et al., Sigmoid Loss for Language Image Pre-Training, 2023"])

  public init(options: NoOptions) {}
  public var options: NoOptions { NoOptions() }
  public var properties: [LossProperty] { [.batchDependent, .nonNegative] }
  public var signature: LossSignature { Self.pairs }

  private static let pairs = LossSignature(
    .real(.prediction, "item feature"), .real(.target, "item feature"), .real("scale", ""),
    .real("bias", "", isOptional: true), terms: "item")

  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let pass = copy pass
    guard let scale = pass.real(2)?.pointee else { return }
    let bias = pass.real(3)?.pointee ?? 0
    let kept = (0..<pass.termCount).filter { !pass.isRemoved($0) }
    let own = kept.indices.filter { pass.share?.own.contains(kept[$0]) ?? true }
    let images = NormalizedRows(pass, input: 0, at: kept, normalized: false)
    let texts = NormalizedRows(pass, input: 1, at: kept, normalized: false)
    let ownImages = NormalizedRows(pass, input: 0, at: own.map { kept[$0] }, normalized: false)
    let table = Matrix<S>(rows: own.count, columns: kept.count)
    defer {
      images.deallocate()
      texts.deallocate()
      ownImages.deallocate()
      table.deallocate()
    }
    table.multiply(pass, ownImages.table, texts.table)
    let sums = UnsafeMutablePointer<Sums>.allocate(capacity: max(1, own.count))
    defer { sums.deallocate() }
    table.forEachRow(pass, workspace: kept.count) { row, workspace in
      let item = own[row]
      sums[row] = writeRow(
        table.row(row), count: kept.count, item, scale, bias, pass.gradientScale(kept[item]),
        workspace)
    }
    var all = UnsafeBufferPointer(start: sums, count: own.count).map { $0 }
    let columns = try exchange(pass, kept, own, table, &all)
    defer { columns?.deallocate() }
    for (item, sums) in zip(kept, all) { terms[item] = S(sums.term) }
    if let gradient = pass.gradient(0) {
      images.writeGradient(pass, of: own, texts.table, into: gradient) { rows, others, _ in
        table.tile(rows, others)
      }
    }
    if let gradient = pass.gradient(1) {
      texts.writeGradient(pass, of: own, images.table, into: gradient) { rows, others, _ in
        columns?.tile(rows, others) ?? table.transposedTile(rows, others)
      }
    }
    pass.gradient(2)?.pointee = S(Self.sum(all, \.ofScale))
    pass.gradient(3)?.pointee = S(Self.sum(all, \.ofBias))
  }

  /// The term of a row, and its parts of the gradients with respect to scale and bias.
  private struct Sums {
    var term, ofScale, ofBias: Double
  }

  private static func sum(_ rows: [Sums], _ part: KeyPath<Sums, Double>) -> Double {
    var sum = CompensatedSum()
    for row in rows { sum.add(row[keyPath: part]) }
    return sum.value
  }

  /// Replaces the dot products of an image with all texts by the derivatives with respect to them.
  private func writeRow<S: LossScalar>(
    _ dots: UnsafeMutablePointer<S>, count: Int, _ item: Int, _ scale: S, _ bias: S,
    _ gradientScale: S, _ workspace: UnsafeMutablePointer<S>
  ) -> Sums {
    for j in 0..<count { workspace[j] = S.log1pExp(scale * dots[j] + bias) }
    let own = scale * dots[item] + bias
    workspace[item] = S.log1pExp(-own)
    var sums = Sums(
      term: BlockedSum.sum(workspace, count: count).value, ofScale: 0, ofBias: 0)
    for j in 0..<count {
      workspace[j] = gradientScale * S.sigmoid(scale * dots[j] + bias)
    }
    workspace[item] = -gradientScale * S.sigmoid(-own)
    sums.ofBias = BlockedSum.sum(workspace, count: count).value
    sums.ofScale = BlockedSum.sum(dots, weights: workspace, count: count).value
    for j in 0..<count { dots[j] = scale * workspace[j] }
    return sums
  }

  /// Where processes share a batch, completes the sums of the rows by those of other processes; returns
  /// the derivatives with respect to the dot products of the own texts with all images.
  private func exchange<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, _ kept: [Int], _ own: [Int], _ table: Matrix<S>,
    _ sums: inout [Sums]
  ) throws(LossError) -> Matrix<S>? {
    guard let share = pass.share else { return nil }
    let items = share.samples.map { samples in
      kept.indices.filter { samples.contains(kept[$0]) }
    }
    let numbers = sums.flatMap { [$0.term, $0.ofScale, $0.ofBias] }
    let all = try numbers.withUnsafeBufferPointer { (numbers) throws(LossError) in
      try share.exchange(numbers, counts: items.map { 3 * $0.count })
    }.joined()
    let ordered = Array(all)
    sums = kept.indices.map {
      Sums(term: ordered[3 * $0], ofScale: ordered[3 * $0 + 1], ofBias: ordered[3 * $0 + 2])
    }
    let columns = Matrix<S>(rows: own.count, columns: kept.count)
    guard pass.gradient(1) != nil else { return columns }
    var rows: [S] = []
    for row in own.indices {
      rows += UnsafeBufferPointer(start: table.row(row), count: kept.count)
    }
    let messages = try rows.withUnsafeBufferPointer { (rows) throws(LossError) in
      try share.exchange(rows, counts: items.map { $0.count * kept.count })
    }
    for (items, message) in zip(items, messages) {
      for (index, image) in items.enumerated() {
        for (row, text) in own.enumerated() {
          columns.row(row)[image] = message[index * kept.count + text]
        }
      }
    }
    return columns
  }
}
