internal import LossNumerics

extension Tape.Operation {
  /// The distance of consecutive elements of an operand: 0 for one number beside a vector.
  private func step(_ operand: Tape.Slots) -> Int { operand.count == 1 ? 0 : 1 }

  /// Computes the result from the operands.
  func compute(_ values: UnsafeMutablePointer<Double>) {
    let (x, y, out) = (values + a.start, values + b.start, values + result.start)
    let (i, j) = (step(a), step(b))
    let c = constant
    func each(_ function: (Double) -> Double) {
      for k in 0..<result.count { out[k] = function(x[k * i]) }
    }
    func pairs(_ function: (Double, Double) -> Double) {
      for k in 0..<result.count { out[k] = function(x[k * i], y[k * j]) }
    }
    switch kind {
    case .mismatch: each { _ in .nan }
    case .negate: each { -$0 }
    case .exp: each { .exp($0) }
    case .expMinusOne: each { .expMinusOne($0) }
    case .log: each { .log($0) }
    case .logOnePlus: each { .log(onePlus: $0) }
    case .log1pExp: each { .log1pExp($0) }
    case .sigmoid: each { .sigmoid($0) }
    case .tanh: each { .tanh($0) }
    case .relu: each { .relu($0) }
    case .magnitude: each { $0.magnitude }
    case .squareRoot: each { $0.squareRoot() }
    case .add: pairs { $0 + $1 }
    case .subtract: pairs { $0 - $1 }
    case .multiply: pairs { $0 * $1 }
    case .divide: pairs { $0 / $1 }
    case .maximum: pairs { .maximumPropagatingNaN($0, $1) }
    case .minimum: pairs { .minimumPropagatingNaN($0, $1) }
    case .xlogy: pairs { .xlogy($0, $1) }
    case .xlogRatio: pairs { x, y in .product(weight: x, .logRatio(x, y)) }
    case .addConstant: each { $0 + c }
    case .multiplyByConstant: each { $0 * c }
    case .divideByConstant: each { $0 / c }
    case .divideConstant: each { c / $0 }
    case .power: each { .pow($0, c) }
    case .sum: out[0] = sum(a.count) { x[$0] }
    case .dot: out[0] = sum(a.count) { x[$0] * y[$0 * j] }
    case .norm: out[0] = norm(x)
    case .logSumExp:
      // The probabilities follow the result: they are its derivatives.
      let (largest, total) = exponentials(x, out + 1)
      for k in 0..<a.count { out[1 + k] /= total }
      out[0] = largest.magnitude < .infinity ? largest + .log(total) : largest
    case .largest: out[0] = .maximum(x, count: a.count)
    case .negativeLogLikelihood:
      // The probabilities follow the result. That of the class is what the others leave.
      let label = Int(c)
      let probabilities = out + 1
      let (largest, total) = exponentials(x, probabilities)
      let own = probabilities[label]
      probabilities[label] = 0
      let others = sum(a.count) { probabilities[$0] }
      for k in 0..<a.count { probabilities[k] /= total }
      probabilities[label] = -(others / total)
      let odds = own < .leastNormalMagnitude ? .infinity : others / own
      out[0] =
        odds < .infinity ? .log(onePlus: odds) : (largest - x[label]) + .log(total)
    case .softmax:
      let (_, total) = exponentials(x, out)
      for k in 0..<result.count { out[k] /= total }
    case .normalized:
      let length = norm(x)
      each { length == 0 ? 0 : $0 / length }
    case .cumulativeSum:
      var total = CompensatedSum()
      for k in 0..<result.count {
        total.add(x[k])
        out[k] = total.value
      }
    case .cumulativeLogSumExp:
      // Σ e^(x - largest), of the largest so far.
      var total = CompensatedSum()
      var largest = -Double.infinity
      for k in 0..<result.count {
        if x[k] > largest {
          let moved = largest == -.infinity ? 0 : total.value * .exp(largest - x[k])
          total = CompensatedSum()
          total.add(moved)
          largest = x[k]
        }
        total.add(x[k] == -.infinity ? 0 : .exp(.distance(of: x[k], to: largest)))
        out[k] = largest.magnitude == .infinity ? largest : largest + .log(total.value)
      }
    case .gather: for k in 0..<result.count { out[k] = values[Int(y[k])] }
    case .products:
      // a: [rows, length], b: [columns, length].
      let length = Int(c)
      for row in 0..<a.count / max(1, length) {
        for column in 0..<b.count / max(1, length) {
          let (u, v) = (x + row * length, y + column * length)
          out[row * (b.count / length) + column] = sum(length) { u[$0] * v[$0] }
        }
      }
    }
  }

  /// Adds the derivatives of the operands, given those of the result.
  func propagate(_ values: UnsafeMutablePointer<Double>, _ adjoints: UnsafeMutablePointer<Double>) {
    let (x, y, out) = (values + a.start, values + b.start, values + result.start)
    let (dx, dy, g) = (adjoints + a.start, adjoints + b.start, adjoints + result.start)
    let (i, j) = (step(a), step(b))
    let c = constant
    // A result that nothing depends on adds nothing, even where a slope is infinite.
    func each(_ slope: (Double, Double) -> Double) {
      for k in 0..<result.count where g[k] != 0 { dx[k * i] += g[k] * slope(x[k * i], out[k]) }
    }
    func pairs(_ slopes: (Double, Double, Double) -> (Double, Double)) {
      for k in 0..<result.count where g[k] != 0 {
        let (left, right) = slopes(x[k * i], y[k * j], out[k])
        dx[k * i] += g[k] * left
        dy[k * j] += g[k] * right
      }
    }
    switch kind {
    case .mismatch: each { _, _ in .nan }
    case .negate: each { _, _ in -1 }
    case .exp: each { $1 }
    case .expMinusOne: each { x, _ in .exp(x) }
    case .log: each { x, _ in 1 / x }
    case .logOnePlus: each { x, _ in 1 / (1 + x) }
    case .log1pExp: each { x, _ in .sigmoid(x) }
    case .sigmoid: each { x, y in y * .sigmoid(-x) }
    case .tanh:
      each { x, _ in
        let e = Double.exp(-2 * x.magnitude)
        return 4 * e / ((1 + e) * (1 + e))
      }
    case .relu: each { x, _ in x <= 0 ? 0 : 1 }
    case .magnitude: each { x, _ in x > 0 ? 1 : x < 0 ? -1 : 0 }
    case .squareRoot: each { 0.5 / $1 }
    case .add: pairs { _, _, _ in (1, 1) }
    case .subtract: pairs { _, _, _ in (1, -1) }
    case .multiply: pairs { x, y, _ in (y, x) }
    case .divide: pairs { _, y, z in (1 / y, -z / y) }
    case .maximum: pairs { x, y, _ in x > y ? (1, 0) : (0, 1) }
    case .minimum: pairs { x, y, _ in x < y ? (1, 0) : (0, 1) }
    case .xlogy: pairs { x, y, _ in (.log(y), x == 0 ? 0 : x / y) }
    case .xlogRatio: pairs { x, y, _ in x == 0 ? (0, 0) : (.logRatio(x, y) + 1, -x / y) }
    case .addConstant: each { _, _ in 1 }
    case .multiplyByConstant: each { _, _ in c }
    case .divideByConstant: each { _, _ in 1 / c }
    case .divideConstant: each { x, y in -y / x }
    case .power: each { x, _ in c == 0 ? 0 : c * .pow(x, c - 1) }
    case .sum: for k in 0..<a.count { dx[k] += g[0] }
    case .dot:
      guard g[0] != 0 else { return }
      for k in 0..<a.count {
        dx[k] += g[0] * y[k * j]
        dy[k * j] += g[0] * x[k]
      }
    case .norm:
      guard g[0] != 0, out[0] != 0 else { return }
      for k in 0..<a.count { dx[k] += g[0] * (x[k] / out[0]) }
    case .logSumExp, .negativeLogLikelihood:
      let factor = g[0]
      guard factor != 0 else { return }
      for k in 0..<a.count { dx[k] += factor * out[1 + k] }
    case .largest:
      for k in 0..<a.count where x[k] == out[0] {
        dx[k] += g[0]
        return
      }
    case .softmax:
      let mean = sum(result.count) { g[$0] * out[$0] }
      for k in 0..<result.count { dx[k] += out[k] * (g[k] - mean) }
    case .normalized:
      let length = norm(x)
      guard length != 0 else { return }
      let along = sum(result.count) { g[$0] * out[$0] }
      for k in 0..<result.count { dx[k] += (g[k] - out[k] * along) / length }
    case .cumulativeSum:
      var total = 0.0
      for k in stride(from: result.count - 1, through: 0, by: -1) {
        total += g[k]
        dx[k] += total
      }
    case .cumulativeLogSumExp:
      // Σ g e^-out of this element and those after it, relative to e^-reference: a product at each
      // step would add a rounding for each.
      var total = CompensatedSum()
      var reference = 0.0
      for k in stride(from: result.count - 1, through: 0, by: -1) {
        if (out[k] - reference).magnitude > 300 || k == result.count - 1 {
          let moved = total.value == 0 ? 0 : total.value * .exp(out[k] - reference)
          reference = out[k].magnitude < .infinity ? out[k] : 0
          total = CompensatedSum()
          total.add(moved)
        }
        total.add(g[k] == 0 ? 0 : g[k] * .exp(reference - out[k]))
        dx[k] += total.value == 0 ? 0 : total.value * .exp(x[k] - reference)
      }
    case .gather: for k in 0..<result.count { adjoints[Int(y[k])] += g[k] }
    case .products:
      let length = Int(c)
      let (rows, columns) = (a.count / max(1, length), b.count / max(1, length))
      // Each derivative is a product of a row with all rows of the other matrix.
      func add(
        _ d: UnsafeMutablePointer<Double>, _ rows: Int, _ factors: (Int, Int) -> Double,
        _ others: UnsafePointer<Double>, _ count: Int
      ) {
        withUnsafeTemporaryAllocation(of: CompensatedSum.self, capacity: length) { sums in
          for row in 0..<rows {
            sums.initialize(repeating: CompensatedSum())
            for other in 0..<count {
              let factor = factors(row, other)
              if factor == 0 { continue }
              for k in 0..<length { sums[k].add(factor * others[other * length + k]) }
            }
            for k in 0..<length { d[row * length + k] += sums[k].value }
          }
        }
      }
      add(dx, rows, { g[$0 * columns + $1] }, y, columns)
      add(dy, columns, { g[$1 * columns + $0] }, x, rows)
    }
  }

  /// The sum of some numbers, independent of their order up to one rounding.
  private func sum(_ count: Int, _ number: (Int) -> Double) -> Double {
    RowMath.sum(count: count) { start, count, terms in
      for k in 0..<count { terms[k] = number(start + k) }
    }.value
  }

  /// Writes the exponentials of the operand less its largest number, which it returns with their
  /// sum.
  private func exponentials(
    _ x: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>
  ) -> (largest: Double, sum: Double) {
    let largest = Double.maximum(x, count: a.count)
    for k in 0..<a.count { out[k] = .exp(.distance(of: x[k], to: largest)) }
    return (largest, sum(a.count) { out[$0] })
  }

  /// The Euclidean norm, whose squares neither overflow nor underflow.
  private func norm(_ x: UnsafePointer<Double>) -> Double {
    var largest = 0.0
    for k in 0..<a.count { largest = .maximumPropagatingNaN(largest, x[k].magnitude) }
    guard largest > 0, largest < .infinity else { return largest }
    return largest * sum(a.count) { (x[$0] / largest) * (x[$0] / largest) }.squareRoot()
  }
}
