/// The exact Euclidean distance of each place of a grid to the nearest place of the other kind, squared.
///
/// Squared distances are taken axis by axis: along a line the distance to the nearest place of a set is
/// the lower envelope of parabolas, one above each place, and the envelope is found in one pass, so that
/// all of it takes time linear in the number of places. The numbers are whole; where two parabolas cross
/// is rounded, but never across a whole number, so that the result is exact.
///
/// - Reference: P. F. Felzenszwalb, D. P. Huttenlocher, "Distance Transforms of Sampled Functions",
///   Theory of Computing 8 (2012).
package struct PhaseDistance: ~Copyable {
  private let extents: [Int]
  private let count: Int
  /// The squared distances to the places of one kind, and then those to the others.
  private let squares: UnsafeMutablePointer<Double>
  private let line: Line

  /// Room for a grid of these extents.
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

  /// Writes for each place the squared distance to the nearest place that differs from it in being
  /// inside; 0 everywhere if none does.
  package func fill(
    _ result: UnsafeMutablePointer<Double>, isInside: (_ place: Int) -> Bool
  ) {
    let (inside, outside) = (squares, squares + count)
    var insideCount = 0
    for place in 0..<count {
      let isInside = isInside(place)
      insideCount += isInside ? 1 : 0
      inside[place] = isInside ? 0 : .infinity
      outside[place] = isInside ? .infinity : 0
    }
    guard insideCount > 0, insideCount < count else {
      for place in 0..<count { result[place] = 0 }
      return
    }
    spread(inside)
    spread(outside)
    // One of the two is 0: a place is of its own kind.
    for place in 0..<count { result[place] = inside[place] + outside[place] }
  }

  /// Makes squared distances to the places of 0, along one axis after the other.
  private func spread(_ grid: UnsafeMutablePointer<Double>) {
    var inner = 1
    for extent in extents.reversed() {
      for start in stride(from: 0, to: count, by: extent * inner) {
        for offset in 0..<inner { line.spread(grid + start + offset, count: extent, step: inner) }
      }
      inner *= extent
    }
  }
}

/// A line of a grid, and room for the lower envelope of its parabolas.
private struct Line {
  /// The heights of the parabolas, by their places.
  private let heights: UnsafeMutablePointer<Double>
  /// The places of those in the envelope, from left to right.
  private let vertices: UnsafeMutablePointer<Int>
  /// From where on each of these is the lowest.
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

  /// Replaces each number by the least of the parabolas above all of them.
  func spread(_ numbers: UnsafeMutablePointer<Double>, count: Int, step: Int) {
    for place in 0..<count { heights[place] = numbers[place * step] }
    let last = envelope(count: count)
    guard last >= 0 else { return }
    var lowest = 0
    for place in 0..<count {
      while lowest < last, starts[lowest + 1] < Double(place) { lowest += 1 }
      let distance = Double(place - vertices[lowest])
      numbers[place * step] = distance * distance + heights[vertices[lowest]]
    }
  }

  /// Finds the envelope; the place of its last parabola, below 0 if all are infinitely high.
  private func envelope(count: Int) -> Int {
    var last = -1
    for place in 0..<count where heights[place] < .infinity {
      var start = -Double.infinity
      while last >= 0 {
        start = crossing(vertices[last], place)
        guard start <= starts[last] else { break }
        last -= 1
        start = -.infinity
      }
      last += 1
      vertices[last] = place
      starts[last] = start
    }
    return last
  }

  /// Where the parabola above the right place falls below that above the left one.
  private func crossing(_ left: Int, _ right: Int) -> Double {
    let (x, y) = (Double(left), Double(right))
    return ((heights[right] + y * y) - (heights[left] + x * x)) / (2 * (y - x))
  }
}
