import Foundation
import Testing

@testable import LossTensors

/// Half precision, and whole numbers of fewer than 64 bits.
@Suite struct NarrowTensorTests {
  private static func half(_ bits: UInt16, exponentBits: Int) -> Double {
    let significandBits = 15 - exponentBits
    let bias = 1 << (exponentBits - 1) - 1
    let exponent = Int(bits >> UInt16(significandBits)) & (1 << exponentBits - 1)
    let fraction =
      Double(Int(bits) & (1 << significandBits - 1)) / Double(1 << significandBits)
    let magnitude =
      switch exponent {
      case 0: fraction * pow(2, Double(1 - bias))
      case 1 << exponentBits - 1: fraction == 0 ? Double.infinity : .nan
      default: (1 + fraction) * pow(2, Double(exponent - bias))
      }
    return bits >> 15 == 1 ? -magnitude : magnitude
  }

  private static func tensor(_ element: ElementType, bits: [UInt16]) -> AnyTensor {
    .narrow(
      NarrowTensor(
        trusted: Shape(count: bits.count), element, bits.withUnsafeBytes { Array($0) }))
  }

  @Test(
    "Every bit pattern is widened exactly", arguments: [(ElementType.float16, 5), (.bfloat16, 8)])
  func widening(_ element: ElementType, _ exponentBits: Int) {
    let bits = Array(UInt16.min...UInt16.max)
    let numbers: Tensor<Double> = Self.tensor(element, bits: bits).converted()
    for (bits, number) in zip(bits, numbers.scalars) {
      let expected = Self.half(bits, exponentBits: exponentBits)
      #expect(number == expected || number.isNaN && expected.isNaN)
      #expect((number.sign == .minus) == (bits >> 15 == 1))
    }
  }

  /// Numbers at, just below and just above every number of the type and every midpoint of two.
  @Test("A number is rounded to the nearest, of two the even one, also from Double")
  func rounding() throws {
    for (element, exponentBits) in [(ElementType.float16, 5), (.bfloat16, 8)] {
      let largest = UInt16(1 << exponentBits - 1) << UInt16(15 - exponentBits) - 1
      for bits in stride(from: UInt16(0), through: largest - 1, by: 1) {
        let low = Self.half(bits, exponentBits: exponentBits)
        let high = Self.half(bits + 1, exponentBits: exponentBits)
        let middle = low + (high - low) / 2
        let even = bits % 2 == 0 ? bits : bits + 1
        let cases = [
          (low, bits), (middle, even), (middle.nextDown, bits), (middle.nextUp, bits + 1),
          (high, bits + 1),
        ]
        let tensor = AnyTensor(Tensor(cases.map(\.0)))
        #expect(try tensor.cast(to: element) == Self.tensor(element, bits: cases.map(\.1)))
        let floats = cases.map { Float($0.0) }.enumerated().filter {
          $0.offset != 2 && $0.offset != 3
        }
        if Double(Float(middle)) == middle {
          #expect(
            try AnyTensor(Tensor(floats.map(\.element))).cast(to: element)
              == Self.tensor(element, bits: [bits, even, bits + 1]))
          let near = [Float(middle).nextDown, Float(middle).nextUp]
          #expect(
            try AnyTensor(Tensor(near)).cast(to: element)
              == Self.tensor(element, bits: [bits, bits + 1]))
        }
      }
    }
  }

  @Test("Beyond the largest number rounds to infinity; NaN stays NaN, and zero keeps its sign")
  func edges() throws {
    let half = try AnyTensor(Tensor([65519.996, 65520, -1e300, -0.0, 0x1p-25, 0x1.000002p-25]))
      .cast(to: .float16)
    #expect(half == Self.tensor(.float16, bits: [0x7bff, 0x7c00, 0xfc00, 0x8000, 0, 1]))
    let other = try AnyTensor(Tensor([0x1.fep127, 0x1.ffp127, -.infinity, -0.0]))
      .cast(to: .bfloat16)
    #expect(other == Self.tensor(.bfloat16, bits: [0x7f7f, 0x7f80, 0xff80, 0x8000]))
    for element in [ElementType.float16, .bfloat16] {
      for bits in [
        Float.nan, -.nan, Float(bitPattern: 0x7f80_0001), Float(bitPattern: 0xffff_ffff),
      ] {
        #expect(try AnyTensor(Tensor([bits])).cast(to: element).doubles[0].isNaN)
      }
    }
    #expect(
      BFloat16(1.5) < 2.0 && BFloat16(-0.0 as Float) == .zero
        && "\(BFloat16(0.1))" == "\(0x1.9ap-4 as Float)")
  }

  #if !(os(macOS) && arch(x86_64))
    @Test("Float16 of the standard library has the same numbers")
    func standardLibrary() throws {
      for bits in UInt16.min...UInt16.max {
        let other = Float(Float16(bitPattern: bits))
        for number in [HalfBits.widened(bits), HalfBits.widenedInIntegers(bits)] {
          #expect(number == other || number.isNaN && other.isNaN)
          #expect(number.sign == other.sign)
        }
      }
      for step in stride(from: UInt32(0), to: .max - 70_001, by: 70_001) {
        let number = Float(bitPattern: step)
        for bits in [HalfBits.rounded(number), HalfBits.roundedInIntegers(number)] {
          #expect(bits == Float16(number).bitPattern || number.isNaN && bits & 0x7fff > 0x7c00)
        }
      }
      var number: Float = 0x1p-27
      while number < 0x1p17 {
        let tensor = try AnyTensor(Tensor([number, -number])).cast(to: .float16)
        #expect(tensor == AnyTensor(Tensor([Float16(number), -Float16(number)])))
        number *= 1.0003
      }
    }
  #endif

  @Test("Whole numbers are widened exactly, and cast where they are in range")
  func integers() throws {
    #expect(AnyTensor([UInt8(0), 200, 255]).widened == AnyTensor([0, 200, 255]))
    #expect(AnyTensor([Int8(-128), 127]).widened == AnyTensor([-128, 127]))
    #expect(AnyTensor([UInt16(65535)]).widened == AnyTensor([65535]))
    #expect(AnyTensor([Int16(-32768)]).doubles == [-32768])
    #expect(AnyTensor([Int32.min, .max]).widened == AnyTensor([-2_147_483_648, 2_147_483_647]))
    #expect(AnyTensor([UInt32.max]).widened == AnyTensor([4_294_967_295]))
    #expect(AnyTensor([Int64(7)]) == AnyTensor([7]))
    #expect(try AnyTensor([1.0, 200]).cast(to: .uint8) == AnyTensor([UInt8(1), 200]))
    let error = #expect(throws: LossError.self) { try AnyTensor([1, 256]).cast(to: .uint8) }
    #expect(
      error?.description
        == "tensor is 256 at [1]; expected only whole numbers from 0 to 255, to cast to u8.")
  }

  @Test("A tensor keeps its elements in other shapes")
  func shapes() throws {
    let tensor = AnyTensor(try Tensor(rows: [[UInt16(1), 2, 3], [4, 5, 6]]))
    #expect(tensor.element == .uint16 && tensor.shape.extents == [2, 3])
    #expect(try tensor.permuted([1, 0]).doubles == [1, 4, 2, 5, 3, 6])
    #expect(try tensor.reshaped(Shape([3, 2])).doubles == [1, 2, 3, 4, 5, 6])
    #expect(throws: LossError.self) { try tensor.reshaped(Shape([7])) }
    #expect(throws: LossError.self) { try tensor.permuted([0]) }
  }
}
