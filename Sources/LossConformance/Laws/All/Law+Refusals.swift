import LossCore

extension Law {
  /// Wrong inputs of every kind.
  static let wrongInputsAreRefused = Law(
    "wrong-inputs-are-refused",
    "Wrong roles, kinds, shapes, classes, weights and masks are refused, with code and subject.",
    distributions: [.ordinary], settings: [.batch]
  ) { (trial) throws(LossError) in
    LawVerdict(
      trial.failureMessageForRoles() ?? trial.failureMessageForShapes()
        ?? trial.failureMessageForClasses()
        ?? trial.failureMessageForWeights() ?? trial.failureMessageForOptions())
  }
}

extension PropertyTrial {
  /// A complaint unless these inputs are refused with this code, about this subject.
  func failureMessage(
    _ inputs: LossInputs, _ what: String, _ code: LossError.Code, subject: String?,
    _ reduction: Reduction = .sum, gradientsOf roles: [Role] = [], classAxis: Int? = nil,
    upstream: AnyTensor? = nil
  ) -> String? {
    do throws(LossError) {
      let result = try self.subject.loss.evaluate(
        inputs, gradientsOf: roles, reduction: reduction, classAxis: classAxis,
        upstream: upstream)
      return "\(what) is accepted, with the result \(result.value.doubles.prefix(4))"
    } catch {
      let wanted = subject.map { "\(code.rawValue) for \($0)" } ?? code.rawValue
      guard error.code == code, subject == nil || error.subject == subject else {
        return "\(what) is refused as \(error.code.rawValue) for \(error.subject);"
          + " expected \(wanted)"
      }
      return error.loss == self.subject.loss.name
        ? nil : "\(what) is refused in the name of \"\(error.loss)\""
    }
  }

  fileprivate func failureMessageForRoles() -> String? {
    for input in subject.signature.inputs where !input.isOptional {
      var less = inputs
      less[input.role] = nil
      if let found = failureMessage(
        less, "leaving out \(input.role)", .missingInput, subject: input.role.name)
      {
        return found
      }
    }
    var more = inputs
    more["nonsense"] = .float64(Tensor(1))
    if let found = failureMessage(more, "an unknown input", .unknownInput, subject: "nonsense") {
      return found
    }
    for input in subject.signature.inputs
    where !input.isDifferentiable && inputs[input.role] != nil {
      if let found = failureMessage(
        inputs, "the gradient of \(input.role)", .unknownInput, subject: input.role.name,
        gradientsOf: [input.role])
      {
        return found
      }
    }
    return failureMessage(
      inputs, "an upstream of two numbers for one", .shapeMismatch, subject: "upstream",
      upstream: .float64(Tensor([1.0, 2])))
  }

  /// Each input, given twice as long along each axis that another input fixes, and with an axis
  /// more.
  fileprivate func failureMessageForShapes() -> String? {
    var known: Set<LawAxis> = []
    for input in subject.signature.inputs {
      guard let tensor = inputs[input.role] else { continue }
      let axes = axes(of: input.role)
      for (place, axis) in axes.enumerated() {
        let isExact = if case .exactly = axis { true } else { false }
        guard isExact || known.contains(axis) else { continue }
        let extent = tensor.shape.extents[place]
        var wrong = inputs
        wrong[input.role] = tensor.picking(Array(0..<extent) + [0], along: place)
        if let found = failureMessage(
          wrong, "\(input.role) of shape \(wrong[input.role]?.shape ?? .scalar)", .shapeMismatch,
          subject: input.role.name)
        {
          return found
        }
      }
      if !known.isEmpty, let found = failureMessageForRank(input.role, tensor) { return found }
      known.formUnion(axes)
    }
    guard let first = subject.signature.inputs.first, let tensor = inputs[first.role],
      let name = subject.signature.classAxis
    else { return nil }
    let rank = tensor.shape.rank
    for axis in [rank, -rank - 1] {
      if let found = failureMessage(
        inputs, "class axis \(axis)", .invalidOption, subject: "class_axis", classAxis: axis)
      {
        return found
      }
    }
    var scalar = inputs
    scalar[first.role] = tensor.element == .int64 ? .int64(Tensor(0)) : .float64(Tensor(1))
    return failureMessage(
      scalar, "\(first.role) without a \(name) axis", .invalidRank, subject: first.role.name)
  }

  private func failureMessageForRank(_ role: Role, _ tensor: AnyTensor) -> String? {
    guard let shape = try? Shape([1] + tensor.shape.extents),
      let higher = try? tensor.reshaped(shape)
    else { return nil }
    var wrong = inputs
    wrong[role] = higher
    return failureMessage(wrong, "\(role) of shape \(shape)", .shapeMismatch, subject: role.name)
  }

  fileprivate func failureMessageForClasses() -> String? {
    for input in subject.signature.inputs {
      guard let tensor = inputs[input.role], case .int64(let integers) = tensor,
        let kind = form(input, tensor)?.kind, integers.count > 0
      else { continue }
      let code: LossError.Code
      let limit: Int
      switch kind {
      case .classIndex(let axis), .label(let axis):
        code = .invalidClass
        limit = extent(.named(axis)) ?? 0
      case .length(let axis):
        code = .invalidValue
        limit = (extent(.named(axis)) ?? 0) + 1
      // Any whole number is a group.
      case .real, .group: continue
      }
      for bad in [limit, -1, Int.max, Int.min]
      where !subject.isSpecial(bad) && bad != input.listEnd {
        var wrong = allCounted
        wrong[input.role] = .int64(integers.map { _ in bad })
        if let found = failureMessage(
          wrong, "\(input.role) of \(bad)", code, subject: input.role.name)
        {
          return found
        }
      }
      var wrong = inputs
      wrong[input.role] = .float64(integers.map(Double.init))
      if let found = failureMessage(
        wrong, "\(input.role) of real numbers", .invalidType, subject: input.role.name)
      {
        return found
      }
    }
    return nil
  }

  /// The inputs with every optional one left away, so that all labels count.
  private var allCounted: LossInputs {
    var all = inputs
    for input in subject.signature.inputs where input.isOptional { all[input.role] = nil }
    return all
  }

  fileprivate func failureMessageForWeights() -> String? {
    guard let shape = try? evaluate(.unreduced).value.shape else { return nil }
    let longer = Shape(trusted: [2] + shape.extents)
    for (role, tensor, what, code) in [
      (
        Role.weight, AnyTensor.float64(Tensor(repeating: -1, shape: shape)), "of -1",
        LossError.Code.invalidValue
      ),
      (.weight, .float64(Tensor(repeating: .nan, shape: shape)), "of NaN", .invalidValue),
      (
        .weight, .float64(Tensor(repeating: .infinity, shape: shape)), "of infinity",
        .invalidValue
      ),
      (
        .weight, .float64(Tensor(repeating: 1, shape: longer)), "of another rank",
        .shapeMismatch
      ),
      (.mask, .float64(Tensor(repeating: 1, shape: shape)), "of numbers", .invalidType),
      (
        .mask, .bool(Tensor(repeating: true, shape: Shape(trusted: [7, 1, 1, 1, 1, 7]))),
        "of another shape", .shapeMismatch
      ),
    ] {
      var wrong = inputs
      wrong[role] = tensor
      if let found = failureMessage(wrong, "a \(role) \(what)", code, subject: role.name) {
        return found
      }
    }
    return nil
  }

  fileprivate func failureMessageForOptions() -> String? {
    do throws(LossError) {
      _ = try subject.entry.make(["nonsense": 1], subject.registry)
      return "an unknown option is accepted"
    } catch {
      return error.code == .unknownOption && error.subject == "nonsense"
        ? nil : "an unknown option is refused as \(error.code.rawValue) for \(error.subject)"
    }
  }
}
