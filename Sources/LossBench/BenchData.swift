import LossConformance
import LossFunctions

/// Reproducible random data, with the distributions of the other frameworks' benchmarks.
struct BenchData {
  private var generator = SeededGenerator(seed: 1234)
  /// The second number of a normal pair, for the next call.
  private var spare: Float?

  /// A uniform number in [0, 1).
  private mutating func uniform() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

  /// A standard normal number, by the polar Box-Muller method.
  private mutating func normal() -> Float {
    if let spare {
      self.spare = nil
      return spare
    }
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      guard square > 0, square < 1 else { continue }
      let factor = (-2 * Double.log(square) / square).squareRoot()
      spare = Float(y * factor)
      return Float(x * factor)
    }
  }

  private mutating func numbers(
    _ count: Int, _ next: (inout BenchData) -> Float
  ) -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(count)
    for _ in 0..<count { numbers.append(next(&self)) }
    return numbers
  }

  /// Normal numbers with mean zero.
  mutating func normals(_ count: Int, scale: Float = 1) -> [Float] {
    numbers(count) { scale * $0.normal() }
  }

  /// Zeros and ones, with probability 0.4 of a one.
  mutating func binaries(_ count: Int) -> [Float] {
    numbers(count) { $0.uniform() < 0.4 ? 1 : 0 }
  }

  /// Labels -1 and +1.
  mutating func signs(_ count: Int) -> [Float] {
    numbers(count) { $0.uniform() < 0.5 ? 1 : -1 }
  }

  /// Poisson numbers with mean 2: the number of uniform factors whose product stays above e⁻².
  mutating func counts(_ count: Int) -> [Float] {
    let limit = Double.exp(-2)
    return numbers(count) { data in
      var events: Float = 0
      var product = data.uniform()
      while product > limit {
        events += 1
        product *= data.uniform()
      }
      return events
    }
  }

  /// Uniform integers.
  mutating func classes(_ count: Int, in range: Range<Int>) -> [Int] {
    (0..<count).map { _ in Int.random(in: range, using: &generator) }
  }

  /// Rows of probabilities: softmax of normal numbers.
  mutating func distributions(_ rows: Int, _ width: Int) -> [Float] {
    var numbers = normals(rows * width)
    for start in stride(from: 0, to: numbers.count, by: width) {
      let sum = BenchData.sumOfExponentials(numbers[start..<start + width])
      for index in start..<start + width {
        numbers[index] = Float(Double.exp(Double(numbers[index])) / sum)
      }
    }
    return numbers
  }

  /// Rows of log probabilities.
  mutating func logDistributions(_ rows: Int, _ width: Int) -> [Float] {
    var numbers = normals(rows * width, scale: 2)
    for start in stride(from: 0, to: numbers.count, by: width) {
      let logOfSum = Double.log(BenchData.sumOfExponentials(numbers[start..<start + width]))
      for index in start..<start + width {
        numbers[index] = Float(Double(numbers[index]) - logOfSum)
      }
    }
    return numbers
  }

  /// One-hot classes of shape `[image, class, pixel]`.
  mutating func images(_ count: Int, classes: Int, pixels: Int) -> [Float] {
    var numbers = [Float](repeating: 0, count: count * classes * pixels)
    for image in 0..<count {
      for pixel in 0..<pixels {
        let index = Int.random(in: 0..<classes, using: &generator)
        numbers[(image * classes + index) * pixels + pixel] = 1
      }
    }
    return numbers
  }

  private static func sumOfExponentials(_ numbers: ArraySlice<Float>) -> Double {
    numbers.reduce(0) { $0 + Double.exp(Double($1)) }
  }
}
