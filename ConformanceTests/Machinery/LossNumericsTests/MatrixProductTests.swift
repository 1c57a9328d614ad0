import LossConformance
import LossNumerics
import LossVectors
import Testing

/// Matrix products against naive sums.
struct MatrixProductTests {
  /// Small integers, whose products and sums are exact in any order.
  private static func integers(_ count: Int, _ seed: Int) -> [Float] {
    (0..<count).map { Float(($0 * 7 + seed * 13) % 11 - 5) }
  }

  @Test(
    "extents that are and are not multiples of the tile",
    arguments: [
      (1, 1, 1), (2, 3, 4), (3, 5, 7), (5, 17, 9), (4, 33, 8), (6, 8, 1), (13, 17, 9), (0, 3, 2),
      (7, 9, 0),
    ])
  func products(rows: Int, columns: Int, inner: Int) {
    let a = Self.integers(rows * inner, 1)
    let b = Self.integers(inner * columns, 2)
    let start = Self.integers(rows * columns, 3)
    var c = start
    var transposed = start
    var transposedA = [Float](repeating: 0, count: a.count)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        transposedA.withUnsafeMutableBufferPointer { transposedA in
          guard let a = a.baseAddress, let b = b.baseAddress,
            let transposedA = transposedA.baseAddress
          else { return }
          MatrixProduct.transpose(rows: rows, columns: inner, (a, inner), to: (transposedA, rows))
          c.withUnsafeMutableBufferPointer { c in
            guard let c = c.baseAddress else { return }
            MatrixProduct.add(
              rows: rows, columns: columns, inner: inner, (a, inner, 1), (b, columns),
              to: (c, columns))
          }
          transposed.withUnsafeMutableBufferPointer { c in
            guard let c = c.baseAddress else { return }
            MatrixProduct.add(
              rows: rows, columns: columns, inner: inner, (UnsafePointer(transposedA), 1, rows),
              (b, columns), to: (c, columns))
          }
        }
      }
    }
    for i in 0..<rows {
      for j in 0..<columns {
        let sum = (0..<inner).reduce(Float(0)) { $0 + a[i * inner + $1] * b[$1 * columns + j] }
        #expect(c[i * columns + j] == start[i * columns + j] + sum)
      }
    }
    #expect(transposed == c)
  }

  @Test("an element has the same bits for every partition at multiples of productsInSum")
  func blocks() {
    compareBlocks(of: Double.self)
    compareBlocks(of: Float.self)
  }

  private func compareBlocks<S: LossScalar>(of type: S.Type)
  where S.RawSignificand: FixedWidthInteger {
    let (rows, columns, inner) = (13, 35, 3 * MatrixProduct.productsInSum + 7)
    var generator = SeededGenerator(seed: 11)
    let a = (0..<rows * inner).map { _ in S.random(in: -1...1, using: &generator) }
    let b = (0..<inner * columns).map { _ in S.random(in: -1...1, using: &generator) }
    var whole = [S](repeating: 0, count: rows * columns)
    var chunks = whole
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        whole.withUnsafeMutableBufferPointer { c in
          guard let c = c.baseAddress else { return }
          MatrixProduct.add(
            rows: rows, columns: columns, inner: inner, (a, inner, 1), (b, columns),
            to: (c, columns))
        }
        chunks.withUnsafeMutableBufferPointer { c in
          guard let c = c.baseAddress else { return }
          for i in 0..<rows {
            for j in 0..<columns {
              for first in stride(from: 0, to: inner, by: 2 * MatrixProduct.productsInSum) {
                MatrixProduct.add(
                  rows: 1, columns: 1, inner: min(2 * MatrixProduct.productsInSum, inner - first),
                  (a + (i * inner + first), inner, 1), (b + (first * columns + j), columns),
                  to: (c + (i * columns + j), columns))
              }
            }
          }
        }
      }
    }
    #expect(whole == chunks)
  }

  @Test("tiles for vectors of any width have the bits of plain loops")
  func widths() {
    var generator = SeededGenerator(seed: 13)
    for (rows, columns, inner) in [(1, 1, 1), (6, 48, 32), (13, 101, 71), (7, 23, 33)] {
      func numbers<S: LossScalar>(_ count: Int, _ type: S.Type) -> [S]
      where S.RawSignificand: FixedWidthInteger {
        (0..<count).map { _ in S.random(in: -1...1, using: &generator) }
      }
      func results<S: LossScalar>(
        _ a: [S], _ b: [S],
        _ add: (
          MatrixProduct.Extents, MatrixProduct.Factor<S>, MatrixProduct.Rows<S>,
          MatrixProduct.MutableRows<S>
        ) -> Void
      ) -> [S] {
        var c = [S](repeating: 1, count: rows * columns)
        a.withUnsafeBufferPointer { a in
          b.withUnsafeBufferPointer { b in
            c.withUnsafeMutableBufferPointer { c in
              guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else {
                return
              }
              add((rows, columns, inner), (a, inner, 1), (b, columns), (c, columns))
            }
          }
        }
        return c
      }
      let single = (numbers(rows * inner, Float.self), numbers(inner * columns, Float.self))
      let plain = results(single.0, single.1) { MatrixProduct.plainAdd($0, $1, $2, to: $3) }
      let double = (numbers(rows * inner, Double.self), numbers(inner * columns, Double.self))
      let plainDouble = results(double.0, double.1) { MatrixProduct.plainAdd($0, $1, $2, to: $3) }
      for isWide in [false, true] {
        let tiles = results(single.0, single.1) {
          MatrixProduct.inlineAdd(isWide: isWide, $0, $1, $2, to: $3)
        }
        #expect(tiles == plain)
        let doubleTiles = results(double.0, double.1) {
          MatrixProduct.inlineAdd(isWide: isWide, $0, $1, $2, to: $3)
        }
        #expect(doubleTiles == plainDouble)
      }
    }
  }

  @Test("the error of a long sum does not grow with the number of products")
  func longSum() {
    let (columns, inner) = (16, 4096)
    var generator = SeededGenerator(seed: 12)
    let a = (0..<6 * inner).map { _ in Float.random(in: 0...1, using: &generator) }
    let b = (0..<inner * columns).map { _ in Float.random(in: 0...1, using: &generator) }
    var c = [Float](repeating: 0, count: 6 * columns)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          MatrixProduct.add(
            rows: 6, columns: columns, inner: inner, (a, inner, 1), (b, columns), to: (c, columns))
        }
      }
    }
    // Without a fused multiply-add each product is rounded too.
    #if LOSSES_FMA || arch(arm64)
      let bound = 8.0
    #else
      let bound = 12.0
    #endif
    for i in 0..<6 {
      for j in 0..<columns {
        let sum = (0..<inner).reduce(0.0) {
          $0 + Double(a[i * inner + $1]) * Double(b[$1 * columns + j])
        }
        #expect(abs(Double(c[i * columns + j]) - sum) <= bound * Double(Float(sum).ulp))
      }
    }
  }
}
