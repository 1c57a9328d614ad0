/// Lines through points, written with few characters.
enum Polyline {
  typealias Point = (x: Double, y: Double)

  /// The points without those that are closer than a tolerance to the line through the others.
  ///
  /// This is the algorithm of Ramer, Douglas and Peucker.
  static func simplified(_ points: [Point], tolerance: Double) -> [Point] {
    guard points.count > 2 else { return points }
    var isKept = Array(repeating: false, count: points.count)
    isKept[0] = true
    isKept[points.count - 1] = true
    var open = [(0, points.count - 1)]
    while let (first, last) = open.popLast() {
      var farthest = (index: first, distance: tolerance)
      for index in first..<last where index > first {
        let distance = distance(of: points[index], from: points[first], to: points[last])
        if distance > farthest.distance { farthest = (index, distance) }
      }
      guard farthest.index > first else { continue }
      isKept[farthest.index] = true
      open += [(first, farthest.index), (farthest.index, last)]
    }
    return zip(points, isKept).filter(\.1).map(\.0)
  }

  /// The distance of a point from the line through two others.
  private static func distance(of point: Point, from start: Point, to end: Point) -> Double {
    let (x, y) = (end.x - start.x, end.y - start.y)
    let (dx, dy) = (point.x - start.x, point.y - start.y)
    let length = (x * x + y * y).squareRoot()
    return length > 0
      ? (x * dy - y * dx).magnitude / length : (dx * dx + dy * dy).squareRoot()
  }

  /// A number with at most one decimal.
  static func number(_ number: Double) -> String {
    let rounded = (number * 10).rounded() / 10
    return Int(exactly: rounded).map(String.init) ?? String(rounded)
  }
}
