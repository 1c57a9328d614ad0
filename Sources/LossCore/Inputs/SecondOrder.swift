// The vector that a Hessian is multiplied by, and the refusal of second derivatives.

extension ValidatedInputs {
  /// The parts of the vector in the order of the signature, in the element of the computation; the
  /// memory lives as long as the inputs.
  ///
  /// - Throws: `LossError` for a part of another shape than its input, or without numbers.
  mutating func vectors() throws(LossError) -> UnsafeBufferPointer<UnsafePointer<S>?> {
    guard request.order == .hessianVectorProduct else {
      return UnsafeBufferPointer(start: nil, count: 0)
    }
    let parts = allocate(UnsafePointer<S>?.self, count: inputs.count)
    parts.initialize(repeating: nil, count: inputs.count)
    for view in request.vectors {
      guard let index = signature.inputs.firstIndex(where: { $0.role == view.role }),
        let input = inputs[index], input.isReal
      else {
        throw LossError(
          .unknownInput, subject: view.role.name,
          found: "has a vector, but holds no numbers that have a gradient",
          expected: "vectors for inputs with a gradient")
      }
      try view.checkStrides(isWeight: false)
      guard view.shape == input.shape else {
        throw LossError(
          .shapeMismatch, subject: view.role.name, found: "has a vector of shape \(view.shape)",
          expected: "\(input.shape), the shape of the input")
      }
      parts[index] = reals(view)
    }
    return UnsafeBufferPointer(start: parts, count: inputs.count)
  }
}

extension EvaluationRequest {
  /// Refuses a second derivative, or a product of the Hessian, of roles for which the loss has none.
  package func refuseSecondOrder(of loss: some LossProtocol) throws(LossError) {
    guard order == .hessianVectorProduct else {
      return try refuse(
        gradients.map(\.role), outside: loss.rolesWithSecondDerivative,
        "has no second derivative", of: loss)
    }
    let roles = loss.rolesWithHessianVectorProduct
    let hint = """
      The difference of the gradients at two points along the vector, divided by their distance, \
      approximates the product.
      """
    try refuse(
      gradients.map(\.role) + vectors.map(\.role), outside: roles,
      "has no product of the Hessian with a vector", hint: hint, of: loss)
    guard vectors.isEmpty else { return }
    throw LossError(
      .missingInput, loss: loss.name, subject: "vector", found: "is missing",
      expected: "a vector for one of " + roles.map(\.name).joined(separator: ", "))
  }

  private func refuse(
    _ requested: [Role], outside roles: [Role], _ found: String, hint: String = "",
    of loss: some LossProtocol
  ) throws(LossError) {
    guard let role = requested.first(where: { !roles.contains($0) }) else { return }
    let names = roles.map(\.name)
    throw LossError(
      .unknownInput, loss: loss.name, subject: role.name, found: found,
      expected: names.isEmpty ? "only values and gradients" : names.joined(separator: ", "),
      hint: names.isEmpty ? hint : "")
  }
}
