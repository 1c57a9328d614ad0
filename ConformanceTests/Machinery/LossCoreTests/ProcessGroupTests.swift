import LossConformance
import LossFunctions
import Testing

/// Losses that several processes evaluate together.
@Suite struct ProcessGroupTests {
  /// A way to call cross entropy.
  struct Call: Sendable, CustomStringConvertible {
    let description: String
    var options = CrossEntropyLoss.Options()
    var isDense = false
    var reduction = Reduction.mean
    var hasMask = false
    var hasWeight = false
    var classAxis: Int?
    var logits = Logits.ordinary

    enum Logits { case ordinary, large, tied, infinite, dominated, twice }

    init(_ description: String, _ change: (inout Call) -> Void = { _ in }) {
      self.description = description
      change(&self)
    }
  }

  static let classCount = 53
  static let classWeights = (0..<classCount).map { Double($0 % 7) / 3 }
  static let calls = [
    Call("plain"),
    Call("terms") { $0.reduction = .unreduced },
    Call("label smoothing") { $0.options.labelSmoothing = 0.1 },
    Call("class weights") {
      $0.options.classWeights = classWeights
      $0.reduction = .weightedMean
    },
    Call("class weights and label smoothing") {
      $0.options.classWeights = classWeights
      $0.options.labelSmoothing = 0.25
      $0.reduction = .weightedMean
    },
    Call("ignored class") { $0.options.ignoreIndex = 3 },
    Call("dense") { $0.isDense = true },
    Call("dense with class weights") {
      $0.isDense = true
      $0.options.classWeights = classWeights
      $0.reduction = .weightedMean
    },
    Call("dense with label smoothing") {
      $0.isDense = true
      $0.options.labelSmoothing = 0.1
      $0.reduction = .sum
    },
    Call("mask") { $0.hasMask = true },
    Call("weights") {
      $0.hasWeight = true
      $0.reduction = .weightedMean
    },
    Call("class axis first") { $0.classAxis = 0 },
    Call("dense, class axis first") {
      $0.classAxis = 0
      $0.isDense = true
    },
    Call("logits of ten thousand") { $0.logits = .large },
    Call("ties") { $0.logits = .tied },
    Call("dense, ties") {
      $0.logits = .tied
      $0.isDense = true
    },
    Call("infinite logits") { $0.logits = .infinite },
    Call("one dominates") { $0.logits = .dominated },
    Call("dense, two dominate") {
      $0.logits = .twice
      $0.isDense = true
    },
    Call("dense, one dominates") {
      $0.logits = .dominated
      $0.isDense = true
    },
  ]

  /// The inputs of a call, in `Double`, and in the layout [rows, classes] or its transpose.
  static func inputs(of call: Call, rows: Int, seed: UInt64) throws -> LossInputs {
    var generator = SeededGenerator(seed: seed)
    func uniform() -> Double { Double(generator.next() >> 40) / 0x1p24 }
    let classes = classCount
    var logits = (0..<rows * classes).map { _ in Double(Float(8 * uniform() - 4)) }
    for row in 0..<rows {
      let best = row * classes + Int(generator.next() % UInt64(classes))
      switch call.logits {
      case .ordinary: break
      case .large: for j in 0..<classes { logits[row * classes + j] *= 2500 }
      case .tied: for j in 0..<classes { logits[row * classes + j].round() }
      case .infinite:
        logits[best] = .infinity
        logits[row * classes] = -.infinity
      case .dominated: logits[best] = 60
      case .twice:
        logits[best] = 60
        logits[row * classes + Int(generator.next() % UInt64(classes))] = 60
      }
    }
    var inputs = LossInputs()
    func layout(_ numbers: [Double]) throws -> AnyTensor {
      guard call.classAxis == 0 else {
        return .float64(try Tensor(shape: [rows, classes], scalars: numbers))
      }
      let turned = (0..<classes).flatMap { j in (0..<rows).map { numbers[$0 * classes + j] } }
      return .float64(try Tensor(shape: [classes, rows], scalars: turned))
    }
    inputs[.prediction] = try layout(logits)
    if call.isDense {
      var shares = (0..<rows * classes).map { _ in Double(Float(uniform())) }
      for row in 0..<rows {
        let sum = shares[row * classes..<(row + 1) * classes].reduce(0, +)
        for j in 0..<classes {
          shares[row * classes + j] = Double(Float(shares[row * classes + j] / sum))
        }
      }
      inputs[.target] = try layout(shares)
    } else {
      let indices = (0..<rows).map { _ in Int(generator.next() % UInt64(classes)) }
      inputs[.target] = .int64(try Tensor(shape: [rows], scalars: indices))
    }
    if call.hasMask {
      inputs[.mask] = .bool(try Tensor(shape: [rows], scalars: (0..<rows).map { $0 % 3 != 1 }))
    }
    if call.hasWeight {
      inputs[.weight] = .float64(
        try Tensor(shape: [rows], scalars: (0..<rows).map { Double($0 % 4) / 2 }))
    }
    return inputs
  }

  /// Some columns of a tensor with a class axis.
  static func classes(_ range: Range<Int>, of tensor: AnyTensor, axis: Int?) throws -> AnyTensor {
    let (rows, numbers) = (tensor.shape.count / classCount, tensor.doubles)
    if axis == 0 {
      return .float64(
        try Tensor(
          shape: [range.count, rows],
          scalars: Array(numbers[range.lowerBound * rows..<range.upperBound * rows])))
    }
    let kept = (0..<rows).flatMap { row in range.map { numbers[row * classCount + $0] } }
    return .float64(try Tensor(shape: [rows, range.count], scalars: kept))
  }

  @Test(
    "Cross entropy has the same bits for any split of the classes", arguments: calls,
    [ElementType.float32, .float64])
  func vocabularyParallel(_ call: Call, _ element: ElementType) throws {
    let loss = CrossEntropyLoss(options: call.options)
    var generator = SeededGenerator(seed: 5)
    for seed: UInt64 in 1...12 {
      let inputs = try Self.inputs(of: call, rows: 9, seed: seed)
      let whole = try loss.evaluate(
        inputs, gradientsOf: [.prediction], reduction: call.reduction, classAxis: call.classAxis,
        in: element)
      let cuts = (0..<3).map { _ in 1 + Int(generator.next() % UInt64(Self.classCount - 1)) }
      let ends = Set(cuts).sorted() + [Self.classCount]
      let ranges = zip([0] + ends, ends).map { $0..<$1 }
      let results = try LocalProcessGroup.run(ranges.count) {
        (group) throws(LossError) -> LossResult in
        // The order of the ranks need not be that of the classes.
        let range = ranges[(group.rank + Int(seed)) % ranges.count]
        var shard = inputs
        do {
          for role in call.isDense ? [Role.prediction, .target] : [.prediction] {
            shard[role] = try inputs[role].map {
              try Self.classes(range, of: $0, axis: call.classAxis)
            }
          }
        } catch {
          throw LossError(.invalidValue, subject: "test", found: "\(error)")
        }
        return try loss.evaluate(
          shard, classes: range, gradientsOf: [.prediction], reduction: call.reduction,
          classAxis: call.classAxis, in: element, threads: 2, over: group)
      }
      let gradient = try #require(whole.gradients[.prediction])
      for (rank, result) in results.enumerated() {
        #expect(result.value.bitPatterns == whole.value.bitPatterns, "seed \(seed)")
        let range = ranges[(rank + Int(seed)) % ranges.count]
        let part = try Self.classes(range, of: gradient, axis: call.classAxis)
        #expect(
          result.gradients[.prediction]?.bitPatterns == part.bitPatterns, "seed \(seed), \(range)")
      }
    }
  }

  @Test(
    "Z-loss has the same bits for any split of the classes", arguments: [nil, 0],
    [ElementType.float32, .float64])
  func splitNormalizers(_ classAxis: Int?, _ element: ElementType) throws {
    var call = Call("z-loss") { $0.hasMask = true }
    call.classAxis = classAxis
    for seed: UInt64 in 1...8 {
      var inputs = try Self.inputs(of: call, rows: 9, seed: seed)
      inputs[.target] = nil
      let given = inputs
      let whole = try ZLoss().evaluate(
        given, gradientsOf: [.prediction], classAxis: classAxis, in: element)
      let ranges = [0..<Int(seed), Int(seed)..<40, 40..<Self.classCount]
      let results = try LocalProcessGroup.run(3) { (group) throws(LossError) -> LossResult in
        var shard = given
        do {
          shard[.prediction] = try given[.prediction].map {
            try Self.classes(ranges[group.rank], of: $0, axis: classAxis)
          }
        } catch {
          throw LossError(.invalidValue, subject: "test", found: "\(error)")
        }
        return try ZLoss().evaluate(
          shard, classes: ranges[group.rank], gradientsOf: [.prediction], classAxis: classAxis,
          in: element, threads: 2, over: group)
      }
      let gradient = try #require(whole.gradients[.prediction])
      for (range, result) in zip(ranges, results) {
        #expect(result.value.bitPatterns == whole.value.bitPatterns, "seed \(seed)")
        let part = try Self.classes(range, of: gradient, axis: classAxis)
        #expect(result.gradients[.prediction]?.bitPatterns == part.bitPatterns, "seed \(seed)")
      }
    }
  }

  /// What the processes throw, each in the same group.
  private func errors(
    _ count: Int, _ body: @escaping @Sendable (LocalProcessGroup) throws(LossError) -> LossResult
  ) throws -> [LossError?] {
    try LocalProcessGroup.run(count) { (group) throws(LossError) -> LossError? in
      do throws(LossError) {
        _ = try body(group)
        return nil
      } catch {
        return error
      }
    }
  }

  @Test("Shards that do not fit are refused on every process")
  func refusals() throws {
    let logits = AnyTensor.float32(try Tensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5, 6]))
    func target(_ indices: [Int]) throws -> AnyTensor {
      .int64(try Tensor(shape: [2], scalars: indices))
    }
    let right = try target([0, 4])
    func expect(
      _ code: LossError.Code, _ text: String,
      _ classes: @escaping @Sendable (Int) -> Range<Int> = { 3 * $0..<3 * $0 + 3 },
      loss: @escaping @Sendable (Int) -> CrossEntropyLoss = { _ in CrossEntropyLoss() },
      target: @escaping @Sendable (Int) -> AnyTensor,
      logits: @escaping @Sendable (Int) -> AnyTensor
    ) throws {
      let errors = try errors(2) { (group) throws(LossError) in
        try loss(group.rank).evaluate(
          [.prediction: logits(group.rank), .target: target(group.rank)],
          classes: classes(group.rank), over: group)
      }
      for error in errors {
        #expect(error?.code == code)
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "no error")")
        #expect(error?.loss == "cross_entropy")
      }
    }
    try expect(
      .invalidValue, "classes of the processes are 0..<3, 4..<7; expected each class from 0 once",
      { $0 == 0 ? 0..<3 : 4..<7 }, target: { _ in right }, logits: { _ in logits })
    try expect(
      .shapeMismatch, "expected the extent 2 of the class axis, the classes 3..<5",
      { $0 == 0 ? 0..<3 : 3..<5 }, target: { _ in right }, logits: { _ in logits })
    let other = try target([1, 4])
    try expect(
      .invalidValue, "process 1 has the numbers of target",
      target: { $0 == 0 ? right : other },
      logits: { _ in logits })
    try expect(
      .invalidValue, "process 1 has the options",
      loss: { CrossEntropyLoss(labelSmoothing: Double($0) / 10) }, target: { _ in right },
      logits: { _ in logits })
    let wrong = try target([0, 6])
    try expect(
      .invalidClass, "is 6 at [1]; expected a class in 0 ..< 6", target: { _ in wrong },
      logits: { _ in logits })
    let short = AnyTensor.float32(try Tensor(shape: [1, 3], scalars: [1, 2, 3]))
    try expect(
      .shapeMismatch, "This is an error of process 1.", target: { _ in right },
      logits: { $0 == 0 ? logits : short })
    try expect(
      .invalidOption, "option \"from_logits\" is false",
      loss: { _ in CrossEntropyLoss(fromLogits: false) },
      target: { _ in right }, logits: { _ in logits })
  }

  @Test("The mean divides by the terms of all processes, in the bits of one")
  func dataParallel() throws {
    let loss = CrossEntropyLoss(ignoreIndex: -100)
    let logits = try Tensor<Float>(shape: [5, 2], scalars: (0..<10).map { Float($0 * $0 % 7) / 3 })
    let target = try Tensor(shape: [5], scalars: [0, 1, -100, 1, 0])
    let whole = try loss.evaluate(
      [.prediction: logits, .target: target], gradientsOf: [.prediction])
    // Two rows that are kept against two of three: the mean of the means would be another number.
    let ranges = [0..<1, 1..<1, 1..<5]
    let all: LossInputs = [.prediction: logits, .target: target]
    let results = try LocalProcessGroup.run(3) { (group) throws(LossError) in
      var shard = LossInputs()
      for (role, tensor) in all.tensors { shard[role] = tensor.rows(ranges[group.rank]) }
      return try loss.evaluate(shard, gradientsOf: [.prediction], over: group)
    }
    for (result, range) in zip(results, ranges) {
      #expect(result.value.bitPatterns == whole.value.bitPatterns)
      #expect(
        result.gradients[.prediction]?.bitPatterns
          == whole.gradients[.prediction]?.rows(range).bitPatterns)
    }
    let errors = try errors(3) { (group) throws(LossError) in
      try loss.evaluate(
        [.prediction: logits, .target: target], reduction: group.rank == 2 ? .sum : .mean,
        over: group)
    }
    for error in errors { #expect(error?.description.contains("has the reduction") == true) }
  }

  @Test(
    "Losses that couple samples gather them",
    arguments: [
      "ntxent", "supcon", "multi_similarity", "circle", "clip", "siglip", "n_pairs",
      "barlow_twins",
    ], [[0, 3, 4, 8], [0, 70, 70, 150]])
  func gathered(_ name: String, _ cuts: [Int]) throws {
    let loss = try LossRegistry.linked.loss(named: name)
    let count = cuts[3]
    var sampler = InputSampler(seed: 3)
    let samples = try #require(loss.signature.inputs[0].encodings[0].axes.axes.first)
    var inputs = sampler.inputs(
      for: loss.signature, rest: [count, 3], extents: ["\(samples)": count])
    let coupled = !["n_pairs", "barlow_twins"].contains(name)
    if coupled {
      inputs[.weight] = .float32(
        try Tensor(shape: [count], scalars: (0..<count).map { Float($0 % 5) / 4 }))
    }
    let roles = loss.signature.inputs.map(\.role).filter(loss.base.differentiableRoles.contains)
    for element in [ElementType.float32, .float64] {
      let whole = try loss.evaluate(inputs, gradientsOf: roles, in: element)
      let given = inputs
      let results = try LocalProcessGroup.run(3) { (group) throws(LossError) in
        let range = cuts[group.rank]..<cuts[group.rank + 1]
        var shard = LossInputs()
        for (role, tensor) in given.tensors {
          shard[role] = tensor.shape.extents.first == count ? tensor.rows(range) : tensor
        }
        return try loss.evaluate(
          shard, gradientsOf: roles, in: element, threads: 2, over: group)
      }
      for (rank, result) in results.enumerated() {
        #expect(result.value.bitPatterns == whole.value.bitPatterns)
        for role in roles {
          var expected = try #require(whole.gradients[role])
          if expected.shape.extents.first == count {
            expected = expected.rows(cuts[rank]..<cuts[rank + 1])
          }
          #expect(result.gradients[role]?.bitPatterns == expected.bitPatterns, "\(role)")
        }
      }
    }
  }

  @Test("Sums of losses, and losses of regions, gather their samples too")
  func gatheredParts() throws {
    let circle = CircleLoss().signature
    let losses: [(ConfiguredLoss, LossSignature)] = [
      (ConfiguredLoss(NTXentLoss() + 0.5 * SupConLoss()), circle),
      (ConfiguredLoss(DiceLoss(activation: .sigmoid)), DiceLoss().signature),
      (ConfiguredLoss(RootMeanSquaredErrorLoss()), RootMeanSquaredErrorLoss().signature),
    ]
    var sampler = InputSampler(seed: 4)
    for (loss, signature) in losses {
      let given = sampler.inputs(
        for: signature, rest: [9, 4], extents: ["item": 9, "feature": 4])
      let whole = try loss.evaluate(given, gradientsOf: [.prediction])
      let results = try LocalProcessGroup.run(2) { (group) throws(LossError) in
        var shard = LossInputs()
        let range = group.rank == 0 ? 0..<5 : 5..<9
        for (role, tensor) in given.tensors { shard[role] = tensor.rows(range) }
        return try loss.evaluate(shard, gradientsOf: [.prediction], gathering: group)
      }
      for (rank, result) in results.enumerated() {
        #expect(result.value.bitPatterns == whole.value.bitPatterns, "\(loss.name)")
        let rows = whole.gradients[.prediction]?.rows(rank == 0 ? 0..<5 : 5..<9)
        #expect(result.gradients[.prediction]?.bitPatterns == rows?.bitPatterns, "\(loss.name)")
      }
    }
  }

  /// Two processes with the same messages, but for what the engine does to those of the other.
  private struct EchoGroup: ProcessGroup {
    let alter: ([UInt8]) -> [UInt8]
    var rank: Int { 0 }
    var count: Int { 2 }
    func allGather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes, alter(bytes)] }
  }

  @Test("Messages that an engine alters, truncates or loses are refused")
  func alteredMessages() throws {
    let inputs: LossInputs = [
      .prediction: AnyTensor(Tensor([1.0, 2])), .target: AnyTensor(Tensor([0.0, 0])),
    ]
    let loss = MeanSquaredErrorLoss()
    #expect(try loss.evaluate(inputs, over: EchoGroup { $0 }).value == AnyTensor(Tensor(2.5)))
    for position in [0, 1, 8, 9, 100] {
      let group = EchoGroup { bytes in
        var bytes = bytes
        bytes[position] ^= 1
        return bytes
      }
      let error = try #require(throws: LossError.self) { try loss.evaluate(inputs, over: group) }
      #expect(error.subject == "allGather" && error.found.contains("of process 1"), "\(error)")
    }
    let cuts: [([UInt8]) -> [UInt8]] = [{ _ in [] }, { Array($0.dropLast()) }, { $0 + [0] }]
    for cut in cuts {
      let error = try #require(throws: LossError.self) {
        try loss.evaluate(inputs, over: EchoGroup(alter: cut))
      }
      #expect(error.subject == "allGather", "\(error)")
    }
  }

  @Test("An error of one process that gathers is thrown on all", arguments: ["ntxent", "huber"])
  func gatheredErrors(_ name: String) throws {
    let loss = try LossRegistry.linked.loss(named: name)
    var sampler = InputSampler(seed: 4)
    let inputs = sampler.inputs(for: loss.signature, rest: [4, 3], extents: ["item": 4])
    let errors = try errors(2) { (group) throws(LossError) in
      // Wrong on one of them alone.
      let upstream = try Tensor(shape: [7], scalars: Array(repeating: Float(1), count: 7))
      return try loss.evaluate(
        inputs, gradientsOf: [.prediction], upstream: group.rank == 0 ? nil : AnyTensor(upstream),
        gathering: group)
    }
    for error in errors { #expect(error?.subject == "upstream") }
    let others = try self.errors(2) { (group) throws(LossError) in
      try loss.evaluate(
        inputs, gradientsOf: group.rank == 0 ? [] : [.prediction], gathering: group)
    }
    for error in others {
      #expect(error?.found.contains("prediction") == true, "\(error?.description ?? "no error")")
    }
  }

  @Test(
    "Inputs of one process with other numbers of samples are refused, but for a constant weight")
  func gatheredCounts() throws {
    let vectors = try Tensor<Float>(shape: [6, 2], scalars: (0..<12).map { Float($0 % 5) - 1 })
    let labels = try Tensor(shape: [6], scalars: [0, 1, 0, 1, 1, 0])
    let errors = try errors(2) { (group) throws(LossError) in
      let (rows, others) = group.rank == 0 ? (0..<2, 0..<4) : (2..<6, 4..<6)
      return try NTXentLoss().evaluate(
        [.prediction: AnyTensor(vectors).rows(rows), .target: AnyTensor(labels).rows(others)],
        over: group)
    }
    for error in errors {
      #expect(error?.description.contains("expected 2 samples, those of prediction") == true)
    }
    let whole = try NTXentLoss().evaluate(
      [
        .weight: AnyTensor(try Tensor<Float>(shape: [1], scalars: [2])),
        .prediction: AnyTensor(vectors), .target: AnyTensor(labels),
      ], reduction: .sum)
    let results = try LocalProcessGroup.run(2) { (group) throws(LossError) in
      let rows = group.rank == 0 ? 0..<2 : 2..<6
      return try NTXentLoss().evaluate(
        [
          .weight: AnyTensor(try Tensor<Float>(shape: [1], scalars: [2])),
          .prediction: AnyTensor(vectors).rows(rows), .target: AnyTensor(labels).rows(rows),
        ],
        reduction: .sum, over: group)
    }
    #expect(results.map(\.value) == [whole.value, whole.value])
  }

  @Test("Split classes have the bits of one process for mixed element types, and for -∞")
  func splitElements() throws {
    let (rows, classes) = (300, 100)
    let numbers = (0..<rows * classes).map { Float($0 % classes == 0 ? $0 / 1000 : $0 % 7) }
    let weight = try Tensor(shape: [rows], scalars: (0..<rows).map { Double($0 % 3) })
    let labels = try Tensor(shape: [rows], scalars: (0..<rows).map { $0 % classes })
    for isInfinite in [false, true] {
      // All logits of the second process, or every third.
      let given = numbers.enumerated().map { index, number in
        isInfinite && index % classes >= 40 ? -Float.infinity : number
      }
      let logits = AnyTensor(try Tensor(shape: [rows, classes], scalars: given))
      let normalizer: LossInputs = [.prediction: logits, .weight: AnyTensor(weight)]
      var entropy = normalizer
      entropy[.target] = AnyTensor(labels)
      entropy[.mask] = AnyTensor(
        try Tensor(shape: [rows], scalars: (0..<rows).map { $0 % classes < 40 }))
      for (loss, inputs) in [
        (ZLoss() as any ClassParallelLoss, normalizer), (CrossEntropyLoss(), entropy),
      ] {
        let whole = try loss.evaluate(inputs, gradientsOf: [.prediction], reduction: .mean)
        for ends in [[0, 100], [0, 40, 100]] {
          let results = try LocalProcessGroup.run(ends.count - 1) {
            (group) throws(LossError) -> LossResult in
            let range = ends[group.rank]..<ends[group.rank + 1]
            var shard = inputs
            let part = (0..<rows).flatMap { row in range.map { given[row * classes + $0] } }
            shard[.prediction] = AnyTensor(try Tensor(shape: [rows, range.count], scalars: part))
            return try loss.evaluate(
              shard, classes: range, gradientsOf: [.prediction], reduction: .mean, classAxis: nil,
              upstream: nil, in: nil, threads: 2, domainChecks: nil, over: group)
          }
          for (rank, result) in results.enumerated() {
            #expect(result.value.bitPatterns == whole.value.bitPatterns)
            let gradient = try #require(whole.gradients[.prediction]).doubles
            let part = (0..<rows).flatMap { row in
              (ends[rank]..<ends[rank + 1]).map { gradient[row * classes + $0] }
            }
            #expect(result.gradients[.prediction]?.doubles == part)
          }
        }
      }
    }
  }

  @Test("A wrong gradient or upstream gradient of one process is refused on all")
  func wrongResults() throws {
    let logits = AnyTensor(try Tensor<Float>(shape: [2, 3], scalars: [1, 2, 3, 4, 5, 6]))
    let target = AnyTensor(try Tensor(shape: [2], scalars: [0, 4]))
    let errors = try errors(2) { (group) throws(LossError) in
      try CrossEntropyLoss().evaluate(
        [.prediction: logits, .target: target], classes: 3 * group.rank..<3 * group.rank + 3,
        gradientsOf: group.rank == 0 ? [.target] : [.prediction], over: group)
    }
    for error in errors { #expect(error?.subject == "target") }
  }

  @Test("Samples of other shapes are refused on every process")
  func gatheredRefusals() throws {
    let errors = try errors(2) { (group) throws(LossError) in
      let tensor = AnyTensor.float32(
        try Tensor(
          shape: [2, 3 + group.rank], scalars: Array(repeating: 1, count: 6 + 2 * group.rank)))
      return try ConfiguredLoss(MeanSquaredErrorLoss()).evaluate(
        [.prediction: tensor, .target: tensor], gathering: group)
    }
    for error in errors {
      #expect(error?.description.contains("process 1 has prediction of shape [2, 4]") == true)
    }
  }

  /// The three ways to evaluate a loss over a group.
  enum Way: String, CaseIterable {
    case over, gathering, classes
  }

  @Test(
    "Gradients over a group have the element type of one process", arguments: Way.allCases,
    [ElementType.bfloat16, .float32])
  func elementTypes(_ way: Way, _ type: ElementType) throws {
    let logits = try AnyTensor(
      Tensor<Float>(shape: [2, 4], scalars: [1, -2, 0.5, 3, 0.25, 0, -1, 2])
    ).cast(to: type)
    let target = AnyTensor(try Tensor(shape: [2], scalars: [2, 1]))
    let loss = CrossEntropyLoss()
    for element in [nil, ElementType.float32] {
      let whole = try loss.evaluate(
        [.prediction: logits, .target: target], gradientsOf: [.prediction], in: element)
      let results = try LocalProcessGroup.run(1) { (group) throws(LossError) in
        let inputs: LossInputs = [.prediction: logits, .target: target]
        return switch way {
        case .over:
          try loss.evaluate(inputs, gradientsOf: [.prediction], in: element, over: group)
        case .gathering:
          try ConfiguredLoss(loss).evaluate(
            inputs, gradientsOf: [.prediction], in: element, gathering: group)
        case .classes:
          try loss.evaluate(
            inputs, classes: 0..<4, gradientsOf: [.prediction], in: element, over: group)
        }
      }
      #expect(results == [whole])
    }
  }

  @Test("Domain checks can be chosen over a group", arguments: Way.allCases)
  func domainChecks(_ way: Way) throws {
    let checked: LossInputs = [
      .prediction: AnyTensor(try Tensor<Float>(shape: [2], scalars: [0.5, 1.5])),
      .target: AnyTensor(try Tensor<Float>(shape: [2], scalars: [0, 1])),
    ]
    // Dense targets that add up to more than 1, or are negative, are no distribution.
    let dense: LossInputs = [
      .prediction: AnyTensor(try Tensor<Float>(shape: [1, 2], scalars: [0.5, 1.5])),
      .target: AnyTensor(try Tensor<Float>(shape: [1, 2], scalars: [-1, 2])),
    ]
    func evaluate(_ checks: DomainChecks?) throws -> [LossError?] {
      try errors(2) { (group) throws(LossError) in
        switch way {
        case .over:
          try BinaryCrossEntropyLoss(fromLogits: false).evaluate(
            checked, domainChecks: checks, over: group)
        case .gathering:
          try ConfiguredLoss(BinaryCrossEntropyLoss(fromLogits: false)).evaluate(
            checked, domainChecks: checks, gathering: group)
        case .classes:
          try CrossEntropyLoss().evaluate(
            dense, classes: 2 * group.rank..<2 * group.rank + 2, domainChecks: checks, over: group)
        }
      }
    }
    #expect(try evaluate(nil).map(\.?.code) == [.invalidValue, .invalidValue])
    #expect(try evaluate(DomainChecks.none) == [nil, nil])
  }

  @Test("A process that ends early makes the others throw")
  func endsEarly() throws {
    let errors = try errors(3) { (group) throws(LossError) in
      if group.rank == 1 { return LossResult(value: AnyTensor(Tensor(0.0))) }
      return try HuberLoss().evaluate(
        [.prediction: Tensor(1.0), .target: Tensor(2.0)], over: group)
    }
    #expect(errors.map { $0?.description.contains("has lost a process") } == [true, nil, true])
  }
}

extension AnyTensor {
  /// The bits of every number as `Double`, for all NaN the same.
  var bitPatterns: [UInt64] { doubles.map { ($0.isNaN ? .nan : $0).bitPattern } }
}
