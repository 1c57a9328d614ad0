import Dispatch
import LossFunctions

extension BenchWork {
  /// The floor under every loss of two inputs: reading two numbers, and with the gradient writing
  /// one, for each element, each thread one part of the elements.
  static func memory(_ first: [Float], _ second: [Float], threads: Int) -> BenchWork {
    let a = BenchMemory(first)
    let b = BenchMemory(second)
    let c = BenchMemory([Float](repeating: 0, count: first.count))
    let sums = BenchMemory([Double](repeating: 0, count: threads))
    let floor = MemoryFloor(a: a.buffer, b: b.buffer, c: c.buffer, sums: sums.buffer)
    return BenchWork(
      value: { count throws(LossError) in
        var total = 0.0
        for _ in 0..<count {
          DispatchQueue.concurrentPerform(iterations: threads) { floor.read(part: $0) }
          total += sums.buffer.reduce(0, +) / Double(first.count)
        }
        withExtendedLifetime((a, b)) {}
        return total
      },
      valueAndGradient: { count throws(LossError) in
        var total = 0.0
        for _ in 0..<count {
          DispatchQueue.concurrentPerform(iterations: threads) { floor.write(part: $0) }
          total += Double(c.buffer.first ?? 0) + Double(c.buffer.last ?? 0)
        }
        withExtendedLifetime((a, b, sums)) {}
        return total
      })
  }
}

/// The loops over one part of the memory.
///
/// `@unchecked`: the buffers stay while `concurrentPerform` runs, and different parts write different
/// memory.
private struct MemoryFloor: @unchecked Sendable {
  let a: UnsafeMutableBufferPointer<Float>
  let b: UnsafeMutableBufferPointer<Float>
  let c: UnsafeMutableBufferPointer<Float>
  let sums: UnsafeMutableBufferPointer<Double>

  private func range(of part: Int) -> Range<Int> {
    a.count * part / sums.count..<a.count * (part + 1) / sums.count
  }

  func write(part: Int) {
    let range = range(of: part)
    guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
    for index in range { c[index] = a[index] + b[index] }
  }

  /// Several sums side by side, since one would wait for each addition.
  func read(part: Int) {
    let range = range(of: part)
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
    for rest in index..<range.upperBound { sum += Double(a[rest] + b[rest]) }
    self.sums[part] = sum
  }
}
