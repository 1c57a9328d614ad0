import LossCore

/// What the processes of a vocabulary-parallel loss have sent, each with some classes of every row.
struct GatheredClassShards {
  /// The numbers of each process, in the order of the classes.
  var readers: [MessageReader]
  /// The classes of each.
  let ranges: [Range<Int>]
  var classCount: Int { ranges.last?.upperBound ?? 0 }

  /// Reads the descriptions of the processes, and checks that their shards fit.
  init(_ messages: [[UInt8]], _ form: MessageForm, rows: Int) throws(LossError) {
    var shards: [(classes: Range<Int>, reader: MessageReader)] = []
    var first: [String: OptionValue] = [:]
    for (process, message) in messages.enumerated() {
      var reader = MessageReader(message)
      guard case .object(var description)? = reader.description(),
        case .list(let bounds)? = description.removeValue(forKey: "classes"), bounds.count == 2,
        let low = Int(optionValue: bounds[0]), let high = Int(optionValue: bounds[1]), low < high
      else { throw LossError.unreadableMessage(of: process) }
      if process == 0 { first = description }
      for key in Set(first.keys).union(description.keys).sorted()
      where description[key] != first[key] {
        throw LossError(
          .invalidValue, subject: "process \(process)",
          found: "has the \(key) \(description[key]?.text ?? "(none)")",
          expected: "\(first[key]?.text ?? "none"), as process 0")
      }
      shards.append((low..<high, reader))
    }
    for (process, shard) in shards.enumerated() where shard.reader.remaining != form.size * rows {
      throw LossError.unreadableMessage(of: process)
    }
    shards.sort { $0.classes.lowerBound < $1.classes.lowerBound }
    ranges = shards.map(\.classes)
    readers = shards.map(\.reader)
    for (one, next) in zip([0..<0] + ranges, ranges) where one.upperBound != next.lowerBound {
      throw LossError(
        .invalidValue, subject: "classes",
        found: "of the processes are \(ranges.map { "\($0)" }.joined(separator: ", "))",
        expected: "each class from 0 once")
    }
  }
}

extension GatheredClassShards {
  /// The numbers of messages without a description of the shard.
  static func readers(
    _ messages: [[UInt8]], _ form: MessageForm, rows: Int
  ) throws(LossError) -> [MessageReader] {
    var readers: [MessageReader] = []
    for (process, message) in messages.enumerated() {
      var reader = MessageReader(message)
      guard reader.description() != nil, reader.remaining == form.size * rows else {
        throw LossError.unreadableMessage(of: process)
      }
      readers.append(reader)
    }
    return readers
  }

  /// Checks that a process has classes.
  static func check(_ classes: Range<Int>) throws(LossError) {
    guard !classes.isEmpty, classes.lowerBound >= 0 else {
      throw LossError(
        .invalidValue, subject: "classes", found: "are \(classes)",
        expected: "at least one class on every process")
    }
  }

  /// Checks that a process has classes, and that an input has them along its class axis.
  static func check(
    _ classes: Range<Int>, of role: Role, in inputs: LossInputs, classAxis: Int?
  ) throws(LossError) {
    try check(classes)
    guard let shape = inputs[role]?.shape, shape.rank > 0 else { return }
    let axis = classAxis ?? -1
    let index = axis < 0 ? axis + shape.rank : axis
    guard shape.extents.indices.contains(index), shape.extents[index] != classes.count else {
      return
    }
    throw LossError(
      .shapeMismatch, subject: role.name, found: "has shape \(shape)",
      expected: "the extent \(classes.count) of the class axis, the classes \(classes)")
  }

  /// The classes of a process, and what has to be the same in all.
  static func description(
    of inputs: LossInputs, _ classes: Range<Int>, sharing roles: [Role], _ terms: AnyTensor,
    _ options: [String: OptionValue], _ reduction: Reduction, target: String
  ) -> OptionValue {
    var description: [String: OptionValue] = [
      "classes": [.number(Double(classes.lowerBound)), .number(Double(classes.upperBound))],
      "rows": .text("\(terms.shape)"), "element type": .text(terms.element.rawValue),
      "options": .object(options), "reduction": reduction.optionValue, "target": .text(target),
    ]
    for role in roles {
      var hash = XXHash64()
      guard let tensor = inputs[role] else { continue }
      if tensor.element.isReal {
        tensor.withBytes { hash.add($0) }
      } else {
        tensor.doubles.withUnsafeBytes { hash.add($0) }
      }
      description["numbers of \(role)"] = .text("\(tensor.shape) \(hash.text)")
    }
    return .object(description)
  }
}
