public import LossCore

extension DialectPreparation {
  /// Keras's weights, one for each number that its function gives: with the axis of a preceding mean
  /// left out, or of extent 1, and otherwise for the last axes, as in NumPy.
  public static let kerasWeight = DialectPreparation { shapes, _ in
    shapes.weight != nil
  } apply: { (call) throws(LossError) in
    guard let weight = call.inputs[.weight]?.shape, let rank = call.termRank else { return }
    if rank == 1, call.reduction.preceding != nil, weight.rank > 0, weight.count > 1,
      let leading = call.leading
    {
      throw LossError(
        .shapeMismatch, subject: Role.sampleWeight.name, found: "has shape \(weight)",
        expected: "one number: the mean of one axis is one number",
        hint:
          "Give y_true and y_pred a last axis of extent 1: \(Shape(trusted: leading.extents + [1]))."
      )
    }
    guard weight.rank != rank || call.reduction.preceding == nil else { return }
    var extents = weight.extents
    let averaged = (call.reduction.preceding?.axes ?? []).map { $0 < 0 ? $0 + rank : $0 }.sorted()
    if averaged.isEmpty, extents.count == rank + 1, extents.last == 1 { extents.removeLast() }
    // Keras adds the last axis of extent 1 that the weight lacks, or removes that of the losses.
    let losses = (call.termShape?.extents ?? []).enumerated()
      .filter { !averaged.contains($0.offset) }.map(\.element)
    if losses.last == 1, losses.count == extents.count + 1, !extents.isEmpty { extents.append(1) }
    let missing = rank - averaged.count - extents.count
    guard missing >= 0 else { return }
    extents = Array(repeating: 1, count: missing) + extents
    for axis in averaged where extents.indices.contains(axis) || axis == extents.count {
      extents.insert(1, at: axis)
    }
    guard let terms = call.termShape,
      zip(extents, terms.extents).allSatisfy({ $0 == $1 || $0 == 1 })
    else { return }
    try call.reshape(.weight, to: Shape(extents))
  }

  /// Keras's targets: class indices with a last axis of extent 1 or as floating-point numbers, and a
  /// last axis of extent 1 that only one of the tensors has: the other gets it if it has one axis,
  /// otherwise it is removed.
  public static let kerasTarget = DialectPreparation { shapes, signature in
    signature.hasIndicesOnly
      ? shapes.second.element != .int64 || shapes.second.shape.rank == shapes.first.shape.rank
      : shapes.second.shape != shapes.first.shape
  } apply: { (call) throws(LossError) in
    guard let target = call.inputs[.target], let leading = call.leading else { return }
    guard call.signature.hasIndicesOnly else {
      if call.signature.secondIsGroups {
        if target.shape.extents == leading.extents.dropLast() + [1] {
          try call.reshape(.target, to: target.shape.removing(axis: -1))
        }
        return call.readIndices(.target)
      }
      return try call.alignRanks(target.shape, leading)
    }
    if target.shape.rank == leading.rank, target.shape.extents.last == 1 {
      try call.reshape(.target, to: target.shape.removing(axis: -1))
    }
    call.readIndices(.target)
  }

  /// A target without the class axis of a prediction with one class, which is a mask of 0 and 1.
  public static let maskOfOneClass = DialectPreparation { shapes, _ in
    shapes.second.shape.rank + 1 == shapes.first.shape.rank
  } apply: { (call) throws(LossError) in
    guard let target = call.inputs[.target], let leading = call.leading,
      let axis = leading.position(ofAxis: call.classAxis ?? -1), leading.extents[axis] == 1,
      target.shape == leading.removing(axis: axis)
    else { return }
    try call.reshape(.target, to: leading)
  }

  /// No weight of samples for a mean that would divide by it and not by the class weights.
  public static let unweightedMean = DialectPreparation { shapes, _ in
    shapes.weight != nil
  } apply: { (call) throws(LossError) in
    guard call.inputs[.weight] != nil else { return }
    throw LossError(
      .invalidOption, subject: "reduction",
      found: "is mean_with_sample_weight beside sample_weight and alpha for each class",
      expected: "mean", hint: "Divide sample_weight by its mean and set reduction to mean.")
  }

  /// Class indices with a class axis of extent 1, as for one-hot conversion in MONAI.
  public static let indexChannel = DialectPreparation { shapes, _ in
    shapes.second.shape.rank == shapes.first.shape.rank
      && shapes.second.shape != shapes.first.shape
  } apply: { (call) throws(LossError) in
    guard let target = call.inputs[.target], let leading = call.leading,
      call.signature.classAxis != nil,
      let axis = leading.position(ofAxis: call.classAxis ?? -1), target.shape.rank == leading.rank,
      target.shape.extents[axis] == 1, leading.extents[axis] > 1
    else { return }
    try call.reshape(.target, to: target.shape.removing(axis: axis))
    call.readIndices(.target)
  }

  /// No class indices for an elementwise loss, whose framework makes them one-hot.
  public static let oneHotTarget = DialectPreparation { shapes, _ in
    shapes.second.shape != shapes.first.shape
  } apply: { (call) throws(LossError) in
    guard let target = call.inputs[.target]?.shape, let leading = call.leading,
      let axis = leading.position(ofAxis: call.classAxis ?? -1), target.rank == leading.rank,
      target.extents[axis] == 1, leading.extents[axis] > 1
    else { return }
    throw LossError(
      .shapeMismatch, subject: Role.target.name, found: "has shape \(target)",
      expected: "\(leading), the shape of input",
      hint: "Convert class indices to one-hot before the call.")
  }

  /// A mask of whole floating-point numbers, 0 and 1.
  public static let wholeMask = DialectPreparation { _, _ in
    true
  } apply: { call in
    call.readIndices(.mask)
  }

  /// A mask of elements, `where`, in the shape of the leading input, up to which it is repeated as in
  /// NumPy.
  ///
  /// - Parameter isOfRows: whether a mask with one axis less lacks the class axis, not the first one.
  static func alignedMask(isOfRows: Bool) -> DialectPreparation {
    DialectPreparation { _, _ in
      false
    } apply: { (call) throws(LossError) in
      guard let mask = call.inputs[.elements], let leading = call.leading else { return }
      guard case .bool = mask else {
        throw LossError(
          .invalidType, subject: "where", found: "has type \(mask.element.rawValue)",
          expected: "type bool: true keeps an element, false removes it")
      }
      var extents = mask.shape.extents
      if isOfRows, extents.count == leading.rank - 1,
        let axis = leading.position(ofAxis: call.classAxis ?? -1)
      {
        extents.insert(1, at: axis)
      }
      let missing = max(0, leading.rank - extents.count)
      extents = Array(repeating: 1, count: missing) + extents
      try call.reshape(.elements, to: Shape(extents))
      try call.expand(.elements, to: leading)
    }
  }

  /// Gives masked elements numbers that add nothing to their row; removes rows of which nothing
  /// remains, unless the numbers serve there, too.
  static func masking(
    _ fills: KeyValuePairs<Role, Double>, keepsEmptyRows: Bool
  ) -> DialectPreparation {
    let fills = fills.map { (role: $0.key, number: $0.value) }
    return DialectPreparation(followsJoin: true) { _, _ in
      false
    } apply: { (call) throws(LossError) in
      guard let mask = call.inputs[.elements], let leading = call.leading,
        mask.shape == leading, let axis = leading.position(ofAxis: call.classAxis ?? -1)
      else { return }
      call.inputs[.elements] = nil
      let flags = mask.doubles.map { $0 == 0 }
      for fill in fills where call.inputs[fill.role]?.shape == leading {
        call.fill(fill.role, where: flags, with: fill.number)
      }
      guard !keepsEmptyRows else { return }
      let inner = leading.extents[(axis + 1)...].reduce(1, *)
      let width = leading.extents[axis]
      let rows = leading.removing(axis: axis)
      let keeps = (0..<rows.count).map { row in
        let first = row / inner * width * inner + row % inner
        return (0..<width).contains { !flags[first + $0 * inner] }
      }
      if keeps.contains(false) {
        call.inputs[.mask] = .bool(try Tensor(shape: rows, scalars: keeps))
      }
    }
  }

  /// A target of zeros where none is given.
  public static let zeroTarget = DialectPreparation { _, _ in
    false
  } apply: { (call) in
    guard call.inputs[.target] == nil, let prediction = call.inputs[.prediction] else { return }
    call.inputs[.target] = prediction
    call.fill(.target, where: Array(repeating: true, count: prediction.shape.count), with: 0)
  }

  /// One variance for all numbers, for a row, or with one axis of extent 1.
  public static func variance(_ role: Role) -> DialectPreparation {
    DialectPreparation { shapes, _ in
      shapes.others[role].map { $0 != shapes.first.shape } ?? false
    } apply: { (call) throws(LossError) in
      guard let shape = call.inputs[role]?.shape, let leading = call.leading, shape != leading
      else { return }
      if shape.rank == 0 {
        let ones = Array(repeating: 1, count: leading.rank)
        try call.reshape(role, to: Shape(ones))
      } else if shape.extents == Array(leading.extents.dropLast()) {
        try call.reshape(role, to: Shape(shape.extents + [1]))
      }
      guard let aligned = call.inputs[role]?.shape, aligned.rank == leading.rank else { return }
      try call.expand(role, to: leading)
    }
  }
}

extension Role {
  /// Optax's `where`: the elements that count.
  public static let elements: Role = "where"
}

extension LossSignature {
  /// Whether the second input holds class indices and nothing else.
  public var hasIndicesOnly: Bool {
    guard inputs.count > 1 else { return false }
    return inputs[1].encodings.allSatisfy {
      if case .classIndex = $0.kind { true } else { false }
    }
  }
}

extension LossSignature {
  /// Whether the second input holds the groups of the elements of the first.
  var secondIsGroups: Bool {
    inputs.count > 1 && inputs[1].encodings.allSatisfy { $0.kind == .group }
  }
}

extension DialectCall {
  /// Gives prediction and target the same rank, as Keras does before its mean over the last axis.
  fileprivate mutating func alignRanks(_ target: Shape, _ leading: Shape) throws(LossError) {
    if target.extents == leading.extents + [1] {
      if leading.rank > 1 { return try reshape(.target, to: leading) }
      try reshape(.prediction, to: target)
    } else if target.extents + [1] == leading.extents {
      if target.rank > 1 { return try reshape(.prediction, to: target) }
      try reshape(.target, to: leading)
    }
  }

  /// Converts whole floating-point numbers to class indices; leaves any others.
  mutating func readIndices(_ role: Role) {
    guard let tensor = inputs[role], tensor.element == .float32 || tensor.element == .float64
    else { return }
    let indices = tensor.doubles.compactMap { Int(exactly: $0) }
    guard indices.count == tensor.shape.count,
      let converted = try? Tensor(shape: tensor.shape, scalars: indices)
    else { return }
    inputs[role] = .int64(converted)
  }
}
