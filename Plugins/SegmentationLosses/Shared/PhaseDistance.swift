/// The exact squared Euclidean distance of each element of a grid to the nearest element of the
/// other kind.
///
/// The transform goes axis by axis: along a line the squared distance to a set is the lower
/// envelope of one parabola per element, found in one pass, so that the time is linear in the
/// number of elements. Distances are whole numbers; the crossing of two parabolas is rounded, but
/// never across a whole number, so that the result is exact.
///
/// - Reference: P. F. Felzenszwalb and D. P. Huttenlocher, Distance Transforms of Sampled
///   Functions, 2012
package struct PhaseDistance: ~Copyable {
  private let extents: [Int]
  private let count: Int
  /// The squared distances to the elements inside, then those to the elements outside.
  private let squares: UnsafeMutablePointer<Double>
  private let line: Line

  /// Allocates the scratch memory for a grid of these extents.
  package init(extents: [Int]) {
    self.extents = extents
    count = extents.reduce(1, *)
    squares = .allocate(capacity: max(1, 2 * count))
    line = Line(capacity: extents.max() ?? 1)
  }

  deinit {
    squares.deallocate()
    line.deallocate()
  }

  /// Writes, for each element, the squared distance to the nearest element on the other side; 0
  /// everywhere if all are on one side.
  package func fill(
    _ result: UnsafeMutablePointer<Double>, isInside: (_ index: Int) -> Bool
  ) {
    let (inside, outside) = (squares, squares + count)
    var insideCount = 0
    for index in 0..<count {
      let isInside = isInside(index)
      insideCount += isInside ? 1 : 0
      inside[index] = isInside ? 0 : .infinity
      outside[index] = isInside ? .infinity : 0
    }
    guard insideCount > 0, insideCount < count else {
      for index in 0..<count { result[index] = 0 }
      return
    }
    transform(inside)
    transform(outside)
    // One of the two is 0.
    for index in 0..<count { result[index] = inside[index] + outside[index] }
  }

  /// Transforms a grid of 0 and infinity into squared distances to its zeros, axis by axis.
  private func transform(_ grid: UnsafeMutablePointer<Double>) {
    var inner = 1
    for extent in extents.reversed() {
      for start in stride(from: 0, to: count, by: extent * inner) {
        for offset in 0..<inner {
          line.transform(grid + start + offset, count: extent, step: inner)
        }
      }
      inner *= extent
    }
  }
}

/// Scratch memory for the lower envelope of the parabolas along one line.
private struct Line {
  /// The heights of the parabolas, by index.
  private let heights: UnsafeMutablePointer<Double>
  /// The indices of the parabolas in the envelope, from left to right.
  private let vertices: UnsafeMutablePointer<Int>
  /// The position from which on each of these is the lowest.
  private let starts: UnsafeMutablePointer<Double>

  init(capacity: Int) {
    heights = .allocate(capacity: max(1, capacity))
    vertices = .allocate(capacity: max(1, capacity))
    starts = .allocate(capacity: max(1, capacity))
  }

  func deallocate() {
    heights.deallocate()
    vertices.deallocate()
    starts.deallocate()
  }

  /// Replaces each number by the minimum of the parabolas.
  func transform(_ numbers: UnsafeMutablePointer<Double>, count: Int, step: Int) {
    for index in 0..<count { heights[index] = numbers[index * step] }
    let last = envelope(count: count)
    guard last >= 0 else { return }
    var lowest = 0
    for index in 0..<count {
      while lowest < last, starts[lowest + 1] < Double(index) { lowest += 1 }
      let distance = Double(index - vertices[lowest])
      numbers[index * step] = distance * distance + heights[vertices[lowest]]
    }
  }

  /// Finds the envelope; returns the position of its last parabola, -1 if all heights are infinite.
  private func envelope(count: Int) -> Int {
    var last = -1
    for index in 0..<count where heights[index] < .infinity {
      var start = -Double.infinity
      while last >= 0 {
        start = crossing(vertices[last], index)
        guard start <= starts[last] else { break }
        last -= 1
        start = -.infinity
      }
      last += 1
      vertices[last] = index
      starts[last] = start
    }
    return last
  }

  /// The position from which on the right parabola is below the left one.
  private func crossing(_ left: Int, _ right: Int) -> Double {
    let (x, y) = (Double(left), Double(right))
    return ((heights[right] + y * y) - (heights[left] + x * x)) / (2 * (y - x))
  }
}
