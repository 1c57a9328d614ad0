/// Evaluates a loss on data that does not fit into memory, block by block. The value has the same
/// bits as a single evaluation of all data.
///
///     var stream = LossStream(loss, shapes: [.prediction: all, .target: all], in: .float32)
///     while let block = stream?.next { … read block.elements of each role, stream.add … }
///
/// The leading axes are split at chunk boundaries of a single evaluation. A stream supports losses
/// with independent terms (those with a `termLayout`), without weight and mask, and reductions to a
/// scalar whose divisor follows from the shapes.
public struct LossStream: Sendable {
  /// The block that the next call of `add` expects.
  public struct Block: Sendable {
    /// The range of elements of each role, in row-major order.
    public let elements: [Role: Range<Int>]
    /// The shape of the block of each role.
    public let shapes: [Role: Shape]
    /// The range of samples.
    public let samples: Range<Int>
  }

  private let loss: any LossProtocol
  private let element: ElementType
  private let threads: Int
  private let domainChecks: DomainChecks
  private let divisor: Double
  /// The extents of one sample of each role.
  private let sampleExtents: [Role: [Int]]
  private let sampleCount: Int
  private let samplesInBlock: Int
  private let classAxis: Int?
  private var position = 0
  private var total = CompensatedSum()

  /// A stream of all samples of these shapes; nil if the loss cannot be evaluated in blocks, or if
  /// the shapes do not match or are empty. Evaluate such a loss in one call.
  ///
  /// - Parameters:
  ///   - loss: the loss with its reduction and class axis.
  ///   - shapes: the shapes of the complete inputs, by our roles.
  ///   - element: the element type of the computation, `float32` or `float64`.
  ///   - threads: the maximum number of threads; the result does not depend on it.
  ///   - domainChecks: the inputs whose numbers are checked; nil for those of the loss's name.
  ///   - elementsInBlock: the approximate number of elements of the leading input in a block.
  public init?(
    _ loss: ConfiguredLoss, shapes: [Role: Shape], in element: ElementType, threads: Int = 1,
    domainChecks: DomainChecks? = nil, elementsInBlock: Int = 1 << 21
  ) {
    let reduction = loss.reduction ?? loss.base.defaultReduction
    guard let form = loss.base as? any FormLoss, !form.hasTermWeights,
      reduction.isScalar, reduction.preceding == nil, loss.scale == 1,
      !loss.changesInputs,
      let partition = SamplePartition(
        form, shapes: shapes, classAxis: loss.classAxis ?? -1, in: element, elementsInBlock)
    else { return nil }
    switch reduction.kind {
    case .unreduced: return nil
    case .sum: divisor = 1
    case .mean, .weightedMean: divisor = Double(partition.termCount)
    case .batchMean: divisor = Double(partition.batchExtent)
    }
    self.loss = loss.base
    self.element = element
    self.threads = threads
    self.domainChecks = domainChecks ?? loss.dialectEntry?.domainChecks ?? .all
    sampleExtents = partition.sampleExtents
    sampleCount = partition.sampleCount
    samplesInBlock = partition.samplesInBlock
    classAxis = partition.classAxis
  }

  /// The block that the next call of `add` expects; nil when all blocks have been added.
  public var next: Block? {
    guard position < sampleCount else { return nil }
    let samples = position..<min(sampleCount, position + samplesInBlock)
    return Block(
      elements: sampleExtents.mapValues { extents in
        let size = extents.reduce(1, *)
        return samples.lowerBound * size..<samples.upperBound * size
      },
      shapes: sampleExtents.mapValues { Shape(trusted: [samples.count] + $0) },
      samples: samples)
  }

  /// Adds the next block.
  ///
  /// - Returns: the gradients of the complete value with respect to this block.
  /// - Throws: `LossError` for invalid inputs; the blocks added before remain.
  public mutating func add(
    _ inputs: LossInputs, gradientsOf roles: [Role] = []
  ) throws(LossError) -> [Role: AnyTensor] {
    guard let block = next else {
      throw LossError(
        .unknownInput, loss: loss.name, subject: "block", found: "is beyond the end of the stream",
        expected: "\(sampleCount) samples")
    }
    for (role, shape) in block.shapes where inputs[role]?.shape != shape {
      throw LossError(
        .shapeMismatch, loss: loss.name, subject: role.name,
        found: inputs[role].map { "has shape \($0.shape)" } ?? "is missing",
        expected: "\(shape), the next block of the stream")
    }
    do throws(LossError) {
      let gradients =
        element == .float32
        ? try add(inputs, roles, in: Float.self) : try add(inputs, roles, in: Double.self)
      position = block.samples.upperBound
      return gradients
    } catch {
      var error = error
      if block.samples.lowerBound > 0 {
        error.hint = "Indices are relative to sample \(block.samples.lowerBound). " + error.hint
      }
      throw error
    }
  }

  /// The value of the blocks added so far, with the divisor of the complete data.
  public var value: AnyTensor {
    element == .float32
      ? .float32(Tensor(Float(total.value / divisor))) : .float64(Tensor(total.value / divisor))
  }

  private mutating func add<S: ComputeScalar>(
    _ inputs: LossInputs, _ roles: [Role], in type: S.Type
  ) throws(LossError) -> [Role: AnyTensor] {
    var evaluation = Evaluation<S>(reduction: .sum, classAxis: classAxis, threads: threads)
    evaluation.total = total
    evaluation.domainChecks = domainChecks
    if divisor != 1 { evaluation.upstream = [S(1 / divisor)] }
    let result = try evaluation.run(loss, inputs, gradientsOf: roles)
    total = evaluation.total
    return result.gradients
  }
}

/// A partition of the data into samples for which the sums of blocks equal those of a single
/// evaluation.
private struct SamplePartition {
  /// The extents of one sample of each role.
  var sampleExtents: [Role: [Int]] = [:]
  let sampleCount: Int
  let samplesInBlock: Int
  let classAxis: Int?
  let termCount: Int
  let batchExtent: Int

  /// The maximum number of elements of the leading input in a block.
  private static let maximumBlockSize = 1 << 25

  init?(
    _ loss: any FormLoss, shapes: [Role: Shape], classAxis requestedAxis: Int,
    in element: ElementType,
    _ targetBlockSize: Int
  ) {
    let signature = loss.signature
    guard let layout = loss.termLayout, let first = signature.inputs.first,
      let leading = shapes[first.role], leading.count > 0,
      shapes.keys.allSatisfy({ signature.input($0) != nil }),
      signature.inputs.allSatisfy({ $0.isOptional || shapes[$0.role] != nil })
    else { return nil }
    let rows: RowExtents
    let terms: Shape
    switch layout {
    case .elements:
      rows = RowExtents(outer: leading.count, length: 1, inner: 1)
      terms = leading
    case .rows, .groups:
      guard let axis = leading.position(ofAxis: layout == .rows ? requestedAxis : -1) else {
        return nil
      }
      rows = RowExtents(
        outer: leading.extents[..<axis].reduce(1, *), length: leading.extents[axis],
        inner: leading.extents[(axis + 1)...].reduce(1, *))
      terms = leading.removing(axis: axis)
    case .samples:
      guard
        let shape = SamplePartition.samples(signature, leading, shapes, classAxis: requestedAxis)
      else {
        return nil
      }
      let size = leading.count / leading.extents[0]
      guard size <= Self.maximumBlockSize else { return nil }
      sampleExtents = shapes.mapValues { Array($0.extents.dropFirst()) }
      sampleCount = leading.extents[0]
      samplesInBlock = max(1, targetBlockSize / size)
      classAxis = nil
      termCount = shape.count
      batchExtent = sampleCount
      return
    }
    for (role, shape) in shapes {
      let inner = rows.inner == 1 ? [] : [rows.inner]
      switch shape {
      case leading: sampleExtents[role] = layout == .elements ? [] : [rows.length] + inner
      case terms: sampleExtents[role] = inner
      default: return nil
      }
    }
    let inWholeChunks = layout == .rows
    let chunk =
      element == .float32
      ? Blocks.termsInChunk(
        of: Float.self, elementsPerTerm: rows.length, inWholeChunks: inWholeChunks)
      : Blocks.termsInChunk(
        of: Double.self, elementsPerTerm: rows.length, inWholeChunks: inWholeChunks)
    let step = chunk / Self.greatestCommonDivisor(chunk, rows.inner)
    let size = step * rows.inner * rows.length
    guard size <= Self.maximumBlockSize else { return nil }
    samplesInBlock = step * max(1, targetBlockSize / size)
    sampleCount = rows.outer
    classAxis = layout == .rows ? 1 : nil
    termCount = terms.count
    batchExtent = terms.extents.first ?? 1
  }

  /// The shape of the terms of a loss with one term per sample, if the batch axis of all inputs is
  /// the first; nil otherwise.
  private static func samples(
    _ signature: LossSignature, _ leading: Shape, _ shapes: [Role: Shape], classAxis: Int
  ) -> Shape? {
    guard leading.position(ofAxis: classAxis) == leading.rank - 1 else { return nil }
    for input in signature.inputs {
      guard let shape = shapes[input.role] else { continue }
      let axes = input.encodings[0].axes.axes
      guard axes.first == .ellipsis, shape.rank >= axes.count,
        shape.extents.first == leading.extents[0]
      else { return nil }
    }
    guard signature.terms.axes == [.ellipsis] else { return nil }
    let inner = signature.inputs[0].encodings[0].axes.axes.count - 1
    return Shape(trusted: Array(leading.extents.dropLast(inner)))
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }
}
