extension ConfiguredLoss {
  /// The value of the samples of all processes, and gradients with respect to those of this one, with
  /// the bits of one process. Every process receives the samples of all; a loss that divides the work
  /// asks for its `SampleShare`, others evaluate the whole batch on each process.
  package func evaluate(
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
    let processes = try Self.processes(messages)
    guard let first = processes.first else { return }
    let leading = signature.inputs.first?.role
    let areSamples = first.map { Self.hasSamples($0, signature) }
    for (process, parts) in processes.enumerated() {
      try Self.check(parts, of: process, like: first, areSamples)
    }
    // Those of the leading input, or of the first that has any.
    let counted =
      first.indices.first { areSamples[$0] && first[$0].role == leading }
      ?? areSamples.firstIndex(of: true)
    if let counted { samples = try Self.ranges(processes.map { $0[counted].extents[0] }) }
    for (index, part) in first.enumerated() {
      var (extents, bytes) = (part.extents, part.bytes)
      if areSamples[index], let counted {
        extents[0] = samples.last?.upperBound ?? 0
        bytes = []
        for (process, parts) in processes.enumerated() {
          bytes += try Self.bytes(
            of: parts[index], samples[process].count, like: parts[counted], process)
        }
        ownRows[part.role] = samples[rank]
      }
      guard let tensor = AnyTensor(shape: try Shape(extents), part.element, bytes) else {
        throw LossError.unreadableMessage(of: 0)
      }
      inputs[part.role] = tensor
    }
  }

  /// The inputs of each process, all of the same call.
  private static func processes(_ messages: [[UInt8]]) throws(LossError) -> [[Part]] {
    var processes: [[Part]] = []
    var first: OptionValue?
    for (process, message) in messages.enumerated() {
      let (call, parts) = try parts(message, of: process)
      guard call == first ?? call else {
        throw LossError(
          .invalidValue, subject: "process \(process)", found: "makes the call \(call.text)",
          expected: "\(first?.text ?? ""), as process 0")
      }
      first = call
      processes.append(parts)
    }
    return processes
  }

  /// Whether an input has samples along its first axis; all processes share the others.
  private static func hasSamples(_ part: Part, _ signature: LossSignature) -> Bool {
    guard !part.extents.isEmpty else { return false }
    guard let encodings = signature.input(part.role)?.encodings else { return true }
    let sampleAxis = signature.inputs.first?.encodings.first?.axes.axes.first
    return encodings.contains { $0.axes.axes.first == sampleAxis }
  }

  /// Checks that a process has the inputs of the first: for those with samples, but for their number.
  private static func check(
    _ parts: [Part], of process: Int, like first: [Part], _ areSamples: [Bool]
  ) throws(LossError) {
    guard parts.map(\.role) == first.map(\.role) else {
      let names = [parts, first].map { $0.map(\.role.name).joined(separator: ", ") }
      throw difference(process, "has the inputs \(names[0])", names[1])
    }
    for (index, (part, first)) in zip(parts, first).enumerated() {
      let hasSamples = areSamples[index] && !part.extents.isEmpty
      guard part.element == first.element,
        hasSamples
          ? part.extents.dropFirst() == first.extents.dropFirst() : part.extents == first.extents
      else {
        throw difference(
          process, "has \(part.role) of shape \(part.extents) and type \(part.element.rawValue)",
          "\(first.role) of shape \(first.extents)"
            + (areSamples[index] ? ", except for the number of samples," : "")
            + " and type \(first.element.rawValue)")
      }
      guard hasSamples || part.bytes == first.bytes else {
        throw difference(
          process, "has other numbers of \(part.role), which all processes share", "the same")
      }
    }
  }

  /// Numbers of samples as ranges, one after the other.
  private static func ranges(_ counts: [Int]) throws(LossError) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (process, count) in counts.enumerated() {
      let start = ranges.last?.upperBound ?? 0
      // An empty tensor may have any extent.
      let (end, overflows) = start.addingReportingOverflow(count)
      guard !overflows else { throw LossError.unreadableMessage(of: process) }
      ranges.append(start..<end)
    }
    return ranges
  }

  /// The bytes of the samples of a process: a weight or a mask may be constant over them.
  private static func bytes(
    of part: Part, _ samples: Int, like leading: Part, _ process: Int
  ) throws(LossError) -> [UInt8] {
    if part.extents[0] == samples { return part.bytes }
    guard part.extents[0] == 1, [.weight, .mask].contains(part.role),
      samples <= leading.bytes.count
    else {
      throw LossError(
        .shapeMismatch, subject: part.role.name,
        found: "of process \(process) has shape \(try Shape(part.extents))",
        expected: "\(samples) samples, those of \(leading.role.name)")
    }
    var bytes: [UInt8] = []
    for _ in 0..<samples { bytes += part.bytes }
    return bytes
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
