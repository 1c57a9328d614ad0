import LossConformance
import LossFunctions
import Testing

/// Masks and weights: what they take out is not looked at.
@Suite struct MaskTests {
  /// Every linked loss whose terms are formulas of their own rows. A transform has terms that share
  /// a row, a region is masked by elements, and what a masked sample is to the others of its batch
  /// is the loss's own affair.
  static let names = LossRegistry.linked.names.filter { name in
    let loss = try? LossRegistry.linked.loss(named: name).loss
    return !["sum", "deep_supervision", "softmax", "label_smoothing"].contains(name)
      && loss?.traits.contains(.couplesSamples) == false
      && loss?.signature.maskCovers == .terms && !(loss.map { hasShared($0.signature) } ?? true)
  }
  /// Whether an input is shared by all terms, so that no part of it is a term's own.
  private static func hasShared(_ signature: LossSignature) -> Bool {
    guard let termAxis = signature.terms.axes.first else { return true }
    let haveTerms = signature.inputs.map { input in
      input.forms.contains { $0.axes.axes.contains(termAxis) }
    }
    return haveTerms.contains(true) && haveTerms.contains(false)
  }
  static let regions = ["dice", "tversky", "root_mean_squared_error"]
  static let garbage: [Double] = [.nan, .infinity, -.infinity, 1e308, -1e308]

  /// Five terms, of which the second and the fourth are spoiled: numbers and classes of theirs.
  private func spoiled(
    _ name: String, seed: UInt64, dense: Bool
  ) throws -> (loss: any LossProtocol, clean: LossInputs, dirty: LossInputs, kept: [Int]) {
    let loss = try LossRegistry.linked.loss(named: name).loss
    var sampler = Sampler(seed: seed)
    sampler.rest = loss.signature.terms.axes.last == .rest ? [5] : []
    sampler.extents["class"] = loss.signature.terms.axes.last == .rest ? 4 : 5
    sampler.dense = dense
    let clean = try sampler.inputs(for: loss.signature)
    var generator = sampler.generator
    var dirty = clean
    for (role, tensor) in clean.tensors {
      let size = tensor.shape.count / 5
      switch tensor {
      case .float64(let tensor):
        var scalars = tensor.scalars
        for term in [1, 3] {
          for index in 0..<size { scalars[term * size + index] = generator.pick(Self.garbage) }
        }
        dirty[role] = try Tensor(shape: tensor.shape, scalars: scalars).erased
      case .int64(let tensor) where !role.name.hasSuffix("lengths"):
        var scalars = tensor.scalars
        for term in [1, 3] {
          for index in 0..<size {
            scalars[term * size + index] = generator.pick([-1, 99, 1 << 50, Int.min, Int.max])
          }
        }
        dirty[role] = try Tensor(shape: tensor.shape, scalars: scalars).erased
      default: break
      }
    }
    return (loss, clean, dirty, [0, 2, 4])
  }

  private func differentiable(_ loss: any LossProtocol, _ inputs: LossInputs) -> [Role] {
    loss.signature.inputs.filter { $0.isDifferentiable && inputs[$0.role]?.element == .float64 }
      .map(\.role)
  }

  /// The terms of some places only.
  private func picked(_ inputs: LossInputs, _ terms: [Int]) throws -> LossInputs {
    var rest = LossInputs()
    for (role, tensor) in inputs.tensors {
      func pick<S: TensorElement>(_ tensor: Tensor<S>) throws -> AnyTensor {
        let size = tensor.count / tensor.shape.extents[0]
        let scalars = terms.flatMap { tensor.scalars[$0 * size..<($0 + 1) * size] }
        let extents = [terms.count] + tensor.shape.extents.dropFirst()
        return try Tensor(shape: extents, scalars: scalars).erased
      }
      rest[role] =
        switch tensor {
        case .float32(let tensor): try pick(tensor)
        case .float64(let tensor): try pick(tensor)
        case .int64(let tensor): try pick(tensor)
        case .bool(let tensor): try pick(tensor)
        }
    }
    return rest
  }

  @Test("what is masked, or weighs 0, does not leak", arguments: names, [false, true])
  func doesNotLeak(_ name: String, _ dense: Bool) throws {
    for seed in UInt64(1)...3 {
      let (loss, clean, dirty, kept) = try spoiled(name, seed: seed, dense: dense)
      let roles = differentiable(loss, dirty)
      for role in [Role.mask, .weight] {
        for kind in Reduction.Kind.allCases {
          var inputs = dirty
          inputs[role] =
            role == .mask
            ? Tensor([true, false, true, false, true]).erased
            : Tensor([1.0, 0, 1, 0, 1]).erased
          let note: Comment = "\(role), \(kind), seed \(seed), dense \(dense)"
          let result = try loss.evaluate(
            inputs, gradientsOf: roles, reduction: Reduction(kind))
          // The same terms alone; a mean over five counts those of weight 0 too.
          let alone = try loss.evaluate(
            picked(clean, kept), gradientsOf: roles, reduction: Reduction(kind))
          let share = role == .weight && (kind == .mean || kind == .batchMean) ? 3.0 / 5 : 1
          if kind == .none {
            let all = alone.value.doubles
            #expect(result.value.doubles == [all[0], 0, all[1], 0, all[2]], note)
          } else {
            #expect(agree(result.value.doubles, alone.value.doubles.map { $0 * share }), note)
          }
          for role in roles {
            let gradient = result.gradients[role]?.doubles ?? []
            let size = gradient.count / 5
            for term in [1, 3] {
              let own = Array(gradient[term * size..<(term + 1) * size])
              #expect(own.allSatisfy { $0 == 0 }, "\(note), gradient of \(role): \(own)")
            }
            let rest = kept.flatMap { gradient[$0 * size..<($0 + 1) * size] }
            let expected = alone.gradients[role]?.doubles.map { $0 * share } ?? []
            #expect(agree(rest, expected), note)
          }
        }
      }
    }
  }

  @Test("a weight of 2 is the term twice", arguments: names)
  func weightOfTwo(_ name: String) throws {
    let (loss, clean, _, _) = try spoiled(name, seed: 11, dense: false)
    let roles = differentiable(loss, clean)
    var weighted = clean
    weighted[.weight] = Tensor([1.0, 2, 1, 1, 1]).erased
    let twice = try picked(clean, [0, 1, 1, 2, 3, 4])
    for kind in [Reduction.Kind.sum, .weightedMean] {
      let one = try loss.evaluate(weighted, gradientsOf: roles, reduction: Reduction(kind))
      let two = try loss.evaluate(twice, gradientsOf: roles, reduction: Reduction(kind))
      #expect(agree(one.value.doubles, two.value.doubles), "\(kind)")
      for role in roles {
        let a = one.gradients[role]?.doubles ?? []
        let b = two.gradients[role]?.doubles ?? []
        let size = a.count / 5
        let added = (0..<size).map { b[size + $0] + b[2 * size + $0] }
        #expect(agree(a, Array(b[..<size]) + added + Array(b[(3 * size)...])), "\(kind) \(role)")
      }
    }
  }

  @Test("an element of a region that is masked does not leak", arguments: regions)
  func regionElements(_ name: String) throws {
    for per in ["all", "sample", "class", "sample_and_class"] {
      let loss = try LossRegistry.linked.loss(named: name, options: ["per": .text(per)])
      var generator = SeededGenerator(seed: 5)
      let prediction = generator.numbers(0.05...0.95, 24)
      let target = generator.numbers(0.05...0.95, 24)
      let mask = (0..<24).map { $0 % 5 != 2 }
      func result(_ spoil: Double) throws -> LossResult {
        let spoiled = { (numbers: [Double]) in zip(numbers, mask).map { $1 ? $0 : spoil } }
        return try loss.evaluate(
          [
            .prediction: tensor([2, 4, 3], spoiled(prediction)),
            .target: tensor([2, 4, 3], spoiled(target)), .mask: tensor([2, 4, 3], mask),
          ], gradientsOf: [.prediction, .target])
      }
      let clean = try result(0.5)
      for garbage in Self.garbage {
        let dirty = try result(garbage)
        #expect(dirty == clean, "per \(per), \(garbage)")
        for role in [Role.prediction, .target] {
          let gradient = dirty.gradients[role]?.doubles ?? []
          #expect(zip(gradient, mask).allSatisfy { $1 || $0 == 0 }, "per \(per), \(garbage)")
        }
      }
    }
  }

  @Test(
    "the class of a pixel that is masked in every class is not read",
    arguments: ["dice", "tversky"])
  func maskedPixels(_ name: String) throws {
    let loss = try LossRegistry.linked.loss(named: name)
    func result(_ spoil: Int) throws -> LossResult {
      try loss.evaluate(
        [
          .prediction: tensor([3, 2], [0.1, 0.9, 0.5, 0.5, 0.75, 0.25]),
          .target: Tensor([1, spoil, 0]).erased, .mask: tensor([3, 1], [true, false, true]),
        ], gradientsOf: [.prediction])
    }
    let clean = try result(0)
    for garbage in [-1, 2, 255] {
      #expect(try result(garbage) == clean)
    }
  }

  @Test("a region that weighs 0 does not leak", arguments: regions)
  func regionWeights(_ name: String) throws {
    let loss = try LossRegistry.linked.loss(named: name, options: ["per": "sample"])
    for garbage in Self.garbage {
      let result = try loss.evaluate(
        [
          .prediction: tensor([2, 2], [garbage, garbage, 0.25, 0.75]),
          .target: tensor([2, 2], [garbage, 0.5, 0.0, 1]), .weight: Tensor([0.0, 2]).erased,
        ], gradientsOf: [.prediction, .target])
      let alone = try loss.evaluate(
        [.prediction: tensor([1, 2], [0.25, 0.75]), .target: tensor([1, 2], [0.0, 1])],
        gradientsOf: [.prediction, .target])
      #expect(agree(result.value.doubles, alone.value.doubles), "\(garbage)")
      for role in [Role.prediction, .target] {
        let gradient = result.gradients[role]?.doubles ?? []
        #expect(agree(gradient, [0, 0] + (alone.gradients[role]?.doubles ?? [])), "\(garbage)")
      }
    }
  }

  @Test("class weights of a dense target that is NaN do not leak from a weight of 0")
  func denseTargets() throws {
    for name in ["cross_entropy", "focal"] {
      let loss = try LossRegistry.linked.loss(named: name, options: ["class_weights": [1, 3]])
      for reduction in [Reduction.weightedMean, Reduction(.weightedMean, over: [0])] {
        let result = try loss.loss.evaluate(
          [
            .prediction: tensor([2, 2], [0.5, 0.25, 1.0, 2]),
            .target: tensor([2, 2], [Double.nan, .nan, 0, 1]), .weight: Tensor([0.0, 1]).erased,
          ], gradientsOf: [.prediction], reduction: reduction)
        let alone = try loss.loss.evaluate(
          [.prediction: tensor([1, 2], [1.0, 2]), .target: tensor([1, 2], [0.0, 1])],
          gradientsOf: [.prediction], reduction: reduction)
        #expect(agree(result.value.doubles, alone.value.doubles), "\(name)")
        let gradient = result.gradients[.prediction]?.doubles ?? []
        #expect(agree(gradient, [0, 0] + (alone.gradients[.prediction]?.doubles ?? [])), "\(name)")
      }
    }
  }

  @Test(
    "weights that are none are refused, and the place named",
    arguments: [
      Double.nan, .infinity, -.infinity, -1, -.leastNonzeroMagnitude,
    ])
  func badWeights(_ weight: Double) throws {
    let error = refusal { () throws(LossError) in
      try MeanSquaredErrorLoss().evaluate([
        .prediction: Tensor([1.0, 2]).erased, .target: Tensor([0.0, 0]).erased,
        .weight: Tensor([1, weight]).erased,
      ])
    }
    #expect(error?.code == .invalidValue)
    #expect(
      error?.description
        == "mean_squared_error: weight is \(weight) at [1]; expected a finite number of at least"
        + " zero.")
  }

  @Test(
    "weights and masks of another shape are never guessed at",
    arguments: [
      [], [1], [3], [2], [3, 2], [2, 2], [1, 2, 3], [2, 3, 1], [0, 3],
    ])
  func shapes(_ extents: [Int]) throws {
    let count = extents.reduce(1, *)
    let inputs: LossInputs = [
      .prediction: try tensor([2, 3], Array(repeating: 1.0, count: 6)),
      .target: try tensor([2, 3], Array(repeating: 0.0, count: 6)),
    ]
    for (role, given) in [
      (Role.weight, try tensor(extents, Array(repeating: 1.0, count: count))),
      (.mask, try tensor(extents, Array(repeating: true, count: count))),
    ] {
      var inputs = inputs
      inputs[role] = given
      let error = refusal { () throws(LossError) in try MeanSquaredErrorLoss().evaluate(inputs) }
      #expect(error?.code == .shapeMismatch)
      #expect(error?.subject == role.name)
    }
  }

  @Test("a mask holds truth values")
  func maskType() {
    for mask in [Tensor([1, 0]).erased, Tensor([1.0, 0]).erased, Tensor([1 as Float, 0]).erased] {
      let error = refusal { () throws(LossError) in
        try MeanSquaredErrorLoss().evaluate([
          .prediction: Tensor([1.0, 2]).erased, .target: Tensor([0.0, 0]).erased, .mask: mask,
        ])
      }
      #expect(error?.code == .invalidType)
      #expect(error?.subject == "mask")
    }
  }
}
