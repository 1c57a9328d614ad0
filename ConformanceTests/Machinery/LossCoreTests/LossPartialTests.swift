import Foundation
import LossConformance
import LossFunctions
import Testing

/// Partial results of shards.
///
/// `LOSS_SPLITS=1000` merges as many random splits of every loss and reduction.
@Suite struct LossPartialTests {
  static let splits =
    ProcessInfo.processInfo.environment["LOSS_SPLITS"].flatMap { Int($0) } ?? 100

  /// The number of samples that are split.
  static let sampleCount = 8

  static let reductions: [Reduction] = [.sum, .mean, .batchMean, .weightedMean]

  /// Every loss with partial results; a sum without parts has no inputs.
  static let losses = LossRegistry.linked.names.filter { name in
    name != "sum" && (try? LossRegistry.linked.loss(named: name))?.base.partialForm != nil
  }

  /// Inputs of a loss, the axes of whose samples come first, and the roles that all samples share.
  private func inputs(
    of loss: ConfiguredLoss, seed: UInt64
  ) -> (inputs: LossInputs, shared: Set<Role>) {
    var sampler = InputSampler(seed: seed)
    let signature = loss.signature
    let count = Self.sampleCount
    let samples = signature.inputs[0].encodings[0].axes.axes[0]
    var inputs = sampler.inputs(
      for: signature, rest: [count, 2], extents: ["\(samples)": count])
    var shared: Set<Role> = []
    for input in signature.inputs where input.encodings[0].axes.axes.first != samples {
      shared.insert(input.role)
    }
    var generator = SeededGenerator(seed: seed)
    if loss.base.partialForm == .terms,
      let shape = (try? loss.evaluate(inputs, reduction: .unreduced))?.value.shape
    {
      inputs[.weight] = AnyTensor.float64(
        Tensor(trusted: shape, (0..<shape.count).map { _ in Double(generator.next() % 5) / 3 }))
      if signature.maskCovers == .terms {
        inputs[.mask] = AnyTensor.bool(
          Tensor(trusted: shape, (0..<shape.count).map { _ in generator.next() % 4 > 0 }))
      }
    }
    return (inputs, shared)
  }

  /// The rows of the inputs that have samples.
  private func rows(_ range: Range<Int>, of all: (inputs: LossInputs, shared: Set<Role>))
    -> LossInputs
  {
    var rows = LossInputs()
    for (role, tensor) in all.inputs.tensors {
      rows[role] = all.shared.contains(role) ? tensor : tensor.rows(range)
    }
    return rows
  }

  /// A split, merged in a random order as a random tree.
  private func merged(
    _ partial: (Range<Int>) -> LossPartial?, _ generator: inout SeededGenerator
  ) throws -> LossPartial {
    var cuts: [Int] = []
    for cut in 1..<Self.sampleCount where generator.next() % 3 == 0 { cuts.append(cut) }
    let bounds = [0] + cuts + [Self.sampleCount]
    var partials = zip(bounds, bounds.dropFirst()).compactMap { partial($0..<$1) }
    try #require(partials.count == bounds.count - 1)
    while partials.count > 1 {
      let first = partials.remove(at: Int.random(in: partials.indices, using: &generator))
      let second = Int.random(in: partials.indices, using: &generator)
      partials[second] = try first.merged(with: partials[second])
    }
    return partials[0]
  }

  @Test("random splits have one bit pattern, within one ulp of a call", arguments: losses)
  func splits(_ name: String) throws {
    let loss = try LossRegistry.linked.loss(named: name)
    let all = inputs(of: loss, seed: 3)
    var generator = SeededGenerator(seed: 5)
    for reduction in Self.reductions {
      for element in [ElementType.float32, .float64] {
        var partials: [Range<Int>: LossPartial] = [:]
        for first in 0..<Self.sampleCount {
          for end in (first + 1)...Self.sampleCount {
            partials[first..<end] = try loss.partial(
              rows(first..<end, of: all), reduction: reduction, in: element)
          }
        }
        let whole = try #require(partials[0..<Self.sampleCount])
        let value = try whole.value
        for split in 0..<Self.splits {
          let merged = try merged({ partials[$0] }, &generator)
          #expect(merged.sums == whole.sums, "\(reduction.kind) \(element) split \(split)")
          if split == 0 { #expect(try merged.value.bitPattern == value.bitPattern) }
        }
        let call = try loss.evaluate(all.inputs, reduction: reduction, in: element).value.doubles[0]
        let ulp = element == .float32 ? Double(Float(call).ulp) : call.ulp
        #expect((value - call).magnitude <= ulp, "\(reduction.kind) \(element): \(value), \(call)")
        // The binary and the JSON form.
        #expect(try LossPartial(bytes: whole.bytes).sums == whole.sums)
        let json = try JSONEncoder().encode(whole)
        let read = try JSONDecoder().decode(LossPartial.self, from: json)
        #expect(read.bytes == whole.bytes)
        #expect(try read.value.bitPattern == value.bitPattern)
      }
    }
  }

  @Test("every loss has partial results, or refuses and says what to gather")
  func refuses() throws {
    for name in LossRegistry.linked.names where !Self.losses.contains(name) && name != "sum" {
      let loss = try LossRegistry.linked.loss(named: name)
      let error = try #require(refusal(name) { () throws(LossError) in try loss.partial([:]) })
      #expect(error.code == .invalidValue && error.subject == "partial")
      #expect(error.hint.hasPrefix("Gather ") || loss.arguments.isEmpty, "\(name)")
    }
    #expect(
      Set(LossRegistry.linked.names).subtracting(Self.losses) == [
        "barlow_twins", "circle", "clip", "deep_supervision", "label_smoothing", "lovasz_hinge",
        "lovasz_softmax", "multi_similarity", "n_pairs", "ntxent", "siglip", "softmax", "sum",
        "supcon",
        "vicreg",
      ])
  }

  @Test("a mean divides by the terms of all shards, not by the number of shards")
  func dividesOnce() throws {
    let loss = MeanSquaredErrorLoss()
    let first = try loss.partial([.prediction: Tensor([1.0, 2, 3]), .target: Tensor([0.0, 0, 0])])
    let second = try loss.partial([.prediction: Tensor([10.0]), .target: Tensor([0.0])])
    #expect(try first.merged(with: second).value == 114 / 4)
    let empty = try loss.partial([
      .prediction: Tensor<Double>([]), .target: Tensor<Double>([]),
    ])
    #expect(try first.merged(with: empty).value == 14.0 / 3)
    let error = try #require(refusal { () throws(LossError) in try empty.value })
    #expect(error.code == .emptyInput)
    let zero = try loss.partial(
      [.prediction: Tensor<Double>([]), .target: Tensor<Double>([])],
      reduction: Reduction(.mean, whenEmpty: .zero))
    #expect(try zero.value == 0)
  }

  @Test("sums of large shards and threads are those of one")
  func largeShards() throws {
    let count = 200_003
    var generator = SeededGenerator(seed: 8)
    let a = (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    let b = (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    func partial(_ loss: any LossProtocol, _ rows: Range<Int>, _ threads: Int) throws -> LossPartial
    {
      try loss.partial(
        [.prediction: Tensor(Array(a[rows])), .target: Tensor(Array(b[rows]))], threads: threads)
    }
    for loss in [HuberLoss(), RootMeanSquaredErrorLoss()] as [any LossProtocol] {
      let whole = try partial(loss, 0..<count, 1)
      for threads in [2, 3] {
        let first = try partial(loss, 0..<70_000, threads)
        let second = try partial(loss, 70_000..<count, threads)
        #expect(try first.merged(with: second).sums == whole.sums)
      }
    }
  }

  @Test("squares that overflow in one shard only are rescaled in all")
  func overflow() throws {
    let loss = RootMeanSquaredErrorLoss()
    func partial(_ numbers: [Double]) throws -> LossPartial {
      try loss.partial([
        .prediction: Tensor(numbers), .target: Tensor(numbers.map { _ in 0.0 }),
      ])
    }
    let numbers = [3e200, 4e200, 1, 2]
    let merged = try partial(Array(numbers[..<2])).merged(with: partial(Array(numbers[2...])))
    let call: Double = try loss([.prediction: Tensor(numbers), .target: Tensor([0.0, 0, 0, 0])])
    #expect(try merged.value == call)
    #expect((try merged.value - 2.5e200).magnitude <= 2.5e200.ulp)
  }

  @Test("the gradient of a shard, given the whole, is that of one call")
  func gradients() throws {
    let loss = CrossEntropyLoss(labelSmoothing: 0.1)
    var generator = SeededGenerator(seed: 2)
    let logits = try tensor([6, 4], generator.numbers(-3...3, 24))
    let labels = AnyTensor(Tensor([0, 3, 1, 2, 2, 0]))
    let inputs: LossInputs = [.prediction: logits, .target: labels]
    let shards = [0..<1, 1..<4, 4..<6].map { rows -> LossInputs in
      [.prediction: logits.rows(rows), .target: labels.rows(rows)]
    }
    let whole = try LossPartial.merged(try shards.map { try loss.partial($0) })
    let call = try loss.evaluate(inputs, gradientsOf: [.prediction])
    #expect(try whole.value == call.value.doubles[0])
    var gradient: [Double] = []
    for shard in shards {
      let result = try loss.gradients(of: shard, given: whole)
      #expect(result.value == call.value)
      gradient += result.gradients[.prediction]?.doubles ?? []
    }
    #expect(gradient == call.gradients[.prediction]?.doubles)
  }

  @Test("sums of losses have the parts' partial results; a penalty on parameters has none")
  func sumsOfLosses() throws {
    let loss =
      0.25 * DiceLoss(activation: .softmax, per: .class) + CrossEntropyLoss().reduced(by: .sum)
    var sampler = InputSampler(seed: 1)
    let prediction = sampler.inputs(
      for: DiceLoss().signature, rest: [6, 2], extents: ["sample": 6])[.prediction]
    let labels = AnyTensor(
      try Tensor(shape: [6, 2], scalars: [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]))
    let logits = try #require(prediction)
    let inputs: LossInputs = [.prediction: logits, .target: labels]
    let parts = [0..<2, 2..<5, 5..<6].map { rows -> LossInputs in
      [.prediction: logits.rows(rows), .target: labels.rows(rows)]
    }
    let whole = try LossPartial.merged(try parts.map { try loss.partial($0) })
    let call = try loss.evaluate(inputs, gradientsOf: [.prediction])
    #expect((try whole.value - call.value.doubles[0]).magnitude <= call.value.doubles[0].ulp)
    var gradient: [Double] = []
    for part in parts {
      gradient += try loss.gradients(of: part, given: whole).gradients[.prediction]?.doubles ?? []
    }
    #expect(agree(gradient, call.gradients[.prediction]?.doubles ?? []))
    let penalized = loss + L2Penalty()
    #expect(penalized.partialForm == nil)
  }

  @Test("half precision and narrow whole numbers have the sums of their numbers")
  func narrowInputs() throws {
    let numbers = try tensor([6, 2], (1...12).map { Float($0 * $0 % 7) / 8 })
    let labels = AnyTensor(Tensor([0, 1, 1, 0, 1, 0]))
    let half = try numbers.cast(to: .bfloat16)
    let bytes = try labels.cast(to: .uint8)
    func partial(_ a: AnyTensor, _ b: AnyTensor, _ rows: Range<Int>) throws -> LossPartial {
      try CrossEntropyLoss().partial([.prediction: a.rows(rows), .target: b.rows(rows)])
    }
    let merged = try partial(half, bytes, 0..<2).merged(with: partial(half, bytes, 2..<6))
    #expect(try merged.sums == partial(numbers, labels, 0..<6).sums)
  }

  @Test("names of other frameworks, with their scales and stages")
  func dialects() throws {
    for name in ["torch.nn.MSELoss", "keras.losses.MeanSquaredError", "torch.nn.KLDivLoss"] {
      let loss = try LossRegistry.linked.loss(named: name)
      let isLog = name.hasSuffix("KLDivLoss")
      let a = try tensor([4, 3], (1...12).map { isLog ? -Double($0) / 7 : Double($0) / 7 })
      let b = try tensor([4, 3], (1...12).map { Double($0 * $0 % 7) / 11 })
      func inputs(_ rows: Range<Int>) -> LossInputs {
        [loss.arguments[0]: a.rows(rows), loss.arguments[1]: b.rows(rows)]
      }
      let first = try loss.partial(inputs(0..<1), domainChecks: DomainChecks.none)
      let second = try loss.partial(inputs(1..<4), domainChecks: DomainChecks.none)
      let call = try loss.evaluate(inputs(0..<4), domainChecks: DomainChecks.none).value.doubles[0]
      #expect((try first.merged(with: second).value - call).magnitude <= call.ulp, "\(name)")
    }
  }

  @Test("partial results of other losses, options, reductions and elements are refused")
  func refusesOthers() throws {
    let inputs: LossInputs = [.prediction: Tensor([1.0, 2]), .target: Tensor([0.5, 1])]
    let one = try HuberLoss().partial(inputs)
    func found(_ other: LossPartial) throws -> LossError {
      try #require(refusal { () throws(LossError) in try one.merged(with: other) })
    }
    let errors = try [
      found(HuberLoss(delta: 2).partial(inputs)), found(LogCoshLoss().partial(inputs)),
      found(HuberLoss().partial(inputs, reduction: .sum)),
      found(HuberLoss().partial(inputs, in: .float32)),
    ]
    for error in errors { #expect(error.code == .invalidValue && error.loss == "huber") }
    #expect(errors[0].found.contains(#""delta":2"#) || errors[0].found.contains(#""delta": 2"#))
    #expect(errors[2].found == "has the reduction sum")
    #expect(errors[3].found == "has the element type f32")
    let classes = try CrossEntropyLoss().partial([
      .prediction: try tensor([1, 2], [0.5, 1]), .target: Tensor([1]),
    ])
    let others = try CrossEntropyLoss().partial([
      .prediction: try tensor([1, 3], [0.5, 1, 2]), .target: Tensor([1]),
    ])
    let error = try #require(refusal { () throws(LossError) in try classes.merged(with: others) })
    #expect(error.code == .shapeMismatch)
  }

  @Test("bytes that were truncated or altered are refused")
  func refusesAltered() throws {
    let bytes = try HuberLoss().partial([
      .prediction: Tensor([1.0, 2]), .target: Tensor([0.5, 1]),
    ]).bytes
    #expect(bytes.count < 250)
    for count in bytes.indices {
      #expect(refusal { () throws(LossError) in try LossPartial(bytes: bytes[..<count]) } != nil)
      var altered = bytes
      altered[count] ^= 1 << UInt8(count % 8)
      #expect(refusal { () throws(LossError) in try LossPartial(bytes: altered) } != nil)
    }
  }

  @Test("data that are covered twice, or not at all, are refused by name")
  func refusesDuplicates() throws {
    let inputs: LossInputs = [.prediction: Tensor([1.0, 2]), .target: Tensor([0.5, 1])]
    func partial(
      _ file: String, _ rows: Range<Int>, of total: Int? = nil, _ digest: String, shards: Int? = nil
    ) throws -> LossPartial {
      try HuberLoss().partial(
        inputs,
        source: PartialSource(
          ["prediction": file], rows: rows, of: total, digest: digest, shardCount: shards))
    }
    func message(_ partials: LossPartial...) throws -> String {
      let error = refusal { () throws(LossError) in
        try LossPartial.merged(partials).requireAllRows()
      }
      return try #require(error).description
    }
    let first = try partial("a.npy", 0..<2, of: 4, "1")
    let second = try partial("a.npy", 2..<4, of: 4, "2")
    try LossPartial.merged([second, first]).requireAllRows()
    #expect(
      try message(first, second, first)
        == "huber: a.npy rows 0:2 is counted twice, also as a.npy rows 0:2; expected every row "
        + "once. Leave one out.")
    #expect(
      try message(first, partial("a.npy", 1..<4, of: 4, "3"))
        == "huber: a.npy rows 1:4 is counted twice, also as a.npy rows 0:2; expected every row "
        + "once. Leave one out.")
    #expect(
      try message(first, partial("a.npy", 0..<2, of: 4, "7")).contains(
        "changed between two partials"))
    #expect(try message(first, partial("a.npy", 2..<5, of: 5, "2")).contains("has 5 rows"))
    #expect(
      try message(first, second, partial("copy/a.npy", 0..<2, of: 4, "1")).contains(
        "has the content of"))
    #expect(
      try message(first) == "huber: a.npy has no partial for rows 2:4; expected all 4 rows.")
    #expect(
      try message(second) == "huber: a.npy has no partial for rows 0:2; expected all 4 rows.")
    #expect(
      try message(
        partial("s1.npy", 0..<2, of: 2, "1", shards: 3),
        partial("s2.npy", 0..<2, of: 2, "2", shards: 3)
      ).contains("cover 2 shards"))
  }
}
