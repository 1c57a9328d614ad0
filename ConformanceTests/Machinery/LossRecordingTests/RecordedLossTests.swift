import LossConformance
import LossFunctions
import LossRecording
import Testing

/// A loss that is recorded, the shipped one of the same formula, and inputs for both.
private struct Twins: Sendable, CustomStringConvertible {
  let recorded: any LossProtocol
  let shipped: any LossProtocol
  /// The allowed difference, in ulp of the largest derivative of a row.
  var ulps = 8.0
  let inputs: @Sendable (inout RandomNumbers) -> LossInputs

  var description: String { shipped.name }

  static let all: [Twins] = [
    Twins(recorded: RecordedCrossEntropy(), shipped: CrossEntropyLoss()) { random in
      [
        .prediction: random.tensor(16, 12, -4...4),
        .target: AnyTensor(Tensor((0..<16).map { $0 % 12 })),
      ]
    },
    Twins(recorded: RecordedDivergence(), shipped: KLDivergenceLoss()) { random in
      [.prediction: random.tensor(16, 12, 0.01...1), .target: random.tensor(16, 12, 0.01...1)]
    },
    Twins(recorded: RecordedCosineDistance(), shipped: CosineDistanceLoss()) { random in
      [.prediction: random.tensor(16, 12, -2...2), .target: random.tensor(16, 12, -2...2)]
    },
    Twins(recorded: RecordedListMLE(), shipped: ListMLELoss()) { random in
      [.prediction: random.tensor(16, 12, -4...4), .target: random.tensor(16, 12, 0...5)]
    },
    // Similarities divided by a temperature of 0.1 are exponents: their rounding counts ten times.
    Twins(recorded: RecordedInfoNCE(), shipped: NTXentLoss(), ulps: 12) { random in
      [
        .prediction: random.tensor(16, 12, -2...2),
        .target: AnyTensor(Tensor((0..<16).map { $0 % 5 })),
      ]
    },
  ]
}

/// Seeded numbers.
private struct RandomNumbers {
  var state: UInt64 = 7

  mutating func tensor(_ rows: Int, _ columns: Int, _ range: ClosedRange<Double>) -> AnyTensor {
    let numbers = (0..<rows * columns).map { _ -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return range.lowerBound + Double(state >> 11) * 0x1p-53
        * (range.upperBound - range.lowerBound)
    }
    return (try? Tensor(shape: Shape([rows, columns]), scalars: numbers)).map(AnyTensor.init)
      ?? .float64(Tensor(0))
  }
}

@Suite struct RecordedLossTests {
  static let plugin = LossPlugin(
    "recorded",
    [
      LossEntry(RecordedCrossEntropy.self), LossEntry(RecordedDivergence.self),
      LossEntry(RecordedCosineDistance.self), LossEntry(RecordedListMLE.self),
      LossEntry(RecordedInfoNCE.self),
    ])

  @Test("recorded losses satisfy the laws", arguments: Laws.cases(of: plugin))
  func holds(_ one: LawCase) {
    let counterexamples = one.check()
    #expect(counterexamples.isEmpty, "\(counterexamples)")
  }

  @Test("values and gradients are those of the shipped loss to some ulp", arguments: Twins.all)
  private func twins(_ twins: Twins) throws {
    var random = RandomNumbers()
    for _ in 0..<8 {
      let inputs = twins.inputs(&random)
      let results = try [twins.recorded, twins.shipped].map {
        try $0.evaluate(inputs, gradientsOf: [.prediction], reduction: .unreduced)
      }
      let values = results.map { $0.value.doubles }
      for (a, b) in zip(values[0], values[1]) {
        #expect((a - b).magnitude <= 8 * max(b.ulp, 0x1p-53), "\(a), \(b)")
      }
      for role in [Role.prediction] {
        let gradients = results.map { $0.gradients[role]?.doubles ?? [] }
        try #require(gradients[0].count == gradients[1].count && !gradients[0].isEmpty)
        // In units of the largest number of a row: its derivatives share their sums.
        for row in 0..<16 {
          let range = row * 12..<row * 12 + 12
          let largest = gradients[1][range].map(\.magnitude).max() ?? 0
          for k in range {
            let error = (gradients[0][k] - gradients[1][k]).magnitude
            #expect(
              error <= twins.ulps * largest.ulp, "\(role) at \(k): \(error / largest.ulp) ulp")
          }
        }
      }
    }
  }

  /// Divides by a difference that may be 0.
  private struct Ratio: RecordedRowLoss {
    static let metadata = LossMetadata("ratio", "A ratio of sums.", formula: "Σ p / Σ t")
    let options: NoOptions
    var signature: LossSignature { CosineDistanceLoss().signature }
    func term(_ row: RecordedRow) -> RecordedNumber { row[0].sum() / row[1].sum() }
  }

  @Test("a formula that gives NaN says where")
  func nan() throws {
    let zeros = try Tensor<Double>(shape: [2, 2], scalars: [1, 2, 0, 0])
    do throws(LossError) {
      _ = try Ratio()(zeros, try Tensor<Double>(shape: [2, 2], scalars: [1, 1, 1, -1]))
      Issue.record("no error")
    } catch {
      #expect(error.code == .invalidValue)
      #expect(error.subject == "term 1")
      #expect(error.description.contains("the first NaN is that of /"), "\(error)")
    }
    let nan = try Tensor<Double>(shape: [1, 2], scalars: [.nan, 2])
    #expect(try Ratio()(nan, try Tensor<Double>(shape: [1, 2], scalars: [1, 1])).isNaN)
  }

  /// Reads beyond its row.
  private struct Outside: RecordedRowLoss {
    static let metadata = LossMetadata("outside", "An element that is not there.", formula: "p_9")
    let options: NoOptions
    var signature: LossSignature { CosineDistanceLoss().signature }
    func term(_ row: RecordedRow) -> RecordedNumber { row[0][9] + row[7].sum() }
  }

  @Test("an element outside a row is NaN, and reported")
  func outside() throws {
    let pair = try Tensor<Double>(shape: [1, 2], scalars: [1, 2])
    do throws(LossError) {
      _ = try Outside()(pair, pair)
      Issue.record("no error")
    } catch {
      #expect(error.description.contains("outside a vector"), "\(error)")
    }
  }

  /// Combines vectors of different lengths.
  private struct Mismatch: RecordedRowLoss {
    static let metadata = LossMetadata("mismatch", "Different lengths.", formula: "p · p_1")
    let options: NoOptions
    var signature: LossSignature { CosineDistanceLoss().signature }
    func term(_ row: RecordedRow) -> RecordedNumber { row[0].dot(row[1].elements(at: [0])) }
  }

  @Test("vectors of different lengths are reported")
  func mismatch() throws {
    let pair = try Tensor<Double>(shape: [1, 2], scalars: [1, 2])
    do throws(LossError) {
      _ = try Mismatch()(pair, pair)
      Issue.record("no error")
    } catch {
      #expect(error.description.contains("different lengths"), "\(error)")
    }
  }
}
