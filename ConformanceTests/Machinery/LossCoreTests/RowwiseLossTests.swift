import LossConformance
import LossFunctions
import Testing

/// Rowwise losses along every class axis.
@Suite struct RowwiseLossTests {
  /// Every linked loss with a class axis, except region and sequence losses.
  static let names = LossRegistry.linked.names.filter { name in
    let signature = (try? LossRegistry.linked.loss(named: name))?.base.signature
    return signature?.classAxis != nil
      && signature?.inputs.first?.encodings.first?.axes.axes.count == 2
      && signature?.maskCovers == .terms
  }

  @Test("there are rowwise losses to test")
  func hasLosses() { #expect(Self.names.count >= 6, "\(Self.names)") }

  @Test("every class axis gives the bits of the last", arguments: names, [false, true])
  func classAxis(_ name: String, _ dense: Bool) throws {
    let loss = try LossRegistry.linked.loss(named: name).base
    for axis in [0, 1, 2, -1, -2, -3] {
      let position = axis < 0 ? axis + 3 : axis
      let extents = [2, 3, 4]
      // The options of some losses fix the number of classes.
      guard (try? (loss as? any FormLoss)?.check(classCount: extents[position])) != nil else {
        continue
      }
      var sampler = InputSampler(seed: UInt64(position + 1))
      let classAxis = try #require(loss.signature.classAxis)
      let last = sampler.inputs(
        for: loss.signature, rest: [0, 1, 2].filter { $0 != position }.map { extents[$0] },
        extents: [classAxis: extents[position]], dense: dense)
      // The permutation from the tensor with classes last to the moved one, and its inverse.
      var order = [0, 1]
      order.insert(2, at: position)
      let inverse = [0, 1, 2].filter { $0 != position } + [position]
      var moved = LossInputs()
      for (role, tensor) in last.tensors {
        moved[role] = tensor.shape.rank == 3 ? try tensor.permuted(order) : tensor
      }
      #expect(moved.tensors.first?.tensor.shape.extents == extents)
      let roles = loss.signature.inputs.filter {
        $0.isDifferentiable && last[$0.role]?.element == .float64
      }.map(\.role)
      for reduction in [Reduction.unreduced, .mean, .sum] {
        let expected = try loss.evaluate(last, gradientsOf: roles, reduction: reduction)
        let result = try loss.evaluate(
          moved, gradientsOf: roles, reduction: reduction, classAxis: axis)
        var value = result.value
        if value.shape.rank == 3 { value = try value.permuted(inverse) }
        if reduction == .unreduced {
          #expect(value.shape == expected.value.shape)
          #expect(bits(value) == bits(expected.value), "axis \(axis)")
        } else {
          #expect(agree(value.doubles, expected.value.doubles), "axis \(axis)")
        }
        for role in roles {
          var gradient = try #require(result.gradients[role])
          if gradient.shape.rank == 3 { gradient = try gradient.permuted(inverse) }
          let expectedGradient = try #require(expected.gradients[role])
          #expect(bits(gradient) == bits(expectedGradient), "axis \(axis), gradient of \(role)")
        }
      }
    }
  }

  @Test(
    "rows of a few classes have the bits that each has alone", arguments: [2, 10, 21, 64, 128, 129])
  func fewClasses(_ classes: Int) throws {
    try checkFewClasses(classes, in: Float.self)
    try checkFewClasses(classes, in: Double.self)
  }

  private func checkFewClasses<S: ComputeScalar>(_ classes: Int, in type: S.Type) throws {
    var generator = SeededGenerator(seed: 30)
    let weights = (0..<classes).map { 0.5 + Double($0 % 3) }
    let withIndices: [any LossProtocol] = [
      CrossEntropyLoss(), CrossEntropyLoss(classWeights: weights, ignoreIndex: -100),
      CrossEntropyLoss(labelSmoothing: 0.1),
      CrossEntropyLoss(classWeights: weights, labelSmoothing: 0.1, ignoreIndex: -100),
      FocalLoss(classWeights: weights), PolyCrossEntropyLoss(), GeneralizedCrossEntropyLoss(),
    ]
    let withShares: [any LossProtocol] = [
      CrossEntropyLoss(), CrossEntropyLoss(classWeights: weights, labelSmoothing: 0.1),
    ]
    for (loss, isDense) in withIndices.map({ ($0, false) }) + withShares.map({ ($0, true) }) {
      for spread in [1.0, 20, 1e4] {
        let rows = 70
        var numbers = generator.numbers(-spread...spread, rows * classes).map { S($0) }
        var labels = (0..<rows).map { _ in Int.random(in: 0..<classes, using: &generator) }
        // The second sixteen rows have one that is not finite, the third ignored ones.
        numbers[20 * classes] = .infinity
        if loss.options.values["ignore_index"] == .number(-100) {
          labels.replaceSubrange(33..<64, with: repeatElement(-100, count: 31))
        }
        let logits = AnyTensor(try Tensor(shape: [rows, classes], scalars: numbers))
        var target = AnyTensor(Tensor(labels))
        if isDense {
          // One hot in every third row, where one of the classes is certain.
          let shares = (0..<rows * classes).map { index in
            let (row, j) = (index / classes, index % classes)
            return row % 3 == 0 ? (j == labels[row] ? 1 : 0) : S(1) / S(classes)
          }
          target = AnyTensor(try Tensor(shape: [rows, classes], scalars: shares))
        }
        func evaluate(
          _ logits: AnyTensor, _ target: AnyTensor, classAxis: Int = -1
        ) throws -> (terms: [UInt64], gradient: AnyTensor) {
          let result = try loss.evaluate(
            [.prediction: logits, .target: target], gradientsOf: [.prediction],
            reduction: .unreduced, classAxis: classAxis)
          return (bits(result.value), try #require(result.gradients[.prediction]))
        }
        let whole = try evaluate(logits, target)
        let moved = try evaluate(
          logits.permuted([1, 0]), isDense ? target.permuted([1, 0]) : target, classAxis: 0)
        #expect(moved.terms == whole.terms, "\(loss)")
        #expect(try bits(moved.gradient.permuted([1, 0])) == bits(whole.gradient), "\(loss)")
        for row in 0..<rows {
          let alone = try evaluate(logits.rows(row..<row + 1), target.rows(row..<row + 1))
          #expect(alone.terms[0] == whole.terms[row], "row \(row) of \(loss)")
          #expect(
            bits(alone.gradient) == bits(whole.gradient.rows(row..<row + 1)),
            "row \(row) of \(loss)")
        }
      }
    }
  }

  @Test("a class axis out of range throws", arguments: [3, -4, Int.min, Int.max])
  func noSuchAxis(_ axis: Int) throws {
    for name in Self.names {
      let loss = try LossRegistry.linked.loss(named: name, classAxis: axis)
      var sampler = InputSampler(seed: 1)
      let inputs = sampler.inputs(for: loss.base.signature, rest: [2, 3])
      let error = refusal(name) { () throws(LossError) in try loss.evaluate(inputs) }
      #expect(error?.code == .invalidOption)
      #expect(error?.subject == "class_axis")
    }
  }

  @Test(
    "a class index out of range throws, and the error has its position",
    arguments: [-1, 4, 255, Int.min, Int.max])
  func badClass(_ label: Int) throws {
    let error = refusal { () throws(LossError) in
      try CrossEntropyLoss().evaluate([
        .prediction: tensor2(3, 4), .target: AnyTensor(Tensor([0, 3, label])),
      ])
    }
    let isMark = label == -1 || label == 255
    #expect(
      error?.description
        == "cross_entropy: target is \(label) at [2]; expected a class in 0 ..< 4, the class axis"
        + " of prediction (shape [3, 4])."
        + (isMark
          ? " Labels that do not count are those of ignore_index, or removed by the input mask."
          : ""))
    #expect(error?.code == .invalidClass)
  }

  private func tensor2(_ rows: Int, _ columns: Int) -> AnyTensor {
    AnyTensor(Tensor(repeating: 0.5, shape: (try? Shape([rows, columns])) ?? .scalar))
  }

  @Test("terms of the ignored class are removed, even if its index is out of range")
  func ignored() throws {
    var options = CrossEntropyLoss.Options()
    for index in [-100, 1, Int.min, 99] {
      options.ignoreIndex = index
      let loss = CrossEntropyLoss(options: options)
      let prediction = try tensor([3, 2], [0.5, 1, .nan, .infinity, -1, 2])
      let result = try loss.evaluate(
        [.prediction: prediction, .target: AnyTensor(Tensor([0, index, 0]))],
        gradientsOf: [.prediction])
      let alone = try CrossEntropyLoss().evaluate(
        [.prediction: tensor([2, 2], [0.5, 1, -1.0, 2]), .target: AnyTensor(Tensor([0, 0]))],
        gradientsOf: [.prediction])
      #expect(agree(result.value.doubles, alone.value.doubles))
      let expected = alone.gradients[.prediction]?.doubles ?? []
      #expect(
        agree(
          result.gradients[.prediction]?.doubles ?? [], expected[..<2] + [0, 0] + expected[2...]))
    }
  }

  @Test(
    "each gradient alone has the bits that it has among all", arguments: LossRegistry.linked.names)
  func gradientsAlone(_ name: String) throws {
    let loss = try LossRegistry.linked.loss(named: name)
    let roles = loss.signature.inputs.map(\.role).filter(loss.base.differentiableRoles.contains)
    for isDense in [false, true] {
      var sampler = InputSampler(seed: 5)
      // An even number of items, which some losses pair.
      let inputs = sampler.inputs(
        for: loss.signature, rest: [4, 3], extents: ["item": 4], dense: isDense)
      guard let all = try? loss.evaluate(inputs, gradientsOf: roles, in: .float32) else { continue }
      for role in roles {
        guard let expected = all.gradients[role] else { continue }
        let alone = try loss.evaluate(inputs, gradientsOf: [role], in: .float32)
        #expect(try bits(#require(alone.gradients[role])) == bits(expected), "\(role)")
        #expect(bits(alone.value) == bits(all.value), "\(role)")
      }
    }
  }
}
