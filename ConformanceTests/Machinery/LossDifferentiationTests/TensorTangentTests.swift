import LossDifferentiation
import LossFunctions
import Testing
import _Differentiation

@Suite struct TensorTangentTests {
  private typealias Tangent = TensorTangent<Double>

  @Test("zero has no shape") func zero() throws {
    let tangent = Tangent(Tensor([1.0, -2]))
    #expect(tangent + .zero == tangent)
    #expect(Tangent.zero + tangent == tangent)
    #expect(tangent - .zero == tangent)
    #expect(Tangent.zero - tangent == Tangent(Tensor([-1.0, 2])))
    #expect(tangent - tangent == .zero)
    #expect(Tangent.zero == Tangent(Tensor([0.0])))
    #expect(2 * Tangent.zero == .zero)
    #expect(2 * tangent == tangent + tangent)
    #expect(try Tangent.zero.tensor(in: Shape(count: 2)) == Tensor([0.0, 0]))
    #expect(throws: LossError.self) { try tangent.tensor(in: Shape(count: 3)) }
  }

  @Test("an objective that does not read its model") func constant() throws {
    let (value, gradient) = try valueAndGradient(at: Tensor([1.0, 2])) { _ in 3.0 }
    #expect(value == 3)
    #expect(gradient == .zero)
  }

  /// The derivative of an objective at an element, by a central difference.
  private func difference(
    _ index: Int, at tensor: Tensor<Double>, of objective: (Tensor<Double>) -> Double
  ) throws -> Double {
    let step = 1e-5
    var (below, above) = (tensor.scalars, tensor.scalars)
    below[index] -= step
    above[index] += step
    return
      (objective(try Tensor(shape: tensor.shape, scalars: above))
      - objective(try Tensor(shape: tensor.shape, scalars: below))) / (2 * step)
  }

  private func check(
    _ tensor: Tensor<Double>, _ objective: @differentiable(reverse) (Tensor<Double>) -> Double
  ) throws {
    let gradient = try valueAndGradient(at: tensor, of: objective).gradient
      .tensor(in: tensor.shape)
    for index in tensor.scalars.indices {
      let expected = try difference(index, at: tensor) { objective($0) }
      #expect(abs(gradient.scalars[index] - expected) < 1e-8)
    }
  }

  @Test("operations agree with differences") func operations() throws {
    let matrix = try Tensor<Double>(shape: [3, 2], scalars: numbers(6, in: -1...1, seed: 1))
    let other = try Tensor<Double>(shape: [3, 2], scalars: numbers(6, in: -1...1, seed: 2))
    let right = try Tensor<Double>(shape: [2, 4], scalars: numbers(8, in: -1...1, seed: 3))
    let bias = Tensor<Double>(numbers(2, in: -1...1, seed: 4))
    let penalty = DifferentiableLoss(L2Penalty())
    try check(matrix) { penalty(matrixProduct($0, right)) }
    try check(right) { penalty(matrixProduct(matrix, $0)) }
    try check(matrix) { penalty(matrixProduct($0, $0.withShape([2, 3]))) }
    try check(matrix) { penalty($0 + other) + penalty($0 + bias) }
    try check(bias) { penalty(matrix + $0) }
    try check(matrix) { penalty(other - $0) + penalty($0 - other) }
    try check(matrix) { penalty($0 * other) + penalty($0 * $0) }
    try check(matrix) { penalty(0.5 * $0) }
    try check(matrix) { penalty(($0 + other).differentiableMap { x in x * x * x + 2 * x }) }
  }

  @Test("tensors without elements") func empty() throws {
    let empty = try Tensor<Double>(shape: [0, 2], scalars: [])
    let penalty = DifferentiableLoss(L2Penalty())
    let right = try Tensor<Double>(shape: [2, 4], scalars: numbers(8, in: -1...1, seed: 3))
    let (value, gradient) = try valueAndGradient(at: empty) {
      penalty(matrixProduct($0, right) + Tensor([1.0, 2, 3, 4]))
    }
    #expect(value == 0)
    #expect(gradient == .zero)
    #expect(
      try valueAndGradient(at: right) { penalty(matrixProduct(empty, $0)) }.gradient == .zero)
  }
}
