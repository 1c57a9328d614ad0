import LossTensors
import Testing

/// Tensors of any element: what they say of themselves and what they become.
@Suite struct AnyTensorTests {
  static let samples: [(AnyTensor, ElementType, [Double])] = [
    (Tensor([1.5 as Float, -0.25]).anyTensor, .float32, [1.5, -0.25]),
    (Tensor([0.1, -2]).anyTensor, .float64, [0.1, -2]),
    (Tensor([3, -4]).anyTensor, .int64, [3, -4]),
    (Tensor([true, false]).anyTensor, .bool, [1, 0]),
  ]

  @Test("element, shape and numbers of each kind", arguments: samples)
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

  @Test("kinds of element by their words in files")
  func words() {
    #expect(ElementType.allCases.map(\.rawValue) == ["f32", "f64", "i64", "bool"])
  }

  @Test("numbers round to the nearest, and none traps")
  func rounding() {
    let huge = Tensor([Int.max, Int.min, (1 << 53) + 1, (1 << 24) + 1]).anyTensor
    #expect(huge.doubles == [0x1p63, -0x1p63, 0x1p53, 16_777_217])
    #expect(huge.converted(to: Float.self).scalars == [0x1p63, -0x1p63, 0x1p53, 0x1p24])
    let wide = Tensor([1e300, -1e300, 1e-300, 0.1]).anyTensor.converted(to: Float.self).scalars
    #expect(wide == [.infinity, -.infinity, 0, 0.1])
    let odd = Tensor([Double.nan, -0.0]).anyTensor.converted(to: Float.self).scalars
    #expect(odd[0].isNaN)
    #expect(odd[1].sign == .minus)
  }

  @Test("the same numbers of another kind are another tensor")
  func equality() {
    #expect(Tensor([1.0]).anyTensor == Tensor([1.0]).anyTensor)
    #expect(Tensor([1.0]).anyTensor != Tensor([1.0 as Float]).anyTensor)
    #expect(Tensor([1.0]).anyTensor != Tensor(1.0).anyTensor)
  }
}
