/// The processes that evaluate a loss together, each on its own part of the data or of the classes.
///
/// A program implements it with the collectives of its engine, such as `MPI_Allgatherv`, or
/// `all_gather_object` of PyTorch. All processes make the same calls in the same order.
public protocol ProcessGroup {
  /// The index of this process, from 0.
  var rank: Int { get }
  /// The number of processes.
  var count: Int { get }
  /// Sends bytes to every process, and returns those of all in the order of their ranks. Each
  /// process may send another number of bytes.
  ///
  /// - Throws: `LossError` if a process cannot be reached.
  func allGather(_ bytes: [UInt8]) throws(LossError) -> [[UInt8]]
}

extension ProcessGroup {
  /// Sends what a function returns to every process. If it throws on one, all processes throw, so that
  /// none waits for the others.
  package func exchange(
    _ make: () throws(LossError) -> [UInt8]
  ) throws(LossError) -> [[UInt8]] {
    let message: SealedMessage
    do throws(LossError) {
      message = SealedMessage(try make(), isError: false)
    } catch {
      message = SealedMessage(error.optionValue.cbor, isError: true)
    }
    let messages = try allGather(message.bytes)
    guard messages.count == count, messages.indices.contains(rank), messages[rank] == message.bytes
    else {
      throw LossError(
        .invalidValue, subject: "allGather",
        found: "returned \(messages.count) arrays on process \(rank)",
        expected: "\(count), one of each process in the order of the ranks")
    }
    var contents: [[UInt8]] = []
    for (rank, bytes) in messages.enumerated() {
      guard let message = SealedMessage(bytes: bytes) else {
        throw LossError(
          .invalidValue, subject: "allGather",
          found: "returned \(bytes.count) bytes of process \(rank) that are not what it sent",
          expected: "the bytes of each process as they are")
      }
      if message.isError {
        throw LossError(optionValue: OptionValue(cbor: message.content[...]), ofRank: rank)
      }
      contents.append(message.content)
    }
    return contents
  }

  /// The result of a function that sends nothing. If it throws on one process, all throw.
  package func agree<T>(_ body: () throws(LossError) -> T) throws(LossError) -> T {
    let result = Result { () throws(LossError) in try body() }
    _ = try exchange { () throws(LossError) in
      _ = try result.get()
      return []
    }
    return try result.get()
  }
}

/// A message with the hash of its content, so that no process takes bytes that were truncated or mixed
/// up on the way.
private struct SealedMessage {
  let isError: Bool
  let content: [UInt8]

  init(_ content: [UInt8], isError: Bool) {
    self.content = content
    self.isError = isError
  }

  /// Nil for bytes that no process has sent.
  init?(bytes: [UInt8]) {
    guard bytes.count >= Self.headerSize, bytes[0] <= 1 else { return nil }
    self.init(Array(bytes.dropFirst(Self.headerSize)), isError: bytes[0] == 1)
    guard header == Array(bytes.prefix(Self.headerSize)) else { return nil }
  }

  var bytes: [UInt8] { header + content }

  private static var headerSize: Int { 9 }

  private var header: [UInt8] {
    var hash = XXHash64()
    content.withUnsafeBytes { hash.add($0) }
    let kind: UInt8 = isError ? 1 : 0
    return withUnsafeBytes(of: (hash.value ^ UInt64(kind)).littleEndian) { [kind] + $0 }
  }
}

extension LossError {
  fileprivate var optionValue: OptionValue {
    .list([code.rawValue, loss, subject, found, expected, hint].map { .text($0) })
  }

  /// The error of another process.
  fileprivate init(optionValue: OptionValue?, ofRank rank: Int) {
    var texts: [String] = []
    if case .list(let values)? = optionValue { texts = values.map(\.text) }
    texts += Array(repeating: "", count: max(0, 6 - texts.count))
    self.init(
      Code(rawValue: texts[0]) ?? .invalidValue, loss: texts[1], subject: texts[2],
      found: texts[3], expected: texts[4],
      hint: texts[5] + (texts[5].isEmpty ? "" : " ")
        + "This is an error of process \(rank).")
  }
}

extension ConfiguredLoss {
  /// The value of the data of all processes, and gradients with respect to the shard of this one.
  ///
  /// Means divide by the terms, samples or weights of all processes; losses that are formulas of sums
  /// over all samples, such as `dice` with `per` all, add the sums of all. The results have the same
  /// bits for any split.
  ///
  /// A loss without a `partialForm` couples samples: its candidates are those of all processes, and
  /// every process receives them. `ntxent`, `supcon`, `multi_similarity`, `circle`, `clip` and
  /// `siglip` divide the work: each process compares its own samples with all, and sends the terms and,
  /// for gradients, their derivatives with respect to the similarities. Others are evaluated whole on
  /// each process. The results have the bits of one process, and gradients are complete: they have
  /// what the samples of other processes contribute, also those of inputs that all processes share.
  ///
  ///     let result = try loss.evaluate(shard, gradientsOf: [.prediction], over: group)
  ///
  /// - Parameters:
  ///   - shard: the tensors of this process, as for `evaluate`.
  ///   - roles: the inputs whose gradients are wanted. The gradient of an input that all processes
  ///     share, such as a class centre, is the sum of theirs, unless the loss couples samples.
  ///   - reduction: the reduction of all data to one number; nil for that of this value.
  ///   - classAxis: the class axis; nil for that of this value.
  ///   - upstream: the upstream gradient that gradients are multiplied by, one number; nil for 1.
  ///   - element: the element type of the computation; nil for the widest of the real inputs.
  ///   - threads: the maximum number of threads; the result does not depend on it.
  ///   - domainChecks: as for `evaluate`.
  ///   - group: the processes. Each sends a partial result of a few hundred bytes, or its inputs where
  ///     the loss couples samples.
  /// - Throws: `LossError` as `partial` does, on every process if it throws on one.
  public func evaluate(
    _ shard: LossInputs, gradientsOf roles: [Role] = [], reduction: Reduction? = nil,
    classAxis: Int? = nil, upstream: AnyTensor? = nil, in element: ElementType? = nil,
    threads: Int = 1, domainChecks: DomainChecks? = nil, over group: some ProcessGroup
  ) throws(LossError) -> LossResult {
    if base.partialForm == nil, type(of: base).kind == .loss {
      return try evaluate(
        shard, gradientsOf: roles, reduction: reduction, classAxis: classAxis, upstream: upstream,
        in: element, threads: threads, domainChecks: domainChecks, gathering: group)
    }
    let own = Result { () throws(LossError) in
      try partial(
        shard, reduction: reduction, classAxis: classAxis, in: element, threads: threads,
        domainChecks: domainChecks)
    }
    let messages = try group.exchange { () throws(LossError) in try own.get().bytes }
    let whole = try LossPartial.merged(
      messages.map { (message) throws(LossError) in
        try LossPartial(bytes: message, like: own.get())
      })
    guard !roles.isEmpty else {
      let value = try whole.value
      return LossResult(value: try AnyTensor(Tensor(value)).cast(to: whole.element))
    }
    let result = try group.agree { () throws(LossError) in
      try unroundedGradients(
        of: shard, given: whole, with: roles, classAxis: classAxis, upstream: upstream,
        threads: threads, domainChecks: domainChecks)
    }
    return element == nil ? result.rounded(like: shard) : result
  }
}

extension LossProtocol {
  /// The value of the data of all processes, and gradients with respect to the shard of this one, as
  /// of `ConfiguredLoss`.
  ///
  /// - Throws: `LossError` as `partial` does, on every process if it throws on one.
  public func evaluate(
    _ shard: LossInputs, gradientsOf roles: [Role] = [], reduction: Reduction? = nil,
    classAxis: Int? = nil, upstream: AnyTensor? = nil, in element: ElementType? = nil,
    threads: Int = 1, domainChecks: DomainChecks? = nil, over group: some ProcessGroup
  ) throws(LossError) -> LossResult {
    try ConfiguredLoss(self).evaluate(
      shard, gradientsOf: roles, reduction: reduction, classAxis: classAxis, upstream: upstream,
      in: element, threads: threads, domainChecks: domainChecks, over: group)
  }
}
