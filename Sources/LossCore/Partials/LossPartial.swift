/// The partial result of a loss on one shard of the data: a small value that is sent between
/// machines, and merged into the result of all data.
///
///     let whole = try LossPartial.merged(shards.map { try loss.partial($0) })
///     let value = try whole.value
///     let gradients = try loss.gradients(of: shard, given: whole)
///
/// Sums are exact: `value` has the same bits for every number of shards, their sizes, their order
/// and the order in which they are merged. A mean divides by the number of terms, or the sum of
/// weights, of all shards.
public struct LossPartial: Sendable {
  /// The loss, with the options by which it was made.
  public let loss: ConfiguredLoss
  /// The reduction of the terms.
  public let reduction: Reduction
  /// The element type that the terms are computed in, `float32` or `float64`.
  public let element: ElementType
  /// The version of the library that computed the terms.
  public let version: String
  /// What the partial result covers, if the caller has said so.
  public private(set) var sources: [PartialSource]
  package private(set) var sums: PartialSums

  init(
    _ loss: ConfiguredLoss, _ reduction: Reduction, _ element: ElementType, version: String,
    _ sources: [PartialSource], _ sums: PartialSums
  ) {
    self.loss = loss
    self.reduction = reduction
    self.element = element
    self.version = version
    self.sources = sources
    self.sums = sums
  }

  /// The number of terms that are kept; 0 for losses whose terms extend over several shards.
  public var termCount: Int { sums.termCount }

  /// The value of all data that were merged; a number of the element type.
  ///
  /// - Throws: `LossError` of code `empty_input` for a mean of no terms.
  public var value: Double {
    get throws(LossError) {
      let result = try loss.base.evaluate(
        LossInputs(), reduction: reduction, in: element, usesAutomaticDerivatives: false,
        partial: PartialCollector(given: sums, isValueOnly: true))
      return element == .float32
        ? Double(try result.scalar(as: Float.self) * Float(loss.scale))
        : try result.scalar(as: Double.self) * loss.scale
    }
  }

  /// The same partial result, which covers these data.
  public func covering(_ sources: [PartialSource]) -> LossPartial {
    var partial = self
    partial.sources = sources
    return partial
  }

  /// The partial result of the data of both.
  ///
  /// - Throws: `LossError` of code `invalid_value` for a partial result of another loss, options,
  ///   reduction, element type or version, and for data that both cover.
  public func merged(with other: LossPartial) throws(LossError) -> LossPartial {
    try Self.merged([self, other])
  }

  /// The partial result of the data of all.
  ///
  /// - Throws: `LossError` as `merged(with:)` does, and of code `empty_input` for an empty list.
  public static func merged(_ partials: [LossPartial]) throws(LossError) -> LossPartial {
    guard var merged = partials.first else {
      throw LossError(
        .emptyInput, subject: "partials", found: "are an empty list", expected: "at least one")
    }
    for (index, partial) in partials.enumerated() where index > 0 {
      try merged.refuseDifference(from: partial)
      do throws(LossError) {
        try merged.sums.add(partial.sums)
      } catch {
        throw error.named(merged.loss.name)
      }
    }
    merged.sources = partials.flatMap(\.sources)
    do throws(LossError) {
      try PartialSource.refuseDuplicates(merged.sources)
    } catch {
      throw error.named(merged.loss.name)
    }
    return merged
  }

  /// Checks that the sources cover all rows of the data that they name, and all shards.
  ///
  /// - Throws: `LossError` of code `invalid_value` that names what is missing.
  public func requireAllRows() throws(LossError) {
    do throws(LossError) {
      try PartialSource.refuseGaps(sources)
    } catch {
      throw error.named(loss.name)
    }
  }

  /// Checks that another partial result can be merged with this one.
  private func refuseDifference(from other: LossPartial) throws(LossError) {
    func identity(_ loss: ConfiguredLoss) -> ObjectIdentifier? {
      (loss.base as? ClosureLoss)?.identity
    }
    func refuse(_ what: String, _ found: String, _ expected: String) -> LossError {
      let name = other.sources.first.map { " (\($0))" } ?? ""
      return LossError(
        .invalidValue, loss: loss.name, subject: "partial\(name)", found: "has \(what) \(found)",
        expected: "\(expected), as the others")
    }
    guard loss.configuration == other.loss.configuration, identity(loss) == identity(other.loss)
    else {
      throw refuse(
        "the loss", other.loss.configuration.optionValue.json, loss.configuration.optionValue.json)
    }
    guard reduction == other.reduction else {
      throw refuse(
        "the reduction", other.reduction.optionValue.text, reduction.optionValue.text)
    }
    guard element == other.element else {
      throw refuse("the element type", other.element.rawValue, element.rawValue)
    }
    guard version == other.version else {
      throw refuse("the version", other.version, version)
    }
  }
}

extension ConfiguredLoss {
  /// The partial result of one shard of the data.
  ///
  /// - Parameters:
  ///   - inputs: the tensors of the shard, as for `evaluate`.
  ///   - reduction: the reduction of all data to one number; nil for that of this value.
  ///   - classAxis: the class axis; nil for that of this value.
  ///   - element: the element type of the computation; nil for the widest of the real inputs.
  ///   - threads: the maximum number of threads; the result does not depend on it.
  ///   - domainChecks: as for `evaluate`.
  ///   - source: what the shard is, so that data that are counted twice are refused.
  /// - Throws: `LossError` for invalid inputs or options, and for a loss that needs all samples at
  ///   once.
  public func partial(
    _ inputs: LossInputs, reduction: Reduction? = nil, classAxis: Int? = nil,
    in element: ElementType? = nil, threads: Int = 1, domainChecks: DomainChecks? = nil,
    source: PartialSource? = nil
  ) throws(LossError) -> LossPartial {
    try requirePartials()
    let collector = PartialCollector()
    _ = try evaluate(
      inputs, gradientsOf: [], secondDerivativesOf: [], reduction: reduction,
      classAxis: classAxis, upstream: nil, in: element, threads: threads,
      domainChecks: domainChecks, partial: collector)
    let resolved = collector.resolved ?? (.float64, defaultReduction, self)
    return LossPartial(
      resolved.loss, resolved.reduction, resolved.element == .float32 ? .float32 : .float64,
      version: libraryVersion, source.map { [$0] } ?? [], collector.collected)
  }

  /// The gradients of the value of all data with respect to the inputs of one shard, and that value.
  /// A gradient has the element type of its input where that is half precision, otherwise that of the
  /// computation.
  ///
  /// - Parameters:
  ///   - inputs: the tensors of the shard, as for `evaluate`.
  ///   - whole: the merged partial results of all shards.
  ///   - roles: the roles whose gradients are wanted; nil for the first input.
  ///   - classAxis: the class axis; nil for that of this value.
  ///   - upstream: the upstream gradient that gradients are multiplied by, one number; nil for 1.
  ///   - threads: the maximum number of threads; the result does not depend on it.
  ///   - domainChecks: as for `evaluate`.
  /// - Throws: `LossError` for invalid inputs or options, and for partial results of another loss.
  public func gradients(
    of inputs: LossInputs, given whole: LossPartial, with roles: [Role]? = nil,
    classAxis: Int? = nil, upstream: AnyTensor? = nil, threads: Int = 1,
    domainChecks: DomainChecks? = nil
  ) throws(LossError) -> LossResult {
    try unroundedGradients(
      of: inputs, given: whole, with: roles, classAxis: classAxis, upstream: upstream,
      threads: threads, domainChecks: domainChecks
    ).rounded(like: inputs)
  }

  /// The gradients in the element type of the computation.
  func unroundedGradients(
    of inputs: LossInputs, given whole: LossPartial, with roles: [Role]?, classAxis: Int?,
    upstream: AnyTensor?, threads: Int, domainChecks: DomainChecks?
  ) throws(LossError) -> LossResult {
    try requirePartials()
    guard base.name == whole.loss.base.name else {
      throw LossError(
        .invalidValue, loss: name, subject: "partial", found: "is of \(whole.loss.name)",
        expected: name)
    }
    let (given, own) = (whole.loss.base.options.values, base.options.values)
    guard given == own else {
      throw LossError(
        .invalidValue, loss: name, subject: "partial",
        found: "has the options \(OptionValue.object(given).text)",
        expected: OptionValue.object(own).text)
    }
    guard whole.version == libraryVersion else {
      throw LossError(
        .invalidValue, loss: name, subject: "partial", found: "has the version \(whole.version)",
        expected: libraryVersion)
    }
    return try evaluate(
      inputs, gradientsOf: roles ?? signature.inputs.prefix(1).map(\.role), secondDerivativesOf: [],
      reduction: whole.reduction, classAxis: classAxis, upstream: upstream, in: whole.element,
      threads: threads, domainChecks: domainChecks, partial: PartialCollector(given: whole.sums))
  }

  private func requirePartials() throws(LossError) {
    guard base.partialForm == nil else { return }
    let inputs = arguments.map(\.name).joined(separator: ", ")
    throw LossError(
      .invalidValue, loss: name, subject: "partial",
      found: "is of a loss that needs all samples at once",
      expected: "terms of one sample each, or sums over all",
      hint: inputs.isEmpty
        ? ""
        : "Gather \(inputs) of all shards, and evaluate them in one call; evaluate(over:) of a "
          + "ProcessGroup does both.")
  }
}

extension LossProtocol {
  /// The partial result of one shard of the data, as of `ConfiguredLoss`.
  ///
  /// - Throws: `LossError` for invalid inputs or options, and for a loss that needs all samples at
  ///   once.
  public func partial(
    _ inputs: LossInputs, reduction: Reduction? = nil, classAxis: Int? = nil,
    in element: ElementType? = nil, threads: Int = 1, domainChecks: DomainChecks? = nil,
    source: PartialSource? = nil
  ) throws(LossError) -> LossPartial {
    try ConfiguredLoss(self).partial(
      inputs, reduction: reduction, classAxis: classAxis, in: element, threads: threads,
      domainChecks: domainChecks, source: source)
  }

  /// The gradients of the value of all data with respect to the inputs of one shard, as of
  /// `ConfiguredLoss`.
  ///
  /// - Throws: `LossError` for invalid inputs or options, and for partial results of another loss.
  public func gradients(
    of inputs: LossInputs, given whole: LossPartial, with roles: [Role]? = nil,
    classAxis: Int? = nil, upstream: AnyTensor? = nil, threads: Int = 1,
    domainChecks: DomainChecks? = nil
  ) throws(LossError) -> LossResult {
    try ConfiguredLoss(self).gradients(
      of: inputs, given: whole, with: roles, classAxis: classAxis, upstream: upstream,
      threads: threads, domainChecks: domainChecks)
  }
}
