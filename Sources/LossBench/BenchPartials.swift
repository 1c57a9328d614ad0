import LossConformance
import LossFunctions

/// Measures partial results: their cost beside that of a call, of merging, and of reading.
struct BenchPartials {
  let threads: Int
  let seconds: Double
  let show: (String) -> Void

  /// A loss, with inputs of these extents.
  private struct Case {
    let name: String
    let loss: any LossProtocol
    let rest: [Int]
    var extents: [String: Int] = [:]
  }

  private static let cases = [
    Case(name: "mse_1e6", loss: MeanSquaredErrorLoss(), rest: [1_000_000]),
    Case(name: "huber_1e6", loss: HuberLoss(), rest: [1_000_000]),
    Case(
      name: "bce_logits_1e6", loss: BinaryCrossEntropyLoss(fromLogits: true), rest: [1_000_000]),
    Case(name: "ce_4096x1000", loss: CrossEntropyLoss(), rest: [4096], extents: ["class": 1000]),
    Case(
      name: "ctc_N32", loss: CTCLoss(), rest: [32],
      extents: ["time": 200, "class": 64, "label": 50]),
    Case(name: "rmse_1e6", loss: RootMeanSquaredErrorLoss(), rest: [1_000_000]),
    Case(
      name: "dice_all_8x4x65536", loss: DiceLoss(activation: .softmax, per: .all),
      rest: [8, 65536],
      extents: ["class": 4]),
  ]

  /// Prints the table.
  func run() throws(LossError) {
    show("ns per term            call     partial  ratio   (Float, \(threads) threads)")
    for one in Self.cases {
      var sampler = InputSampler(seed: 1)
      var inputs = sampler.inputs(for: one.loss.signature, rest: one.rest, extents: one.extents)
      for (role, tensor) in inputs.tensors where tensor.element == .float64 {
        inputs[role] = .float32(tensor.converted())
      }
      let count = Double(one.rest.reduce(1, *))
      let call = try Timing(for: seconds) { (count: Int) throws(LossError) in
        var sum = 0.0
        for _ in 0..<count {
          sum += try one.loss.evaluate(inputs, in: .float32, threads: threads).value.doubles[0]
        }
        return sum
      }
      let partial = try Timing(for: seconds) { (count: Int) throws(LossError) in
        var sum = 0.0
        for _ in 0..<count {
          let partial = try one.loss.partial(inputs, in: .float32, threads: threads)
          sum += Double(partial.termCount)
        }
        return sum
      }
      let (a, b) = (call.median / count, partial.median / count)
      show(
        Self.padded(one.name, 20) + Self.padded(Self.rounded(a), 9)
          + Self.padded(Self.rounded(b), 9)
          + Self.rounded(b / a))
    }
    try showMerges()
    try showLarge()
  }

  /// Merging, writing and reading 100,000 partial results of one shard each.
  private func showMerges() throws(LossError) {
    let count = 100_000
    let clock = ContinuousClock()
    let one = try HuberLoss().partial([
      .prediction: Tensor([Float(1.25), 2]), .target: Tensor([Float(0), 0]),
    ])
    let partials = (0..<count).map { index in
      one.covering([
        PartialSource(
          ["prediction": "shard-\(index)-p.npy", "target": "shard-\(index)-t.npy"], rows: 0..<2,
          of: 2, digest: "\(index)", shardCount: count)
      ])
    }
    var start = clock.now
    var bytes: [[UInt8]] = []
    for partial in partials { bytes.append(partial.bytes) }
    show("write \(count) partials: \(Self.rounded((clock.now - start) / .seconds(1))) s")
    show("bytes of one: \(bytes.map(\.count).max() ?? 0)")
    start = clock.now
    var read: [LossPartial] = []
    for bytes in bytes { read.append(try LossPartial(bytes: bytes)) }
    show("read \(count) partials: \(Self.rounded((clock.now - start) / .seconds(1))) s")
    start = clock.now
    let merged = try LossPartial.merged(read)
    try merged.requireAllRows()
    show("merge \(count) partials: \(Self.rounded((clock.now - start) / .seconds(1))) s")
    show("value \(try merged.value), of \(merged.termCount) terms")
  }

  /// A hundred million terms in a thousand shards, made on the fly.
  private func showLarge() throws(LossError) {
    let (shards, size) = (1000, 100_000)
    let clock = ContinuousClock()
    var times = (call: Duration.zero, partial: Duration.zero, merge: Duration.zero)
    var whole: LossPartial?
    let loss = BinaryCrossEntropyLoss(fromLogits: true)
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<shards {
      let inputs: LossInputs = [
        .prediction: Tensor((0..<size).map { _ in Float(generator.next() >> 40) * 0x1p-22 - 2 }),
        .target: Tensor((0..<size).map { _ in Float(generator.next() >> 63) }),
      ]
      var start = clock.now
      _ = try loss.evaluate(inputs, threads: threads)
      times.call += clock.now - start
      start = clock.now
      let partial = try loss.partial(inputs, threads: threads)
      times.partial += clock.now - start
      start = clock.now
      whole = try whole?.merged(with: partial) ?? partial
      times.merge += clock.now - start
    }
    let (call, partial, merge) = (
      times.call / .seconds(1), times.partial / .seconds(1), times.merge / .seconds(1)
    )
    show(
      "1e8 terms of bce_logits in 1000 shards: calls \(Self.rounded(call)) s, partials "
        + "\(Self.rounded(partial)) s, merges \(Self.rounded(merge)) s")
    show("value \(try whole?.value ?? .nan)")
  }

  static func rounded(_ number: Double) -> String {
    let scale = number < 1 ? 10_000.0 : 100
    return String((number * scale).rounded() / scale)
  }

  static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
