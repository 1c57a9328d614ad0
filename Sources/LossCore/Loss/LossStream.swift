/// A loss over more data than memory holds: blocks go in one after another, and the value has the
/// bits of one call on everything.
///
///     var stream = LossStream(loss, shapes: [.prediction: all, .target: all], in: .float32)
///     while let block = stream?.next { … read block.elements of each role, stream.add … }
///
/// The first axes are cut where the sums of a whole call are cut too. Losses whose terms are
/// independent, as their `termLayout` says, can be taken so, without weight and mask, reduced to one
/// number whose divisor the shapes tell.
public struct LossStream: Sendable {
  /// What the next call of `add` takes: for each role which elements, counted in row-major order,
  /// and in which shape.
  public struct Block: Sendable {
    /// The elements of each role.
    public let elements: [Role: Range<Int>]
    /// The shape in which they are to be given.
    public let shapes: [Role: Shape]
    /// The first sample of the block, and the one after its last.
    public let samples: Range<Int>
  }

  private let loss: any LossProtocol
  private let element: ElementType
  private let threads: Int
  private let divisor: Double
  /// For each role how many elements a sample has, and the shape of one.
  private let parts: [Role: [Int]]
  private let sampleCount: Int
  private let samplesInBlock: Int
  private let classAxis: Int?
  private var position = 0
  private var total = CompensatedSum()

  /// A stream of all samples of these shapes; nil for a loss that cannot be taken in blocks, for
  /// shapes that do not fit, and for none at all: evaluate those in one call.
  ///
  /// - Parameters:
  ///   - loss: the loss with its reduction and class axis.
  ///   - shapes: the shape of everything, by our roles.
  ///   - element: the element to compute in, `float32` or `float64`.
  ///   - threads: how many threads may work at once; the result does not depend on it.
  ///   - elementsInBlock: how many elements of the leading input a block has, about.
  public init?(
    _ loss: ConfiguredLoss, shapes: [Role: Shape], in element: ElementType, threads: Int = 1,
    elementsInBlock: Int = 1 << 21
  ) {
    let reduction = loss.reduction ?? loss.base.defaultReduction
    guard let form = loss.base as? any FormLoss, !form.hasTermWeights,
      reduction.isScalar, reduction.first == nil, loss.scale == 1,
      !(loss.dialectEntry?.arguments.contains(where: \.isAdapted) ?? false),
      let cut = SampleCut(
        form, shapes: shapes, classAxis: loss.classAxis ?? -1, in: element, elementsInBlock)
    else { return nil }
    switch reduction.kind {
    case .unreduced: return nil
    case .sum: divisor = 1
    case .mean, .weightedMean: divisor = Double(cut.termCount)
    case .batchMean: divisor = Double(cut.batchExtent)
    }
    self.loss = loss.base
    self.element = element
    self.threads = threads
    parts = cut.parts
    sampleCount = cut.sampleCount
    samplesInBlock = cut.samplesInBlock
    classAxis = cut.classAxis
  }

  /// What the next call of `add` takes; nil when everything has been added.
  public var next: Block? {
    guard position < sampleCount else { return nil }
    let samples = position..<min(sampleCount, position + samplesInBlock)
    return Block(
      elements: parts.mapValues { part in
        let size = part.reduce(1, *)
        return samples.lowerBound * size..<samples.upperBound * size
      },
      shapes: parts.mapValues { Shape(trusted: [samples.count] + $0) },
      samples: samples)
  }

  /// Adds the next block.
  ///
  /// - Returns: the gradients of the value of everything with respect to this block.
  /// - Throws: `LossError` for inputs that the loss cannot take; what has been added stays.
  public mutating func add(
    _ inputs: LossInputs, gradientsOf roles: [Role] = []
  ) throws(LossError) -> [Role: AnyTensor] {
    guard let block = next else {
      throw LossError(
        .unknownInput, loss: loss.name, subject: "block", found: "is one too many",
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
        error.hint = "Places are counted from sample \(block.samples.lowerBound). " + error.hint
      }
      throw error
    }
  }

  /// The value of what has been added, divided as that of everything is.
  public var value: AnyTensor {
    element == .float32
      ? .float32(Tensor(Float(total.value / divisor))) : .float64(Tensor(total.value / divisor))
  }

  private mutating func add<S: ComputeScalar>(
    _ inputs: LossInputs, _ roles: [Role], in type: S.Type
  ) throws(LossError) -> [Role: AnyTensor] {
    var evaluation = Evaluation<S>(reduction: .sum, classAxis: classAxis, threads: threads)
    evaluation.total = total
    if divisor != 1 { evaluation.upstream = [S(1 / divisor)] }
    let result = try evaluation.run(loss, inputs, gradientsOf: roles)
    total = evaluation.total
    return result.gradients
  }
}

/// How everything is cut into samples, so that the sums of blocks are those of one call.
private struct SampleCut {
  /// For each role the shape of one sample.
  var parts: [Role: [Int]] = [:]
  let sampleCount: Int
  let samplesInBlock: Int
  let classAxis: Int?
  let termCount: Int
  let batchExtent: Int

  /// How many elements of the leading input a block has at most.
  private static let largestSize = 1 << 25

  init?(
    _ loss: any FormLoss, shapes: [Role: Shape], classAxis given: Int, in element: ElementType,
    _ usualSize: Int
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
      guard let axis = leading.position(ofAxis: layout == .rows ? given : -1) else { return nil }
      rows = RowExtents(
        outer: leading.extents[..<axis].reduce(1, *), length: leading.extents[axis],
        inner: leading.extents[(axis + 1)...].reduce(1, *))
      terms = leading.removing(axis: axis)
    case .samples:
      guard let shape = SampleCut.samples(signature, leading, shapes, classAxis: given) else {
        return nil
      }
      let size = leading.count / leading.extents[0]
      guard size <= Self.largestSize else { return nil }
      parts = shapes.mapValues { Array($0.extents.dropFirst()) }
      sampleCount = leading.extents[0]
      samplesInBlock = max(1, usualSize / size)
      classAxis = nil
      termCount = shape.count
      batchExtent = sampleCount
      return
    }
    for (role, shape) in shapes {
      let inner = rows.inner == 1 ? [] : [rows.inner]
      switch shape {
      case leading: parts[role] = layout == .elements ? [] : [rows.length] + inner
      case terms: parts[role] = inner
      default: return nil
      }
    }
    let isLong = layout == .rows
    let chunk =
      element == .float32
      ? Blocks.termsInChunk(of: Float.self, elementsPerTerm: rows.length, areLong: isLong)
      : Blocks.termsInChunk(of: Double.self, elementsPerTerm: rows.length, areLong: isLong)
    let step = chunk / Self.greatestCommonDivisor(chunk, rows.inner)
    let size = step * rows.inner * rows.length
    guard size <= Self.largestSize else { return nil }
    samplesInBlock = step * max(1, usualSize / size)
    sampleCount = rows.outer
    classAxis = layout == .rows ? 1 : nil
    termCount = terms.count
    batchExtent = terms.extents.first ?? 1
  }

  /// The shape of the terms of a loss of samples, if all inputs have the samples first; nil otherwise.
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
