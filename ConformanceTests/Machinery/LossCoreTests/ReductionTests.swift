import LossConformance
import LossFunctions
import Testing

/// Reductions of losses of each form against a reference implementation.
@Suite struct ReductionTests {
  /// A loss, the shape of its terms, and its inputs.
  struct Setting: CustomStringConvertible {
    var loss: any LossProtocol
    var terms: [Int]
    var inputs: LossInputs
    /// Weights and mask, broadcast to the shape of the terms.
    var weights: [Double]
    var kept: [Bool]
    /// Weights and mask before the broadcast.
    var unbroadcast = LossInputs()
    var description: String { "\(loss) terms \(terms) \(unbroadcast.tensors)" }
  }

  static func setting(_ generator: inout SeededGenerator) throws -> Setting {
    let terms = (0..<Int.random(in: 0...3, using: &generator)).map { _ in generator.pick([1, 2, 3])
    }
    var sampler = InputSampler(seed: generator.next())
    var ellipsis = terms
    var extents = ["class": 4, "feature": 4]
    var dice = DiceLoss.Options()
    dice.per = .sampleAndClass
    var loss: any LossProtocol = HuberLoss(delta: 1)
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: loss = MeanSquaredErrorLoss()
    case 1: loss = CrossEntropyLoss()
    case 2: loss = KLDivergenceLoss()
    case 3: loss = CTCLoss()
    case 4 where terms.count == 2:
      loss = DiceLoss(options: dice)
      (extents["sample"], extents["class"]) = (terms[0], terms[1])
      ellipsis = [2]
    case 5 where terms.count > 0:
      loss = LabelSmoothing()
      ellipsis = Array(terms.dropLast())
      extents["class"] = terms[terms.count - 1]
    default: break
    }
    let count = terms.reduce(1, *)
    var setting = Setting(
      loss: loss, terms: terms,
      inputs: sampler.inputs(for: loss.signature, rest: ellipsis, extents: extents),
      weights: Array(repeating: 1, count: count), kept: Array(repeating: true, count: count))
    if generator.probability(60) {
      let shape = terms.map { generator.probability(30) ? 1 : $0 }
      let values = (0..<shape.reduce(1, *)).map { _ in generator.pick([0, 0.5, 1, 2.5]) }
      setting.unbroadcast[.weight] = try tensor(shape, values)
      setting.weights = positions(terms).map { values[flatIndex(zip($0, shape).map(min0), shape)] }
    }
    if generator.probability(60), loss.signature.maskCovers == .terms {
      let shape = terms.map { generator.probability(30) ? 1 : $0 }
      let values = (0..<shape.reduce(1, *)).map { _ in generator.probability(65) }
      setting.unbroadcast[.mask] = try tensor(shape, values)
      setting.kept = positions(terms).map { values[flatIndex(zip($0, shape).map(min0), shape)] }
    }
    for (role, tensor) in setting.unbroadcast.tensors { setting.inputs[role] = tensor }
    return setting
  }

  private static func min0(_ position: Int, _ extent: Int) -> Int { extent == 1 ? 0 : position }

  /// Every reduction of terms of a rank: kinds, subsets of axes counted from either end, kept or
  /// not.
  static func reductions(_ rank: Int, _ generator: inout SeededGenerator) -> [Reduction] {
    let subsets = (0..<(1 << rank)).map { bits in (0..<rank).filter { bits >> $0 & 1 == 1 } }
    var all: [Reduction] = []
    for kind in Reduction.Kind.allCases {
      all.append(Reduction(kind))
      all.append(Reduction(kind, keepsDimensions: true))
      for axes in subsets where kind != .batchMean || rank == 0 || axes.contains(0) {
        let mixed = axes.map { generator.probability(50) ? $0 : $0 - rank }.shuffled(
          using: &generator)
        all.append(Reduction(kind, over: mixed, keepsDimensions: generator.probability(50)))
      }
      for axes in subsets where !axes.isEmpty {
        let preceding = Reduction.Stage(
          averages: generator.probability(50), axes: axes.map { $0 - rank })
        all.append(Reduction(kind, preceding: preceding))
        if axes.count < rank { all.append(Reduction(kind, over: [0], preceding: preceding)) }
      }
    }
    return all
  }

  @Test("values and gradients of every reduction match the reference", arguments: UInt64(1)...24)
  func reductions(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let setting = try Self.setting(&generator)
    let loss = setting.loss
    let role = try #require(loss.signature.inputs.first?.role)
    var plain = setting.inputs
    for extra in [Role.weight, .mask] { plain[extra] = nil }

    // The terms, and the gradient of each by a one-hot upstream gradient.
    let terms = try loss.evaluate(plain, reduction: Reduction.unreduced).value
    #expect(terms.shape.extents == setting.terms)
    let gradients = try terms.doubles.indices.map { term in
      let oneHot = terms.doubles.indices.map { $0 == term ? 1.0 : 0 }
      return try loss.evaluate(
        plain, gradientsOf: [role], reduction: Reduction.unreduced,
        upstream: tensor(setting.terms, oneHot)
      ).gradients[role]?.doubles ?? []
    }

    for var reduction in Self.reductions(setting.terms.count, &generator) {
      if let preceding = reduction.preceding, reduction.kind == .weightedMean,
        setting.inputs[.weight] != nil, !preceding.axes.isEmpty
      {
        continue  // Weights that differ within a preceding stage have no unique meaning.
      }
      reduction.whenEmpty = .zero
      let brute = BruteReduction(
        reduction, extents: setting.terms, weights: setting.weights, kept: setting.kept)
      let upstream = generator.numbers(-2...2, brute.factors.count)
      let result = try loss.evaluate(
        setting.inputs, gradientsOf: [role], reduction: reduction,
        upstream: tensor(brute.shape, upstream))
      let note: Comment = "seed \(seed): \(reduction.optionValue.text) of \(setting)"
      #expect(result.value.shape.extents == brute.shape, note)
      #expect(agree(result.value.doubles, brute.value(terms.doubles)), note)
      let gradient = result.gradients[role]?.doubles ?? []
      #expect(agree(gradient, combined(brute.coefficients(upstream), gradients)), note)

      // A scalar upstream gradient, and none, which means 1.
      let ones = Array(repeating: 1.0, count: brute.factors.count)
      for (scalarUpstream, factor) in [(AnyTensor(Tensor(-0.75)) as AnyTensor?, -0.75), (nil, 1.0)]
      {
        let result = try loss.evaluate(
          setting.inputs, gradientsOf: [role], reduction: reduction, upstream: scalarUpstream)
        let expected = combined(brute.coefficients(ones).map { $0 * factor }, gradients)
        #expect(agree(result.gradients[role]?.doubles ?? [], expected), note)
        #expect(agree(result.value.doubles, brute.value(terms.doubles)), note)
      }

      // The policies for means of no terms.
      reduction.whenEmpty = .nan
      let value = try loss.evaluate(setting.inputs, reduction: reduction).value.doubles
      #expect(value.map(\.isNaN) == brute.isEmptyMean, note)
      reduction.whenEmpty = .refuse
      let strict = Result { () throws(LossError) in
        try loss.evaluate(setting.inputs, reduction: reduction)
      }
      switch strict {
      case .success: #expect(!brute.isEmptyMean.contains(true), note)
      case .failure(let error):
        #expect(error.code == .emptyInput, note)
        #expect(brute.isEmptyMean.contains(true), note)
      }
    }
  }

  private func combined(_ coefficients: [Double], _ gradients: [[Double]]) -> [Double] {
    var sum = Array(repeating: 0.0, count: gradients.first?.count ?? 0)
    for (coefficient, gradient) in zip(coefficients, gradients) {
      for index in sum.indices { sum[index] += coefficient * gradient[index] }
    }
    return sum
  }

  @Test("a weighted mean also divides by the class weights")
  func classWeights() throws {
    let weights = [0.5, 2, 3]
    var options = CrossEntropyLoss.Options()
    options.classWeights = weights
    let prediction = [0.1, 0.2, -0.3, 1, 2, 0, -1, 0.5, 0.25, 3, 1, 2]
    let classes = [2, 0, 1, 1]
    let values = [1, 0.5, 2, 0]
    let inputs: LossInputs = [
      .prediction: try tensor([4, 3], prediction), .target: AnyTensor(Tensor(classes)),
      .weight: AnyTensor(Tensor(values)),
    ]
    let unweighted = try CrossEntropyLoss().evaluate(inputs, reduction: Reduction.unreduced)
    // The unreduced terms include the weights of the caller, but not the class weights.
    let terms = zip(unweighted.value.doubles, classes).map { $0 * weights[$1] }
    let normalizers = zip(values, classes).map { $0 * weights[$1] }
    let loss = CrossEntropyLoss(options: options)
    let value = try loss.evaluate(inputs, reduction: .weightedMean).value.doubles
    #expect(agree(value, [terms.reduce(0, +) / normalizers.reduce(0, +)]))
    let mean = try loss.evaluate(inputs, reduction: .mean).value.doubles
    #expect(agree(mean, [terms.reduce(0, +) / 4]))
  }

  @Test(
    "missing and repeated axes throw",
    arguments: [
      [2], [-3], [0, 0], [0, -2], [1, -1], [Int.min], [Int.max], [0, 1, 2],
    ])
  func wrongAxes(_ axes: [Int]) throws {
    let inputs: LossInputs = [
      .prediction: try tensor([2, 3], Array(repeating: 1.0, count: 6)),
      .target: try tensor([2, 3], Array(repeating: 0.0, count: 6)),
    ]
    let preceding = Reduction.Stage(averages: true, axes: axes)
    for reduction in [
      Reduction.mean(over: axes), .sum(over: axes), Reduction(.mean, preceding: preceding),
    ] {
      let error = refusal { () throws(LossError) in
        try MeanSquaredErrorLoss().evaluate(inputs, reduction: reduction)
      }
      #expect(error?.code == .invalidOption)
      #expect(error?.subject == "reduction")
    }
  }

  @Test("axes refer to the result of the preceding stage")
  func secondStage() throws {
    let inputs: LossInputs = [
      .prediction: try tensor([2, 3], [1.0, 2, 3, 4, 5, 6]),
      .target: try tensor([2, 3], Array(repeating: 0.0, count: 6)),
    ]
    let preceding = Reduction.Stage(averages: false, axes: [0])
    let loss = MeanAbsoluteErrorLoss()
    let sums = try loss.evaluate(inputs, reduction: Reduction(.unreduced, preceding: preceding))
    #expect(sums.value == AnyTensor(Tensor([5.0, 7, 9])))
    let mean = try loss.evaluate(
      inputs, reduction: Reduction(.mean, over: [0], preceding: preceding))
    #expect(mean.value == AnyTensor(Tensor(7.0)))
    let error = refusal { () throws(LossError) in
      try loss.evaluate(inputs, reduction: Reduction(.mean, over: [1], preceding: preceding))
    }
    #expect(error?.code == .invalidOption)
  }

  @Test("a batch mean must include the batch axis")
  func batchMeanAxes() throws {
    let inputs: LossInputs = [
      .prediction: try tensor([2, 2], [1.0, 2, 3, 4]),
      .target: try tensor([2, 2], [0.0, 0, 0, 0]),
    ]
    let error = refusal { () throws(LossError) in
      try MeanAbsoluteErrorLoss().evaluate(inputs, reduction: Reduction(.batchMean, over: [1]))
    }
    #expect(error?.code == .invalidOption)
    let value = try MeanAbsoluteErrorLoss().evaluate(inputs, reduction: .batchMean).value
    #expect(value == AnyTensor(Tensor(5.0)))
  }

  @Test(
    "empty terms have no mean, with or without a mask",
    arguments: [
      [0], [0, 3], [3, 0], [2, 0, 2],
    ])
  func noTerms(_ extents: [Int]) throws {
    for isMasked in [false, true] {
      var inputs: LossInputs = [
        .prediction: try tensor(extents, [Double]()), .target: try tensor(extents, [Double]()),
      ]
      if isMasked { inputs[.mask] = try tensor(extents, [Bool]()) }
      let loss = MeanSquaredErrorLoss()
      #expect(try loss.evaluate(inputs, reduction: .sum).value == AnyTensor(Tensor(0.0)))
      for kind in [Reduction.Kind.mean, .batchMean, .weightedMean] {
        let note: Comment = "\(kind), \(isMasked ? "masked" : "not masked")"
        let error = refusal("\(kind) masked \(isMasked)") { () throws(LossError) in
          try loss.evaluate(inputs, reduction: Reduction(kind))
        }
        #expect(error?.code == .emptyInput, note)
        let zero = try loss.evaluate(inputs, reduction: Reduction(kind, whenEmpty: .zero))
        #expect(zero.value == AnyTensor(Tensor(0.0)), note)
        let nan = try loss.evaluate(inputs, reduction: Reduction(kind, whenEmpty: .nan))
        #expect(nan.value.doubles[0].isNaN, note)
      }
    }
  }

  @Test("the gradient of a mean of no terms is zero, even for NaN inputs")
  func emptyMeanGradient() throws {
    let inputs: LossInputs = [
      .prediction: AnyTensor(Tensor([Double.nan, .infinity, 1e300])),
      .target: AnyTensor(Tensor([0.0, 0, 0])),
      .mask: AnyTensor(Tensor([false, false, false])),
    ]
    for policy in [Reduction.EmptyPolicy.zero, .nan] {
      let result = try MeanSquaredErrorLoss().evaluate(
        inputs, gradientsOf: [.prediction], reduction: Reduction(.mean, whenEmpty: policy))
      #expect(result.gradients[.prediction]?.doubles == [0, 0, 0])
    }
    // Class weights of zero exclude all terms too.
    var options = CrossEntropyLoss.Options()
    options.classWeights = [0, 1]
    let result = try CrossEntropyLoss(options: options).evaluate(
      [.prediction: try tensor([1, 2], [0.5, Double.infinity]), .target: AnyTensor(Tensor([0]))],
      gradientsOf: [.prediction], reduction: Reduction(.weightedMean, whenEmpty: .zero))
    #expect(result.value.doubles == [0])
    #expect(result.gradients[.prediction]?.doubles == [0, 0])
  }

  @Test(
    "an upstream gradient of another shape throws",
    arguments: [
      ([0], [Double]()), ([2], [1, 1]), ([6], [1, 1, 1, 1, 1, 1]), ([3, 2], [1, 1, 1, 1, 1, 1]),
    ])
  func upstream(_ extents: [Int], _ upstream: [Double]) throws {
    let inputs: LossInputs = [
      .prediction: try tensor([2, 3], [1.0, 2, 3, 4, 5, 6]),
      .target: try tensor([2, 3], Array(repeating: 0.0, count: 6)),
    ]
    let upstreamTensor = try tensor(extents, upstream)
    for reduction in [Reduction.unreduced, .mean, .sum(over: [0])] {
      let error = refusal("reduction \(reduction.kind)") { () throws(LossError) in
        try MeanSquaredErrorLoss().evaluate(
          inputs, gradientsOf: [.prediction], reduction: reduction, upstream: upstreamTensor)
      }
      #expect(error?.code == .shapeMismatch)
      #expect(error?.subject == "upstream")
    }
  }
}
