import LossCore

extension Law {
  /// Invalid inputs of every kind.
  static let wrongInputsAreRefused = Law(
    "wrong-inputs-are-refused",
    "Invalid roles, types, shapes, classes, weights and masks are rejected, with code and subject.",
    distributions: [.ordinary], shapes: [.batch]
  ) { (trial) throws(LossError) in
    LawVerdict(
      trial.failureMessageForRoles() ?? trial.failureMessageForShapes()
        ?? trial.failureMessageForClasses()
        ?? trial.failureMessageForWeights() ?? trial.failureMessageForOptions())
  }
}

extension PropertyTrial {
  /// A failure message unless these inputs are rejected with this code and subject.
  func failureMessage(
    _ inputs: LossInputs, _ label: String, _ code: LossError.Code, subject: String?,
    _ reduction: Reduction = .sum, gradientsOf roles: [Role] = [], classAxis: Int? = nil,
    upstream: AnyTensor? = nil
  ) -> String? {
    do throws(LossError) {
      let result = try self.subject.loss.evaluate(
        inputs, gradientsOf: roles, reduction: reduction, classAxis: classAxis,
        upstream: upstream)
      return "\(label) is accepted, with the result \(result.value.doubles.prefix(4))"
    } catch {
      let expected = subject.map { "\(code.rawValue) for \($0)" } ?? code.rawValue
      guard error.code == code, subject == nil || error.subject == subject else {
        return "\(label) is rejected with \(error.code.rawValue) for \(error.subject);"
          + " expected \(expected)"
      }
      return error.loss == self.subject.loss.name
        ? nil : "\(label) is rejected in the name of \"\(error.loss)\""
    }
  }

  fileprivate func failureMessageForRoles() -> String? {
    for input in subject.signature.inputs where !input.isOptional {
      var incomplete = inputs
      incomplete[input.role] = nil
      if let found = failureMessage(
        incomplete, "a missing \(input.role)", .missingInput, subject: input.role.name)
      {
        return found
      }
    }
    var extended = inputs
    extended["nonsense"] = .float64(Tensor(1))
    if let found = failureMessage(extended, "an unknown input", .unknownInput, subject: "nonsense")
    {
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
      inputs, "an upstream of two numbers for a scalar result", .shapeMismatch, subject: "upstream",
      upstream: .float64(Tensor([1.0, 2])))
  }

  /// Each input with one extra index along each axis that is shared with another input or fixed, and
  /// with an extra axis.
  fileprivate func failureMessageForShapes() -> String? {
    var known: Set<LawAxis> = []
    for input in subject.signature.inputs {
      guard let tensor = inputs[input.role] else { continue }
      let axes = axes(of: input.role)
      for (index, axis) in axes.enumerated() {
        let isExact = if case .exactly = axis { true } else { false }
        guard isExact || known.contains(axis) else { continue }
        let extent = tensor.shape.extents[index]
        var invalid = inputs
        invalid[input.role] = tensor.selecting(Array(0..<extent) + [0], along: index)
        if let found = failureMessage(
          invalid, "\(input.role) of shape \(invalid[input.role]?.shape ?? .scalar)",
          .shapeMismatch,
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
    var invalid = inputs
    invalid[role] = higher
    return failureMessage(invalid, "\(role) of shape \(shape)", .shapeMismatch, subject: role.name)
  }

  fileprivate func failureMessageForClasses() -> String? {
    for input in subject.signature.inputs {
      guard let tensor = inputs[input.role], case .int64(let integers) = tensor,
        let kind = encoding(input, tensor)?.kind, integers.count > 0
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
      // Any integer is a valid group.
      case .real, .group: continue
      }
      for number in [limit, -1, Int.max, Int.min]
      where !subject.isSpecial(number) && number != input.listEnd {
        var invalid = requiredInputs
        invalid[input.role] = .int64(integers.map { _ in number })
        if let found = failureMessage(
          invalid, "\(input.role) of \(number)", code, subject: input.role.name)
        {
          return found
        }
      }
      var invalid = inputs
      invalid[input.role] = .float64(integers.map(Double.init))
      if let found = failureMessage(
        invalid, "\(input.role) of real numbers", .invalidType, subject: input.role.name)
      {
        return found
      }
    }
    return nil
  }

  /// The inputs without the optional ones, such as lengths, so that every label is read.
  private var requiredInputs: LossInputs {
    var required = inputs
    for input in subject.signature.inputs where input.isOptional { required[input.role] = nil }
    return required
  }

  fileprivate func failureMessageForWeights() -> String? {
    guard let shape = try? evaluate(.unreduced).value.shape else { return nil }
    let longer = Shape(trusted: [2] + shape.extents)
    for (role, tensor, label, code) in [
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
      var invalid = inputs
      invalid[role] = tensor
      if let found = failureMessage(invalid, "a \(role) \(label)", code, subject: role.name) {
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
        ? nil : "an unknown option is rejected with \(error.code.rawValue) for \(error.subject)"
    }
  }
}
