import LossTensors
import Testing

/// Tensors of any element type: properties and conversions.
@Suite struct AnyTensorTests {
  static let samples: [(AnyTensor, ElementType, [Double])] = [
    (AnyTensor(Tensor([1.5 as Float, -0.25])), .float32, [1.5, -0.25]),
    (AnyTensor(Tensor([0.1, -2])), .float64, [0.1, -2]),
    (AnyTensor(Tensor([3, -4])), .int64, [3, -4]),
    (AnyTensor(Tensor([true, false])), .bool, [1, 0]),
  ]

  @Test("element type, shape and elements of each case", arguments: samples)
  func kinds(_ tensor: AnyTensor, _ element: ElementType, _ doubles: [Double]) throws {
    #expect(tensor.element == element)
    #expect(tensor.shape == (try Shape([2])))
    #expect(tensor.doubles == doubles)
    #expect(tensor.converted(to: Double.self).scalars == doubles)
    #expect(tensor.converted(to: Float.self).scalars == doubles.map { Float($0) })
    #expect(try tensor.reshaped(Shape([1, 2])).shape == Shape([1, 2]))
    #expect(try tensor.reshaped(Shape([2, 1])).permuted([1, 0]).doubles == doubles)
    #expect(throws: LossError.self) { try tensor.reshaped(Shape([3])) }
    #expect(throws: LossError.self) { try tensor.permuted([1]) }
  }

  @Test("a cast rounds floating point, and is exact otherwise")
  func casts() throws {
    for (tensor, _, doubles) in Self.samples {
      #expect(try tensor.cast(to: .float64) == .float64(Tensor(doubles)))
      #expect(try tensor.cast(to: .float32) == .float32(Tensor(doubles.map { Float($0) })))
    }
    let whole = AnyTensor(Tensor([2.0, -0.0, -3]))
    #expect(try whole.cast(to: .int64) == .int64(Tensor([2, 0, -3])))
    #expect(try AnyTensor(Tensor([2 as Float])).cast(to: .int64) == .int64(Tensor([2])))
    #expect(try AnyTensor(Tensor([true, false])).cast(to: .int64) == .int64(Tensor([1, 0])))
    for ones in [
      AnyTensor(Tensor([1, 0])), AnyTensor(Tensor([1.0, 0])), .bool(Tensor([true, false])),
    ] {
      #expect(try ones.cast(to: .bool) == .bool(Tensor([true, false])))
    }
  }

  @Test(
    "a cast refuses elements that the type does not have",
    arguments: [
      (AnyTensor(Tensor([1, 0.5])), ElementType.int64, "0.5 at [1]; expected only whole numbers"),
      (AnyTensor(Tensor(Double.nan)), .int64, "nan; expected only whole numbers"),
      (AnyTensor(Tensor([Float.infinity])), .int64, "inf at [0]; expected only whole numbers"),
      (AnyTensor(Tensor([0x1p63])), .int64, "at [0]; expected only whole numbers"),
      (AnyTensor(Tensor([0, 255])), .bool, "255 at [1]; expected only 0 and 1"),
      (AnyTensor(Tensor([-1.0])), .bool, "-1.0 at [0]; expected only 0 and 1"),
      (AnyTensor(Tensor([Float(2)])), .bool, "2.0 at [0]; expected only 0 and 1"),
    ])
  func refusedCasts(tensor: AnyTensor, element: ElementType, message: String) {
    do throws(LossError) {
      Issue.record("no error, but \(try tensor.cast(to: element))")
    } catch {
      #expect(error.code == .invalidType)
      #expect(error.description.contains(message), "\(error)")
    }
  }

  @Test("raw values of the element types")
  func rawValues() {
    #expect(
      ElementType.allCases.map(\.rawValue) == [
        "f32", "f64", "i64", "bool", "f16", "bf16", "i8", "u8", "i16", "u16", "i32", "u32",
      ])
  }

  @Test("conversion rounds to nearest and never traps")
  func rounding() {
    let huge = AnyTensor(Tensor([Int.max, Int.min, (1 << 53) + 1, (1 << 24) + 1]))
    #expect(huge.doubles == [0x1p63, -0x1p63, 0x1p53, 16_777_217])
    #expect(huge.converted(to: Float.self).scalars == [0x1p63, -0x1p63, 0x1p53, 0x1p24])
    let wide = AnyTensor(Tensor([1e300, -1e300, 1e-300, 0.1])).converted(to: Float.self).scalars
    #expect(wide == [.infinity, -.infinity, 0, 0.1])
    let odd = AnyTensor(Tensor([Double.nan, -0.0])).converted(to: Float.self).scalars
    #expect(odd[0].isNaN)
    #expect(odd[1].sign == .minus)
  }

  @Test("tensors of different element types are not equal")
  func equality() {
    #expect(AnyTensor(Tensor([1.0])) == AnyTensor(Tensor([1.0])))
    #expect(AnyTensor(Tensor([1.0])) != AnyTensor(Tensor([1.0 as Float])))
    #expect(AnyTensor(Tensor([1.0])) != AnyTensor(Tensor(1.0)))
  }
}
