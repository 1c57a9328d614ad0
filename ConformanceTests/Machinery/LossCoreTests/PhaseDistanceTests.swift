import LossConformance
import LossFunctions
import SegmentationLosses
import Testing

/// The distance to the other side of a boundary against that of every pair of places.
@Suite struct PhaseDistanceTests {
  /// Grids of one, two and three axes, with extents of 1 and a long line.
  static let grids = [
    [1], [7], [64], [5, 4], [1, 9], [9, 1], [13, 17], [3, 4, 5], [2, 1, 6], [],
  ]

  @Test("every distance is that to the nearest place of the other kind", arguments: grids)
  func agreesWithEveryPair(_ extents: [Int]) {
    let count = extents.reduce(1, *)
    var generator = SeededGenerator(seed: UInt64(count))
    for share in [2, 3, 10, 40] as [UInt64] {
      let isInside = (0..<count).map { _ in generator.next() % share == 0 }
      #expect(Self.linear(isInside, extents) == Self.brute(isInside, extents))
    }
  }

  @Test("a row at the far end of a long line is the nearest for all of it")
  func farAway() {
    let count = 3000
    let squares = Self.linear((0..<count).map { $0 == count - 1 }, [count])
    #expect(squares.first == Double((count - 1) * (count - 1)))
    #expect(squares[count - 2] == 1)
    #expect(squares[count - 1] == 1)
  }

  @Test("one kind alone has no boundary", arguments: [true, false])
  func oneKind(_ isInside: Bool) {
    let kinds = Array(repeating: isInside, count: 6)
    #expect(Self.linear(kinds, [2, 3]) == [0, 0, 0, 0, 0, 0])
  }

  @Test("a grid without places has none to measure")
  func nothing() {
    #expect(Self.linear([], [0, 3]).isEmpty)
  }

  static func linear(_ isInside: [Bool], _ extents: [Int]) -> [Double] {
    var squares = Array(repeating: -1.0, count: isInside.count)
    squares.withUnsafeMutableBufferPointer { squares in
      guard let start = squares.baseAddress else { return }
      PhaseDistance(extents: extents).fill(start) { isInside[$0] }
    }
    return squares
  }

  static func brute(_ isInside: [Bool], _ extents: [Int]) -> [Double] {
    func place(_ index: Int) -> [Int] {
      var rest = index
      return extents.reversed().map { extent in
        defer { rest /= extent }
        return rest % extent
      }
    }
    return isInside.indices.map { here in
      let squares = isInside.indices.filter { isInside[$0] != isInside[here] }.map { there in
        zip(place(here), place(there)).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
      }
      return Double(squares.min() ?? 0)
    }
  }
}
