import LossConformance
import LossFunctions
import SegmentationLosses
import Testing

/// The distance transform against brute force over all pairs of positions.
@Suite struct PhaseDistanceTests {
  /// Grids of one to three axes, including extents of 1 and a scalar.
  static let grids = [
    [1], [7], [64], [5, 4], [1, 9], [9, 1], [13, 17], [3, 4, 5], [2, 1, 6], [],
  ]

  @Test("every distance is that to the nearest position of the other phase", arguments: grids)
  func agreesWithEveryPair(_ extents: [Int]) {
    let count = extents.reduce(1, *)
    var generator = SeededGenerator(seed: UInt64(count))
    for share in [2, 3, 10, 40] as [UInt64] {
      let isInside = (0..<count).map { _ in generator.next() % share == 0 }
      #expect(Self.linear(isInside, extents) == Self.brute(isInside, extents))
    }
  }

  @Test("the distance to a single position at the end of a long line")
  func farAway() {
    let count = 3000
    let squares = Self.linear((0..<count).map { $0 == count - 1 }, [count])
    #expect(squares.first == Double((count - 1) * (count - 1)))
    #expect(squares[count - 2] == 1)
    #expect(squares[count - 1] == 1)
  }

  @Test("a single phase has no boundary", arguments: [true, false])
  func singlePhase(_ isInside: Bool) {
    let grid = Array(repeating: isInside, count: 6)
    #expect(Self.linear(grid, [2, 3]) == [0, 0, 0, 0, 0, 0])
  }

  @Test("an empty grid has no distances")
  func emptyGrid() {
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
    func position(_ index: Int) -> [Int] {
      var remaining = index
      return extents.reversed().map { extent in
        defer { remaining /= extent }
        return remaining % extent
      }
    }
    return isInside.indices.map { index in
      let squares = isInside.indices.filter { isInside[$0] != isInside[index] }.map { other in
        zip(position(index), position(other)).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
      }
      return Double(squares.min() ?? 0)
    }
  }
}
