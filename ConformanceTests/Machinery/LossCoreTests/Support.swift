import LossConformance
import LossFunctions
import Testing

/// The error that a call throws; records an issue and returns nil if it does not throw.
func refusal<Result>(
  _ comment: String = "", _ location: SourceLocation = #_sourceLocation,
  of call: () throws(LossError) -> Result
) -> LossError? {
  do throws(LossError) {
    let result = try call()
    Issue.record("no error, but \(result)  \(comment)", sourceLocation: location)
    return nil
  } catch {
    return error
  }
}

extension SeededGenerator {
  mutating func numbers(_ range: ClosedRange<Double>, _ count: Int) -> [Double] {
    (0..<count).map { _ in Double.random(in: range, using: &self) }
  }
}

/// A tensor of these extents.
func tensor<Scalar: TensorScalar>(_ extents: [Int], _ scalars: [Scalar]) throws -> AnyTensor {
  try AnyTensor(Tensor(shape: extents, scalars: scalars))
}

/// Every position of a shape, in row-major order.
func positions(_ extents: [Int]) -> [[Int]] {
  extents.reduce([[]]) { found, extent in
    found.flatMap { position in (0..<extent).map { position + [$0] } }
  }
}

/// Every sequence of up to three labels, without the blank.
func labelings(classes: Int, blank: Int) -> [[Int]] {
  let symbols = (0..<classes).filter { $0 != blank }
  return (0...3).flatMap { count in
    positions(Array(repeating: symbols.count, count: count)).map { $0.map { symbols[$0] } }
  }
}

/// The row-major index of a position.
func flatIndex(_ position: [Int], _ extents: [Int]) -> Int {
  zip(position, extents).reduce(0) { $0 * $1.1 + $1.0 }
}

/// Whether two lists agree to 2⁻⁴⁰ of their largest number, many times the rounding error of
/// `Double`, with infinities and NaN at the same indices.
func agree(_ a: [Double], _ b: [Double], scale: Double = 0) -> Bool {
  let largest = (a + b).filter(\.isFinite).map(\.magnitude).max() ?? 0
  let tolerance = 0x1p-40 * max(largest, scale)
  return a.count == b.count
    && zip(a, b).allSatisfy { x, y in
      x == y || (x.isNaN && y.isNaN) || (x - y).magnitude <= tolerance
    }
}

/// The bits of a tensor, which distinguish -0 from 0; all NaNs are the same.
func bits(_ tensor: AnyTensor) -> [UInt64] {
  tensor.doubles.map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }
}

/// The gradient of a function by central differences.
func centralDifferences(
  at point: [Double], step h: Double = 0x1p-9, _ function: ([Double]) throws -> Double
) rethrows -> [Double] {
  try point.indices.map { index in
    try CentralDifference(step: h) { step in
      var moved = point
      moved[index] += step
      return try function(moved)
    }.derivative
  }
}

/// Whether a gradient agrees with central differences up to 10⁻⁶ of the largest derivative.
func isDerivative(_ gradient: [Double], _ quotients: [Double]) -> Bool {
  let largest = max(quotients.map(\.magnitude).max() ?? 0, 1e-3)
  return gradient.count == quotients.count
    && zip(gradient, quotients).allSatisfy { ($0 - $1).magnitude <= 1e-6 * largest }
}
