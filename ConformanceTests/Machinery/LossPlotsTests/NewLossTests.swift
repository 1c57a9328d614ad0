import LossFunctions
import Testing

@testable import LossPlots

/// Plots of user-defined losses, which are derived from the signature alone.
@Suite struct NewLossTests {
  @Test("Triplet: the first component of the anchor varies, positive and negative are fixed")
  func triplet() throws {
    let slice = try LossSlice(of: TripletLoss())
    #expect(slice.axis == "anchor, first of two features (the other: 1)")
    #expect(slice.held == "positive = [1, 0], negative = [-1, 0]")
    // (x - 1)² + 1 - (x + 1)² - 1 + 8 = 8 - 4 x, above zero up to 2.
    let curve = try Curve("triplet", slice)
    #expect(slice.point(at: 0.5).value == 6)
    #expect(slice.point(at: 0.5).derivative == -4)
    #expect(curve.kinks.map(\.point.x) == [2])
  }

  @Test("Box losses and batch-dependent losses are rejected with a reason")
  func errors() {
    func error(_ loss: some LossProtocol) -> LossError? {
      #expect(throws: LossError.self) { try LossSlice(of: loss) }
    }
    #expect(
      error(BoxLoss())?.description
        == "box: prediction has the axes [..., 4] and cannot be plotted; expected one number, or one"
        + " row along the class axis.")
    #expect(error(BatchDependentLoss())?.found.contains("depend on each other") == true)
  }

  @Test("Three elementwise inputs: the target is given, a nonnegative input is 1")
  func ternary() throws {
    let slice = try LossSlice(of: VarianceLoss(), target: 2)
    #expect(slice.held == "target = 2, variance = 1")
    #expect(slice.point(at: 5).value == 9)
  }
}

private struct TripletLoss: RowwiseLoss {
  static let metadata = LossMetadata("triplet", "A triplet loss.", formula: "max(0, a - b + 8)")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(
      .real("anchor", "... feature"), .real("positive", "... feature"),
      .real("negative", "... feature"), terms: "...", classAxis: "feature")
  }

  func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let anchor = row[0], let positive = row[1], let negative = row[2] else { return 0 }
    var sum: S = 8
    for j in 0..<row.count {
      let (near, far) = (anchor[j] - positive[j], anchor[j] - negative[j])
      sum += near * near - far * far
    }
    for j in 0..<row.count {
      row.gradient(0)?[j] = sum > 0 ? row.gradientScale * 2 * (negative[j] - positive[j]) : 0
    }
    return S.relu(sum)
  }
}

private struct BoxLoss: BatchLoss {
  static let metadata = LossMetadata("box", "A box loss.", formula: "1 - IoU")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(.real(.prediction, "... 4"), .real(.target, "... 4"), terms: "...")
  }
  func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {}
}

private struct BatchDependentLoss: ElementwiseLoss {
  static let metadata = LossMetadata("batch_dependent", "A batch-dependent loss.", formula: "x")
  let options: NoOptions
  var properties: [LossProperty] { [.batchDependent] }
  func value<N: LossArithmetic>(_ prediction: N, _ target: N) -> N { prediction }
}

private struct VarianceLoss: TernaryElementwiseLoss {
  static let metadata = LossMetadata("variance", "A ternary loss.", formula: "(p - t)² / v")
  let options: NoOptions
  var signature: LossSignature {
    LossSignature(
      .real(.prediction, "..."), .real(.target, "..."), .real("variance", "...", .nonNegative),
      terms: "...")
  }
  func value<N: LossArithmetic>(_ prediction: N, _ target: N, _ variance: N) -> N {
    (prediction - target) * (prediction - target) / variance
  }
}
