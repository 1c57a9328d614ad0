import LossConformance
import LossFunctions
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Region losses against naive sums, for every scope and class axis.
@Suite struct RegionLossTests {
  static let all: [RegionScope] = [.all, .sample, .class, .sampleAndClass]

  /// The elements of each region, in the order of the terms.
  private func members(_ region: RegionScope, _ extents: [Int], _ axis: Int) -> (
    shape: [Int], [[Int]]
  ) {
    // The batch axis is the first axis that is not the class axis.
    let sample = axis == 0 ? 1 : 0
    let keys: [Int] =
      switch region {
      case .all: []
      case .sample: [sample]
      case .class: [axis]
      case .sampleAndClass: [sample, axis]
      }
    let shape = keys.map { extents[$0] }
    let all = positions(extents)
    return (
      shape,
      positions(shape).map { key in
        all.indices.filter { index in keys.map { all[index][$0] } == key }
      }
    )
  }

  private func dice(_ p: [Double], _ t: [Double]) -> Double {
    let overlap = zip(p, t).map(*).reduce(0, +)
    return 1 - (2 * overlap + 1) / (p.reduce(0, +) + t.reduce(0, +) + 1)
  }
  private func tversky(_ p: [Double], _ t: [Double]) -> Double {
    let truePositives = zip(p, t).map(*).reduce(0, +)
    let falsePositives = zip(p, t).map { $0 * (1 - $1) }.reduce(0, +)
    let falseNegatives = zip(p, t).map { (1 - $0) * $1 }.reduce(0, +)
    return 1 - (truePositives + 1)
      / (truePositives + 0.5 * falsePositives + 0.5 * falseNegatives + 1)
  }
  private func rmse(_ p: [Double], _ t: [Double]) -> Double {
    let sum = zip(p, t).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
    return p.isEmpty ? 0 : sqrt(sum / Double(p.count))
  }

  @Test("value and gradient of each region", arguments: all, -4...3)
  func regions(_ region: RegionScope, _ axis: Int) throws {
    let extents = [2, 3, 1, 4]
    var generator = SeededGenerator(seed: UInt64(axis + 5))
    let prediction = generator.numbers(0.05...0.95, 24)
    let mask = (0..<24).map { _ in generator.probability(75) }
    let position = axis < 0 ? axis + 4 : axis
    let (shape, members) = members(region, extents, position)
    // A target of class indices, and its one-hot encoding.
    let others = [0, 1, 2, 3].filter { $0 != position }
    let otherExtents = others.map { extents[$0] }
    let indices = (0..<24 / extents[position]).map { _ in
      Int.random(in: 0..<extents[position], using: &generator)
    }
    let oneHot = positions(extents).map { at in
      indices[flatIndex(others.map { at[$0] }, otherExtents)] == at[position] ? 1.0 : 0
    }
    let dense = generator.numbers(0.05...0.95, 24)
    let formulas: [(String, ([Double], [Double]) -> Double)] = [
      ("dice", dice), ("tversky", tversky), ("root_mean_squared_error", rmse),
    ]
    for (name, formula) in formulas {
      let loss = try LossRegistry.linked.loss(named: name, options: ["per": region.optionValue])
      for (target, targetTensor) in [
        (dense, try tensor(extents, dense)), (oneHot, try tensor(otherExtents, indices)),
      ] where target == dense || name != "root_mean_squared_error" && extents[position] > 1 {
        for isMasked in [false, true] {
          var inputs: LossInputs = [
            .prediction: try tensor(extents, prediction), .target: targetTensor,
          ]
          if isMasked { inputs[.mask] = try tensor(extents, mask) }
          func expected(_ prediction: [Double]) -> [Double] {
            members.map { all in
              let kept = all.filter { !isMasked || mask[$0] }
              return formula(kept.map { prediction[$0] }, kept.map { target[$0] })
            }
          }
          let result = try loss.base.evaluate(
            inputs, gradientsOf: [.prediction], reduction: Reduction.unreduced,
            classAxis: loss.signature.classAxis == nil ? nil : axis)
          let note: Comment = "\(name), masked \(isMasked)"
          #expect(result.value.shape.extents == shape, note)
          #expect(agree(result.value.doubles, expected(prediction), scale: 1), note)
          let quotients = centralDifferences(at: prediction) { expected($0).reduce(0, +) }
          #expect(isDerivative(result.gradients[.prediction]?.doubles ?? [], quotients), note)
        }
      }
    }
  }

  @Test("root_mean_squared_error rejects class indices and accepts scalars")
  func rootMeanSquare() throws {
    let loss = try LossRegistry.linked.loss(named: "root_mean_squared_error")
    let inputs: LossInputs = [
      .prediction: try tensor([2, 3], [1.0, 2, 3, 4, 5, 6]), .target: AnyTensor(Tensor([1, 2])),
    ]
    let error = refusal { () throws(LossError) in try loss.evaluate(inputs) }
    #expect(error?.code == .shapeMismatch)
    let single: LossInputs = [.prediction: AnyTensor(Tensor(5.0)), .target: AnyTensor(Tensor(2.0))]
    #expect(try loss.evaluate(single).value == AnyTensor(Tensor(3.0)))
  }

  @Test("the gradient of a softmax does not cancel where one class is nearly certain")
  func confidentClass() throws {
    // The other classes have probabilities down to 1e-6.
    let logits: [Float] = [9, 0, -2, 1, -3, 10, 0.5, 8, -5, 0.25, 0.125, 11]
    let target: [Float] = [0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1]
    for name in ["dice", "tversky", "mcc"] {
      let loss = try LossRegistry.linked.loss(named: name, options: ["activation": "softmax"])
      let inputs: LossInputs = [
        .prediction: try tensor([4, 3], logits), .target: try tensor([4, 3], target),
      ]
      let narrow = try loss.evaluate(inputs, gradientsOf: [.prediction])
      let wide = try loss.evaluate(inputs, gradientsOf: [.prediction], in: .float64)
      let (found, expected) = (
        narrow.gradients[.prediction]?.doubles ?? [], wide.gradients[.prediction]?.doubles ?? []
      )
      for (a, b) in zip(found, expected) { #expect((a - b).magnitude <= 2e-6 * b.magnitude) }
    }
  }

  @Test("a product of the Hessian along any class axis is that of the last", arguments: 0...2)
  func productAlongAxis(_ axis: Int) throws {
    var order = [0, 1]
    order.insert(2, at: axis)
    let inverse = [0, 1, 2].filter { $0 != axis } + [axis]
    var generator = SeededGenerator(seed: 9)
    let (prediction, vector) = (
      try tensor([2, 3, 4], generator.numbers(-2...2, 24)),
      try tensor([2, 3, 4], generator.numbers(-1...1, 24))
    )
    let target = try tensor([2, 3, 4], (0..<24).map { $0 % 4 == $0 % 3 ? 1.0 : 0 })
    for (name, activation) in [("dice", "softmax"), ("tversky", "sigmoid"), ("mcc", "softmax")] {
      let loss = try LossRegistry.linked.loss(
        named: name, options: ["activation": .text(activation)])
      func product(_ order: [Int], _ classAxis: Int) throws -> AnyTensor {
        let result = try loss.evaluate(
          [.prediction: prediction.permuted(order), .target: target.permuted(order)],
          vectors: [.prediction: vector.permuted(order)],
          hessianVectorProductsOf: [.prediction], reduction: .sum, classAxis: classAxis)
        return try #require(result.hessianVectorProducts[.prediction])
      }
      // Samples stay the first axis that is not the class axis.
      let last = try product([0, 1, 2], 2)
      let moved = try product(order, axis).permuted(inverse)
      #expect(agree(moved.doubles, last.doubles), "\(name)")
    }
  }
}
