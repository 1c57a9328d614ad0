import LossConformance
import LossFunctions
import Testing

/// Cross entropy of a linear layer whose classes are split over processes.
@Suite struct LinearProcessGroupTests {
  /// A way to call the loss.
  struct Call: Sendable, CustomStringConvertible {
    let description: String
    var options = LinearCrossEntropyLoss.Options()
    var reduction = Reduction.mean
    var hasMask = false
    var hasWeight = false
    var hasBias = true
    /// What the hidden rows are multiplied by.
    var size = 1.0

    init(_ description: String, _ change: (inout Call) -> Void = { _ in }) {
      self.description = description
      change(&self)
    }
  }

  // Three tiles of classes, so that the cuts between processes are not those between tiles.
  static let (rowCount, featureCount, classCount) = (5, 3, 600)
  static let classWeights = (0..<classCount).map { Double($0 % 7) / 3 }
  static let calls = [
    Call("plain"),
    Call("terms, without bias") {
      $0.reduction = .unreduced
      $0.hasBias = false
    },
    Call("label smoothing") { $0.options.labelSmoothing = 0.1 },
    Call("class weights and label smoothing") {
      $0.options.classWeights = classWeights
      $0.options.labelSmoothing = 0.25
      $0.reduction = .weightedMean
    },
    Call("class weights and an ignored class that is none") {
      $0.options.classWeights = classWeights
      $0.options.ignoreIndex = -100
    },
    Call("mask") { $0.hasMask = true },
    Call("weights") {
      $0.hasWeight = true
      $0.reduction = .weightedMean
    },
    Call("logits of a hundred") { $0.size = 16 },
  ]

  static func inputs(of call: Call, seed: UInt64) throws -> LossInputs {
    var generator = SeededGenerator(seed: seed)
    func uniform() -> Double { Double(Float(Double(generator.next() >> 40) / 0x1p22 - 2)) }
    var inputs = LossInputs()
    inputs["hidden"] = .float64(
      try Tensor(
        shape: [rowCount, featureCount],
        scalars: (0..<rowCount * featureCount).map { _ in call.size * uniform() }))
    inputs["kernel"] = .float64(
      try Tensor(
        shape: [classCount, featureCount],
        scalars: (0..<classCount * featureCount).map { _ in uniform() }))
    if call.hasBias {
      inputs["bias"] = .float64(
        try Tensor(shape: [classCount], scalars: (0..<classCount).map { _ in uniform() }))
    }
    var labels = (0..<rowCount).map { _ in Int(generator.next() % UInt64(classCount)) }
    if let ignored = call.options.ignoreIndex { labels[2] = ignored }
    inputs[.target] = .int64(try Tensor(shape: [rowCount], scalars: labels))
    if call.hasMask {
      inputs[.mask] = .bool(
        try Tensor(shape: [rowCount], scalars: (0..<rowCount).map { $0 % 3 != 1 }))
    }
    if call.hasWeight {
      inputs[.weight] = .float64(
        try Tensor(shape: [rowCount], scalars: (0..<rowCount).map { Double($0 % 4) / 2 }))
    }
    return inputs
  }

  /// The inputs of a process that has some classes.
  static func shard(_ range: Range<Int>, of inputs: LossInputs) throws(LossError) -> LossInputs {
    var shard = inputs
    for role in ["kernel", "bias"] as [Role] { shard[role] = inputs[role]?.rows(range) }
    return shard
  }

  @Test(
    "A linear layer has the same bits for any split of its classes", arguments: calls,
    [ElementType.float32, .float64])
  func anySplit(_ call: Call, _ element: ElementType) throws {
    let loss = LinearCrossEntropyLoss(options: call.options)
    let roles: [Role] = call.hasBias ? ["hidden", "kernel", "bias"] : ["hidden", "kernel"]
    var generator = SeededGenerator(seed: 5)
    for seed: UInt64 in 1...4 {
      let inputs = try Self.inputs(of: call, seed: seed)
      let whole = try loss.evaluate(
        inputs, gradientsOf: roles, reduction: call.reduction, in: element)
      let cuts = (0..<3).map { _ in 1 + Int(generator.next() % UInt64(Self.classCount - 1)) }
      let ends = Set(cuts).sorted() + [Self.classCount]
      let ranges = zip([0] + ends, ends).map { $0..<$1 }
      let results = try LocalProcessGroup.run(ranges.count) {
        (group) throws(LossError) -> LossResult in
        let range = ranges[(group.rank + Int(seed)) % ranges.count]
        return try loss.evaluate(
          Self.shard(range, of: inputs), classes: range, gradientsOf: roles,
          reduction: call.reduction, in: element, threads: 2, over: group)
      }
      var sums = [Double](repeating: 0, count: Self.rowCount * Self.featureCount)
      for (rank, result) in results.enumerated() {
        #expect(result.value.bitPatterns == whole.value.bitPatterns, "seed \(seed)")
        let range = ranges[(rank + Int(seed)) % ranges.count]
        for role in roles.dropFirst() {
          let part = try #require(whole.gradients[role]).rows(range)
          #expect(
            result.gradients[role]?.bitPatterns == part.bitPatterns, "seed \(seed), \(role)")
        }
        let hidden = try #require(result.gradients["hidden"]).doubles
        for index in sums.indices { sums[index] += hidden[index] }
      }
      let hidden = try #require(whole.gradients["hidden"]).doubles
      let largest = hidden.map(\.magnitude).max() ?? 0
      let tolerance = largest * (element == .float32 ? 1e-6 : 1e-14)
      for index in sums.indices {
        #expect((sums[index] - hidden[index]).magnitude <= tolerance, "seed \(seed), \(index)")
      }
    }
  }

  @Test("A tile of logits of -∞ adds nothing", arguments: [ElementType.float32, .float64])
  func infiniteTile(_ element: ElementType) throws {
    var bias = [Double](repeating: 0, count: 600)
    for j in 256..<512 { bias[j] = -.infinity }
    let inputs: LossInputs = [
      "hidden": AnyTensor(try Tensor(shape: [1, 1], scalars: [1.0])),
      .target: AnyTensor(try Tensor(shape: [1], scalars: [0])),
      "kernel": AnyTensor(
        try Tensor(shape: [600, 1], scalars: [Double](repeating: 0, count: 600))),
      "bias": AnyTensor(try Tensor(shape: [600], scalars: bias)),
    ]
    let result = try LinearCrossEntropyLoss().evaluate(
      inputs, gradientsOf: ["hidden", "kernel", "bias"], in: element)
    // log 344
    #expect((result.value.doubles[0] - 5.840641657373398).magnitude < 1e-6)
    let gradient = try #require(result.gradients["bias"]).doubles
    #expect(gradient[300] == 0)
    #expect((gradient[1] - 1.0 / 344).magnitude < 1e-9)
    let results = try LocalProcessGroup.run(2) { (group) throws(LossError) in
      let range = group.rank == 0 ? 0..<256 : 256..<600
      return try LinearCrossEntropyLoss().evaluate(
        Self.shard(range, of: inputs), classes: range, gradientsOf: ["bias"], in: element,
        over: group)
    }
    for part in results { #expect(part.value.bitPatterns == result.value.bitPatterns) }
  }

  @Test("Hidden rows, kernels and targets that do not fit are refused on every process")
  func refusals() throws {
    let call = Call("plain")
    let inputs = try Self.inputs(of: call, seed: 1)
    func expect(
      _ code: LossError.Code, _ text: String, loss: LinearCrossEntropyLoss = .init(),
      _ change: @escaping @Sendable (_ rank: Int, inout LossInputs) throws -> Void
    ) throws {
      let errors = try LocalProcessGroup.run(2) { (group) throws(LossError) -> LossError? in
        let range = group.rank == 0 ? 0..<300 : 300..<600
        do {
          var shard = try Self.shard(range, of: inputs)
          try change(group.rank, &shard)
          _ = try loss.evaluate(shard, classes: range, over: group)
          return nil
        } catch {
          return error as? LossError
        }
      }
      for error in errors {
        #expect(error?.code == code)
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "no error")")
        #expect(error?.loss == "linear_cross_entropy")
      }
    }
    let other = try Self.inputs(of: call, seed: 2)
    try expect(.invalidValue, "process 1 has the numbers of hidden") { rank, shard in
      if rank == 1 { shard["hidden"] = other["hidden"] }
    }
    try expect(.invalidValue, "process 1 has the numbers of weight") { rank, shard in
      guard rank == 1 else { return }
      shard[.weight] = .float32(try Tensor(shape: [Self.rowCount], scalars: [1, 1, 1, 1, 2]))
    }
    try expect(.shapeMismatch, "expected 300 rows, the classes 300..<600") { rank, shard in
      if rank == 1 { shard["kernel"] = inputs["kernel"]?.rows(0..<299) }
    }
    try expect(.invalidClass, "is 600 at [4]; expected a class in 0 ..< 600") { _, shard in
      shard[.target] = .int64(try Tensor(shape: [Self.rowCount], scalars: [0, 1, 2, 3, 600]))
    }
    for smoothing in [0, 0.1] {
      try expect(
        .invalidOption, "has 2 numbers; expected one for each class of all processes",
        loss: .init(classWeights: [1, 2], labelSmoothing: smoothing)
      ) { _, _ in }
    }
  }
}
