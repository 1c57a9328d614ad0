extension ConfiguredLoss {
  /// The value of the samples of all processes, and gradients with respect to those of this one: for
  /// losses that couple samples, whose candidates are those of all processes.
  ///
  /// Every process receives the samples of all. `ntxent`, `supcon`, `multi_similarity`, `circle`, `clip` and
  /// `siglip` divide the work: each process compares its own samples with all, and sends the terms and, for
  /// gradients, their derivatives with respect to the similarities. Other losses evaluate the whole
  /// batch on each process.
  ///
  /// Every process has the same value, with the bits of one process. A gradient is complete: it also has
  /// what the samples of other processes contribute, so that it needs no sum over the processes.
  ///
  /// - Parameters:
  ///   - shard: the samples of this process, along the first axis of each input.
  ///   - roles: the inputs whose gradients are wanted.
  ///   - reduction: nil for that of this value.
  ///   - classAxis: the class axis; nil for that of this value.
  ///   - upstream: the upstream gradient that gradients are multiplied by, one number; nil for 1.
  ///   - element: the element type of the computation; nil for the widest of the real inputs.
  ///   - threads: the maximum number of threads; the result does not depend on it.
  ///   - domainChecks: as for `evaluate`.
  ///   - group: the processes. Each sends its inputs.
  /// - Throws: `LossError` as `evaluate` does, and for processes whose inputs differ in more than the
  ///   number of samples; on every process if it throws on one.
  public func evaluate(
    _ shard: LossInputs, gradientsOf roles: [Role] = [], reduction: Reduction? = nil,
    classAxis: Int? = nil, upstream: AnyTensor? = nil, in element: ElementType? = nil,
    threads: Int = 1, domainChecks: DomainChecks? = nil, gathering group: some ProcessGroup
  ) throws(LossError) -> LossResult {
    do throws(LossError) {
      let messages = try group.exchange { () throws(LossError) in
        // What the processes exchange later depends on the call.
        let call: OptionValue = [
          "loss": .text(name), "options": .object(base.options.values),
          "reduction": (reduction ?? self.reduction)?.optionValue ?? .null,
          "gradients": .list(roles.map { .text($0.name) }),
          "element": element.map { .text($0.rawValue) } ?? .null,
        ]
        var description = [call]
        for (role, tensor) in shard.tensors {
          let extents = tensor.shape.extents.map { OptionValue.number(Double($0)) }
          description.append(
            [.text(role.name), .text(tensor.element.rawValue), .list(extents)])
        }
        var message = MessageWriter(.list(description))
        for (_, tensor) in shard.tensors { message.add(tensor) }
        return message.bytes
      }
      let gathered = try GatheredInputs(messages, rank: group.rank, of: signature)
      let share = SampleShare(gathered.samples, over: group)
      var result: LossResult
      do throws(LossError) {
        result = try evaluate(
          gathered.inputs, gradientsOf: roles, secondDerivativesOf: [], reduction: reduction,
          classAxis: classAxis, upstream: upstream, in: element, threads: threads,
          domainChecks: domainChecks, partial: PartialCollector(share))
      } catch {
        // The others wait for this process.
        if !share.hasExchanged { _ = try group.exchange { () throws(LossError) in throw error } }
        throw error
      }
      if !share.hasExchanged { _ = try group.exchange { [] } }
      for (role, gradient) in result.gradients {
        if let range = gathered.ownRows[role] { result.gradients[role] = gradient.rows(range) }
      }
      return result
    } catch {
      throw error.named(name)
    }
  }
}

extension LossProtocol {
  /// The value of the samples of all processes, and gradients with respect to those of this one, as of
  /// `ConfiguredLoss`.
  ///
  /// - Throws: `LossError` as `evaluate` does, on every process if it throws on one.
  public func evaluate(
    _ shard: LossInputs, gradientsOf roles: [Role] = [], reduction: Reduction? = nil,
    classAxis: Int? = nil, upstream: AnyTensor? = nil, in element: ElementType? = nil,
    threads: Int = 1, domainChecks: DomainChecks? = nil, gathering group: some ProcessGroup
  ) throws(LossError) -> LossResult {
    try ConfiguredLoss(self).evaluate(
      shard, gradientsOf: roles, reduction: reduction, classAxis: classAxis, upstream: upstream,
      in: element, threads: threads, domainChecks: domainChecks, gathering: group)
  }
}

/// The inputs of all processes, one after the other in the order of the ranks.
private struct GatheredInputs {
  var inputs = LossInputs()
  /// The rows of this process, of the inputs that have samples.
  var ownRows: [Role: Range<Int>] = [:]
  /// The samples of each process.
  var samples: [Range<Int>] = []

  /// One input of one process.
  private struct Part: Equatable {
    let role: Role
    let element: ElementType
    let extents: [Int]
    let bytes: [UInt8]
  }

  init(_ messages: [[UInt8]], rank: Int, of signature: LossSignature) throws(LossError) {
    var processes: [[Part]] = []
    var call: OptionValue?
    for (process, message) in messages.enumerated() {
      let (otherCall, parts) = try Self.parts(message, of: process)
      let first = call ?? otherCall
      guard otherCall == first else {
        throw LossError(
          .invalidValue, subject: "process \(process)", found: "makes the call \(otherCall.text)",
          expected: "\(first.text), as process 0")
      }
      call = first
      processes.append(parts)
    }
    let sampleAxis = signature.inputs.first?.encodings.first?.axes.axes.first
    let leading = signature.inputs.first?.role
    let leadingParts = processes.map { parts in parts.first { $0.role == leading } }
    for (index, first) in (processes.first ?? []).enumerated() {
      let specified = signature.input(first.role)?.encodings
      let isShared =
        first.extents.isEmpty
        || specified.map { forms in !forms.contains { $0.axes.axes.first == sampleAxis } } ?? false
      var (bytes, count): ([UInt8], Int) = (isShared ? first.bytes : [], 0)
      var rows: [Range<Int>] = []
      for (process, parts) in processes.enumerated() {
        guard parts.count == processes[0].count else {
          let names = [parts, processes[0]].map { $0.map(\.role.name).joined(separator: ", ") }
          throw Self.difference(process, "has the inputs \(names[0])", names[1])
        }
        let part = parts[index]
        guard !isShared || part == first || part.extents != first.extents else {
          throw Self.difference(
            process, "has other numbers of \(part.role), which all processes share", "the same")
        }
        guard part.role == first.role, part.element == first.element,
          part.extents.dropFirst() == first.extents.dropFirst(),
          part.extents.isEmpty == first.extents.isEmpty, !isShared || part == first
        else {
          throw Self.difference(
            process,
            "has \(part.role) of shape \(part.extents) and type \(part.element.rawValue)",
            "\(first.role) of shape \(first.extents), except for the number of samples, and type"
              + " \(first.element.rawValue)\(isShared ? ", with the same numbers" : "")")
        }
        guard !isShared else { continue }
        // A weight or a mask may be constant over the samples of a process.
        let samples = leadingParts[process]?.extents.first ?? part.extents[0]
        let isConstant =
          part.extents[0] == 1 && [.weight, .mask].contains(part.role)
          && samples <= leadingParts[process]?.bytes.count ?? 0
        guard part.extents[0] == samples || isConstant else {
          throw LossError(
            .shapeMismatch, subject: part.role.name,
            found: "of process \(process) has shape \(try Shape(part.extents))",
            expected: "\(samples) samples, those of \(leading?.name ?? "the first input")")
        }
        // An empty tensor may have any extent.
        let (end, overflows) = count.addingReportingOverflow(samples)
        guard !overflows else { throw LossError.unreadableMessage(of: process) }
        rows.append(count..<end)
        count = end
        for _ in 0..<(isConstant ? samples : 1) { bytes += part.bytes }
      }
      if !isShared {
        ownRows[first.role] = rows[rank]
        if samples.isEmpty || first.role == leading { samples = rows }
      }
      let extents = isShared ? first.extents : [count] + first.extents.dropFirst()
      guard let tensor = AnyTensor(shape: try Shape(extents), first.element, bytes) else {
        throw LossError.unreadableMessage(of: 0)
      }
      inputs[first.role] = tensor
    }
  }

  private static func difference(
    _ process: Int, _ found: String, _ expected: String
  ) -> LossError {
    LossError(
      .shapeMismatch, subject: "process \(process)", found: found,
      expected: expected + ", as process 0")
  }

  private static func parts(
    _ message: [UInt8], of process: Int
  ) throws(LossError) -> (call: OptionValue, parts: [Part]) {
    var reader = MessageReader(message)
    guard case .list(let descriptions)? = reader.description(), let call = descriptions.first
    else { throw LossError.unreadableMessage(of: process) }
    var parts: [Part] = []
    for description in descriptions.dropFirst() {
      guard case .list(let fields) = description, fields.count == 3,
        case .text(let role) = fields[0], case .text(let name) = fields[1],
        let element = ElementType(rawValue: name), case .list(let numbers) = fields[2]
      else { throw LossError.unreadableMessage(of: process) }
      let extents = numbers.compactMap { Int(optionValue: $0) }
      let (size, overflows) = try Shape(extents).count
        .multipliedReportingOverflow(by: element.size)
      guard !overflows, let bytes = reader.bytes(size) else {
        throw LossError.unreadableMessage(of: process)
      }
      parts.append(
        Part(role: Role(role), element: element, extents: extents, bytes: Array(bytes)))
    }
    return (call, parts)
  }
}
