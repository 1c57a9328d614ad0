import Dispatch
import LossFunctions

extension BenchWork {
  /// The lower bound for losses of two inputs: reads two numbers per element and, with the gradient,
  /// writes one; each thread processes one chunk of the elements.
  static func memory(_ first: [Float], _ second: [Float], threads: Int) -> BenchWork {
    let a = BenchMemory(first)
    let b = BenchMemory(second)
    let c = BenchMemory([Float](repeating: 0, count: first.count))
    let sums = BenchMemory([Double](repeating: 0, count: threads))
    let kernel = MemoryKernel(a: a.buffer, b: b.buffer, c: c.buffer, sums: sums.buffer)
    return BenchWork(
      value: { count throws(LossError) in
        var total = 0.0
        for _ in 0..<count {
          DispatchQueue.concurrentPerform(iterations: threads) { kernel.read(chunk: $0) }
          total += sums.buffer.reduce(0, +) / Double(first.count)
        }
        withExtendedLifetime((a, b)) {}
        return total
      },
      valueAndGradient: { count throws(LossError) in
        var total = 0.0
        for _ in 0..<count {
          DispatchQueue.concurrentPerform(iterations: threads) { kernel.write(chunk: $0) }
          total += Double(c.buffer.first ?? 0) + Double(c.buffer.last ?? 0)
        }
        withExtendedLifetime((a, b, sums)) {}
        return total
      })
  }
}

/// The loops over one chunk of the memory.
///
/// `@unchecked`: the buffers outlive `concurrentPerform`, and chunks write disjoint memory.
private struct MemoryKernel: @unchecked Sendable {
  let a: UnsafeMutableBufferPointer<Float>
  let b: UnsafeMutableBufferPointer<Float>
  let c: UnsafeMutableBufferPointer<Float>
  let sums: UnsafeMutableBufferPointer<Double>

  private func range(of chunk: Int) -> Range<Int> {
    a.count * chunk / sums.count..<a.count * (chunk + 1) / sums.count
  }

  func write(chunk: Int) {
    let range = range(of: chunk)
    guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
    for index in range { c[index] = a[index] + b[index] }
  }

  /// Four independent sums, which hide the latency of the additions.
  func read(chunk: Int) {
    let range = range(of: chunk)
    guard let a = a.baseAddress, let b = b.baseAddress else { return }
    func pair(_ index: Int) -> SIMD8<Float> {
      let left = UnsafeRawPointer(a + index).loadUnaligned(as: SIMD8<Float>.self)
      let right = UnsafeRawPointer(b + index).loadUnaligned(as: SIMD8<Float>.self)
      return left + right
    }
    var sums = (SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>())
    var index = range.lowerBound
    while index + 32 <= range.upperBound {
      sums.0 += pair(index)
      sums.1 += pair(index + 8)
      sums.2 += pair(index + 16)
      sums.3 += pair(index + 24)
      index += 32
    }
    var sum = Double((sums.0 + sums.1 + sums.2 + sums.3).sum())
    for position in index..<range.upperBound { sum += Double(a[position] + b[position]) }
    self.sums[chunk] = sum
  }
}
