import LossCore
import LossFunctions
import Testing

@testable import LossPlots

@Suite struct PolylineTests {
  @Test("A straight line keeps its ends, and a corner is kept")
  func corner() {
    let line = (0...10).map { Polyline.Point(x: Double($0), y: Double($0) / 3) }
    #expect(Polyline.simplified(line, tolerance: 0.1).map(\.x) == [0, 10])
    let corner = (0...10).map { Polyline.Point(x: Double($0), y: Double(max(0, $0 - 4))) }
    #expect(Polyline.simplified(corner, tolerance: 0.1).map(\.x) == [0, 4, 10])
  }

  @Test("Few points remain of a curve, none of the others far from the lines through them")
  func curve() {
    let curve = (0...400).map { index -> Polyline.Point in
      let x = Double(index)
      return (x, (x - 200) * (x - 200) / 200)
    }
    let kept = Polyline.simplified(curve, tolerance: 0.2)
    #expect((10...60).contains(kept.count))
    for (start, end) in zip(kept, kept.dropFirst()) {
      for point in curve where point.x > start.x && point.x < end.x {
        let share = (point.x - start.x) / (end.x - start.x)
        let height = start.y + share * (end.y - start.y)
        // The distance from the line is at most the vertical one, and at least a fifth of it here.
        #expect((point.y - height).magnitude < 1)
      }
    }
  }

  @Test("Rounding errors of a constant loss are no kinks")
  func constant() throws {
    let loss = try LossRegistry.linked.loss(named: "cosine_embedding")
    let curve = try Curve("cosine_embedding", LossSlice(of: loss))
    #expect(curve.kinks.count <= 1)
  }
}
