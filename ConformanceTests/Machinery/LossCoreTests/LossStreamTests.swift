import LossConformance
import LossFunctions
import Testing

/// A stream of blocks gives the bits of a single evaluation.
@Suite struct LossStreamTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    let loss: String
    let shape: [Int]
    var classAxis: Int?
    var reduction = Reduction.mean
    var isFloat = true
    var testDescription: String { "\(loss) \(shape) \(reduction.kind)" }
  }

  static let settings = [
    Setting(loss: "mean_squared_error", shape: [3, 70_003]),
    Setting(loss: "huber", shape: [200_000], reduction: .sum),
    Setting(loss: "huber", shape: [50_001, 2], reduction: .batchMean, isFloat: false),
    Setting(loss: "margin_ranking", shape: [150_000]),
    Setting(loss: "cross_entropy", shape: [1_501, 100]),
    Setting(loss: "cross_entropy", shape: [40, 8, 16, 32], classAxis: 1, reduction: .sum),
    Setting(loss: "kl_divergence", shape: [20_000, 8], isFloat: false),
    Setting(loss: "giou", shape: [40_001, 4]),
    Setting(loss: "ciou", shape: [301, 70, 4], isFloat: false),
  ]

  @Test("a stream gives the bits of a single evaluation", arguments: settings)
  func givesSameBits(_ setting: Setting) throws {
    let loss = try LossRegistry.linked.loss(
      named: setting.loss, reduction: setting.reduction, classAxis: setting.classAxis)
    var inputs = LossInputs()
    for (index, input) in loss.base.signature.inputs.enumerated() {
      inputs[input.role] = numbers(Shape(trusted: setting.shape), index + 1, setting.isFloat)
    }
    let element: ElementType = setting.isFloat ? .float32 : .float64
    // The numbers are no labels.
    let whole = try loss.evaluate(
      inputs, gradientsOf: [loss.arguments[0]], domainChecks: DomainChecks.none)
    var stream = try #require(
      LossStream(
        loss,
        shapes: Dictionary(uniqueKeysWithValues: inputs.tensors.map { ($0.role, $0.tensor.shape) }),
        in: element, threads: 2, domainChecks: DomainChecks.none, elementsInBlock: 1))
    let streamed = try addAllBlocks(of: inputs, to: &stream, gradientOf: loss.arguments[0])
    #expect(streamed.blockCount > 1)
    #expect(stream.value == whole.value)
    #expect(streamed.gradient == whole.gradients[loss.arguments[0]]?.doubles)
  }

  /// Adds all blocks of the inputs to a stream.
  private func addAllBlocks(
    of inputs: LossInputs, to stream: inout LossStream, gradientOf role: Role
  ) throws -> (gradient: [Double], blockCount: Int) {
    var gradient: [Double] = []
    var blockCount = 0
    while let block = stream.next {
      blockCount += 1
      var blockInputs = LossInputs()
      for (role, tensor) in inputs.tensors {
        blockInputs[role] = slice(
          tensor, try #require(block.elements[role]), try #require(block.shapes[role]))
      }
      let gradients = try stream.add(blockInputs, gradientsOf: [role])
      gradient += try #require(gradients[role]).doubles
    }
    return (gradient, blockCount)
  }

  /// Positive pseudorandom numbers.
  private func numbers(_ shape: Shape, _ salt: Int, _ isFloat: Bool) -> AnyTensor {
    let scalars = (0..<shape.count).map { index in
      Double((index &* 7919 &+ salt &* 104_729) % 10_007 + 1) / 10_008
    }
    return isFloat
      ? .float32(Tensor(trusted: shape, scalars.map(Float.init)))
      : .float64(Tensor(trusted: shape, scalars))
  }

  private func slice(_ tensor: AnyTensor, _ range: Range<Int>, _ shape: Shape) -> AnyTensor {
    switch tensor.widened {
    case .float32(let tensor): .float32(Tensor(trusted: shape, Array(tensor.scalars[range])))
    case .float64(let tensor): .float64(Tensor(trusted: shape, Array(tensor.scalars[range])))
    case .int64(let tensor): .int64(Tensor(trusted: shape, Array(tensor.scalars[range])))
    case .bool(let tensor): .bool(Tensor(trusted: shape, Array(tensor.scalars[range])))
    case .narrow: tensor
    }
  }

  @Test(
    "a stream of sequences gives the bits of a single evaluation",
    arguments: [Reduction.mean, .sum])
  func sequences(_ reduction: Reduction) throws {
    let loss = try LossRegistry.linked.loss(named: "ctc", reduction: reduction)
    let (count, time, classes, labels) = (7, 12, 5, 3)
    var inputs = LossInputs()
    inputs[.prediction] = numbers(Shape(trusted: [count, time, classes]), 1, true)
    inputs[.target] = .int64(
      Tensor(
        trusted: Shape(trusted: [count, labels]), (0..<count * labels).map { 1 + $0 % 4 }))
    inputs[.targetLengths] = .int64(
      Tensor(trusted: Shape(trusted: [count]), (0..<count).map { $0 % (labels + 1) }))
    let whole = try loss.evaluate(inputs, gradientsOf: [.prediction])
    let shapes = inputs.tensors.map { ($0.role, $0.tensor.shape) }
    var stream = try #require(
      LossStream(
        loss, shapes: Dictionary(uniqueKeysWithValues: shapes), in: .float32, elementsInBlock: 130))
    let streamed = try addAllBlocks(of: inputs, to: &stream, gradientOf: .prediction)
    #expect(streamed.blockCount == 4)
    #expect(stream.value == whole.value)
    #expect(streamed.gradient == whole.gradients[.prediction]?.doubles)
  }

  @Test("the error of an index out of range has the first sample of its block")
  func errorHint() throws {
    let loss = try LossRegistry.linked.loss(named: "cross_entropy")
    let shapes: [Role: Shape] = [
      .prediction: Shape(trusted: [100_000, 2]), .target: Shape(trusted: [100_000]),
    ]
    var stream = try #require(LossStream(loss, shapes: shapes, in: .float32, elementsInBlock: 1))
    func block(_ label: Int) throws -> LossInputs {
      let block = try #require(stream.next)
      let count = block.samples.count
      return [
        .prediction: AnyTensor.float32(
          Tensor(trusted: Shape(trusted: [count, 2]), Array(repeating: 0, count: 2 * count))),
        .target: AnyTensor.int64(
          Tensor(trusted: Shape(trusted: [count]), Array(repeating: label, count: count))),
      ]
    }
    _ = try stream.add(try block(1))
    let start = try #require(stream.next).samples.lowerBound
    let inputs = try block(2)
    let error = #expect(throws: LossError.self) { try stream.add(inputs) }
    #expect(error?.code == .invalidClass)
    #expect(error?.hint.contains("relative to sample \(start)") == true)
  }

  /// Rowwise losses that cannot be streamed: every list has its own weight, so that the divisor
  /// does not follow from the shapes.
  static let exceptions: Set<String> = [
    "approx_ndcg", "lambda", "list_mle", "neural_ndcg", "pairwise_hinge", "ranking_softmax",
    "ranknet",
  ]
  /// Losses of other forms with independent terms: boxes, lists and sequences.
  static let others: Set<String> = ["giou", "diou", "ciou", "multilabel_margin", "ctc", "rnnt"]

  @Test(
    "elementwise and rowwise losses are taken in blocks, what cannot be cut in one call",
    arguments: try LossRegistry.linked.checked().names)
  func isTaken(_ name: String) throws {
    let loss = try LossRegistry.linked.loss(named: name)
    var sampler = InputSampler(seed: 1)
    let inputs = sampler.inputs(for: loss.base.signature, rest: [1000])
    let shapes = inputs.tensors.map { ($0.role, $0.tensor.shape) }
    let stream = LossStream(loss, shapes: Dictionary(uniqueKeysWithValues: shapes), in: .float32)
    let isIndependent =
      loss.base is any ElementwiseFormLoss || loss.base is any RowwiseLoss
      || Self.others.contains(name)
    #expect((stream != nil) == (isIndependent && !Self.exceptions.contains(name)))
  }

  @Test("a stream supports no weights, masks or tensor results")
  func unsupportedInputs() throws {
    let shape = Shape(trusted: [1000])
    let all: [Role: Shape] = [.prediction: shape, .target: shape]
    let mean = try LossRegistry.linked.loss(named: "huber")
    #expect(LossStream(mean, shapes: all, in: .float32) != nil)
    #expect(LossStream(mean, shapes: all.merging([.weight: shape]) { $1 }, in: .float32) == nil)
    #expect(LossStream(mean, shapes: [.prediction: shape], in: .float32) == nil)
    let none = try LossRegistry.linked.loss(named: "huber", reduction: Reduction.unreduced)
    #expect(LossStream(none, shapes: all, in: .float32) == nil)
  }
}
