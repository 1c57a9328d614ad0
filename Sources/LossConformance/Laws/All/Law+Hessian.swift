import LossCore

extension Law {
  /// Compares products of the Hessian with central differences of the gradient along the vector.
  static let hessianVectorIsDerivative = Law(
    "hessian-vector-is-derivative",
    "The product of the Hessian with a vector agrees with central differences of the gradient along"
      + " the vector, except at its kinks.",
    distributions: [.ordinary], shapes: [.batch]
  ) { (trial) throws(LossError) in
    let roles = trial.twiceDifferentiable
    guard !roles.isEmpty else { return .notApplicable }
    let weighted = try trial.withWeights()
    for part in [[roles[0]], roles] {
      let vector = weighted.vector(for: part)
      let found = try weighted.products(vector, of: roles)
      func gradients(_ step: Double) throws(LossError) -> [Role: [Double]] {
        var moved = weighted.inputs
        for (role, numbers) in vector {
          let sum = zip(weighted.numbers(role), numbers).map { $0 + step * $1 }
          moved[role] = weighted.replacing(role, with: sum)[role]
        }
        return try weighted.evaluate(.mean, moved, gradientsOf: roles, upstream: [1.5]).derivatives
      }
      let h = 1e-3
      let samples = try [h, -h, h / 2, -h / 2].map(gradients)
      for role in roles {
        guard let found = found[role], found.count == weighted.numbers(role).count else {
          return .failed("the product for \(role) has \(found[role]?.count ?? 0) numbers")
        }
        let largest = found.map(\.magnitude).max() ?? 0
        for index in found.indices {
          let at = samples.map { $0[role]?[index] ?? .nan }
          let central = CentralDifference(
            wide: (at[0] - at[1]) / (2 * h), narrow: (at[2] - at[3]) / h)
          // If the quotients of the two steps disagree, the gradient has a kink here.
          let scale = max(central.narrow.magnitude, largest / 1000, 1e-9)
          guard central.disagreement <= 1e-3 * max(scale, largest) else { continue }
          if (found[index] - central.derivative).magnitude <= 1e-6 * scale { continue }
          return .failed(
            "the product for \(role) is \(found[index]) at \(index), of a vector for \(part);"
              + " central differences of the gradient give \(central.derivative)")
        }
      }
    }
    return .holds
  }

  /// Products of the Hessian are symmetric and linear in the vector.
  static let hessianIsSymmetric = Law(
    "hessian-is-symmetric",
    "With the Hessian H, u · H v is v · H u, and H (2 u - 3 v) is 2 H u - 3 H v.",
    distributions: [.ordinary], shapes: [.batch, .plane]
  ) { (trial) throws(LossError) in
    let roles = trial.twiceDifferentiable
    guard !roles.isEmpty else { return .notApplicable }
    let (u, v) = (trial.vector(for: roles), trial.vector(for: roles, seed: 1))
    let (ofU, ofV) = (try trial.products(u, of: roles), try trial.products(v, of: roles))
    var (left, right, scale) = (0.0, 0.0, 0.0)
    for role in roles {
      for (a, b) in zip(u[role] ?? [], ofV[role] ?? []) {
        left += a * b
        scale += (a * b).magnitude
      }
      for (a, b) in zip(v[role] ?? [], ofU[role] ?? []) {
        right += a * b
        scale += (a * b).magnitude
      }
    }
    guard scale.isFinite else { return .notApplicable }
    guard (left - right).magnitude <= 1e-11 * scale else {
      return .failed("u · H v is \(left), and v · H u is \(right)")
    }
    var mixed: [Role: [Double]] = [:]
    for role in roles { mixed[role] = zip(u[role] ?? [], v[role] ?? []).map { 2 * $0 - 3 * $1 } }
    let ofMixed = try trial.products(mixed, of: roles)
    for role in roles {
      let expected = zip(ofU[role] ?? [], ofV[role] ?? []).map { 2 * $0 - 3 * $1 }
      let size = ((ofU[role] ?? []) + (ofV[role] ?? [])).map(\.magnitude).max() ?? 0
      if let message = Agreement.failureMessage(
        "for 2 u - 3 v the product for \(role)", ofMixed[role] ?? [], expected, scale: size)
      {
        return .failed(message)
      }
    }
    let others = try trial.products(mixed, of: roles, threads: 2)
    guard others == ofMixed else { return .failed("2 threads give other bits than one") }
    return .holds
  }

  /// The diagonal of the Hessian is the second derivative.
  static let hessianHasDiagonal = Law(
    "hessian-has-diagonal",
    "The product of the Hessian with a unit vector has the second derivative at the unit.",
    distributions: [.ordinary, .ties], shapes: [.batch]
  ) { (trial) throws(LossError) in
    let loss = trial.subject.loss
    let roles = trial.twiceDifferentiable.filter(loss.rolesWithSecondDerivative.contains)
    guard !roles.isEmpty else { return .notApplicable }
    for role in roles {
      let expected =
        try loss.evaluate(
          trial.inputs, secondDerivativesOf: [role], reduction: Reduction(.mean, whenEmpty: .zero),
          upstream: .float64(Tensor(1.5))
        ).secondDerivatives[role]?.doubles ?? []
      var found: [Double] = []
      for index in trial.numbers(role).indices {
        var unit = Array(repeating: 0.0, count: expected.count)
        unit[index] = 1
        found.append(try trial.products([role: unit], of: [role])[role]?[index] ?? .nan)
      }
      if let message = Agreement.failureMessage(
        "the diagonal of the Hessian for \(role)", found, expected)
      {
        return .failed(message)
      }
    }
    return .holds
  }
}

extension PropertyTrial {
  /// The inputs of real numbers between which the loss has second derivatives.
  fileprivate var twiceDifferentiable: [Role] {
    subject.loss.rolesWithHessianVectorProduct.filter { inputs[$0]?.element == .float64 }
  }

  /// A random vector.
  fileprivate func vector(for roles: [Role], seed: UInt64 = 0) -> [Role: [Double]] {
    var generator = SeededGenerator(seed: self.seed &+ 0xEC7 &+ seed)
    var vector: [Role: [Double]] = [:]
    for role in roles { vector[role] = generator.numbers(-1...1, numbers(role).count) }
    return vector
  }

  /// The product of the Hessian of the mean with a vector, for an upstream other than 1.
  fileprivate func products(
    _ vector: [Role: [Double]], of roles: [Role], threads: Int = 1
  ) throws(LossError) -> [Role: [Double]] {
    var vectors = LossInputs()
    for (role, numbers) in vector { vectors[role] = replacing(role, with: numbers)[role] }
    return try subject.loss.evaluate(
      inputs, vectors: vectors, hessianVectorProductsOf: roles,
      reduction: Reduction(.mean, whenEmpty: .zero), upstream: .float64(Tensor(1.5)),
      threads: threads
    ).hessianVectorProducts.mapValues(\.doubles)
  }

  /// The same trial with random weights of the terms.
  fileprivate func withWeights() throws(LossError) -> PropertyTrial {
    let terms = try evaluate(.unreduced).value
    guard terms.shape.rank > 0, inputs[.weight] == nil else { return self }
    var generator = generator
    var others = inputs
    others[.weight] = .float64(
      Tensor(trusted: terms.shape, generator.numbers(0.5...2, terms.shape.count)))
    return with(others)
  }
}
