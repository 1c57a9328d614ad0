import LossTensors
import Testing

/// Tensors: element counts are checked, and elements are in row-major order.
@Suite struct TensorTests {
  @Test(
    "a wrong number of elements throws",
    arguments: [
      ([2, 3], 5), ([2, 3], 7), ([], 0), ([], 2), ([0], 1), ([3, 0], 3),
    ])
  func wrongCounts(_ extents: [Int], _ count: Int) throws {
    let scalars = Array(repeating: 1.0, count: count)
    let error = #expect(throws: LossError.self) { try Tensor(shape: extents, scalars: scalars) }
    let expected = extents.reduce(1, *)
    #expect(error?.code == .shapeMismatch)
    #expect(
      error?.description
        == "tensor has \(count) elements; expected \(expected), for shape \(extents).")
    let same = #expect(throws: LossError.self) {
      try Tensor(shape: Shape(extents), scalars: scalars)
    }
    #expect(same == error)
  }

  @Test("invalid extents throw before the elements are checked")
  func invalidExtents() {
    for extents in [[-1], [Int.max, 2], [0, Int.max, 2]] {
      let error = #expect(throws: LossError.self) { try Tensor<Int>(shape: extents, scalars: []) }
      #expect(error?.subject == "shape")
    }
  }

  @Test("initializers")
  func initializers() throws {
    #expect(Tensor(4.5).shape == .scalar)
    #expect(Tensor(4.5).scalars == [4.5])
    #expect(Tensor([1, 2, 3]) == (try Tensor(shape: [3], scalars: [1, 2, 3])))
    #expect(Tensor<Int>([]).shape == (try Shape([0])))
    #expect(
      Tensor(repeating: true, shape: try Shape([2, 2]))
        == (try Tensor(shape: [2, 2], scalars: [true, true, true, true])))
    #expect(try Tensor(shape: [2, 0], scalars: [Float]()).count == 0)
    #expect(try Tensor(shape: [2], scalars: [1, 2]).description == "[2] [1, 2]")
  }

  @Test("rows of equal length make a matrix, ragged rows throw")
  func rows() throws {
    #expect(
      try Tensor(rows: [[1, 2, 3], [4, 5, 6]])
        == Tensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5, 6]))
    #expect(try Tensor<Int>(rows: []).shape == Shape([0, 0]))
    #expect(try Tensor<Int>(rows: [[], []]).shape == Shape([2, 0]))
    let error = #expect(throws: LossError.self) { try Tensor(rows: [[1, 2], [3, 4], [5]]) }
    #expect(error?.code == .shapeMismatch)
    #expect(
      error?.description == "row 2 has 1 elements; expected 2, as in the first row.")
    #expect(throws: LossError.self) { try Tensor(rows: [[], [1]]) }
  }

  @Test("reshaping keeps the order of the elements")
  func reshaped() throws {
    let tensor = Tensor<Int>(Array(0..<6))
    #expect(try tensor.reshaped(Shape([3, 2])).scalars == tensor.scalars)
    #expect(try tensor.reshaped(Shape([3, 2])).shape == Shape([3, 2]))
    #expect(throws: LossError.self) { try tensor.reshaped(Shape([4, 2])) }
    #expect(throws: LossError.self) { try tensor.reshaped(.scalar) }
  }

  @Test(
    "permuting moves each element with its axes",
    arguments: [
      [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
    ])
  func permuted(_ order: [Int]) throws {
    let extents = [2, 3, 4]
    // The digits of an element are its original position.
    var scalars: [Int] = []
    for i in 0..<2 { for j in 0..<3 { for k in 0..<4 { scalars.append(100 * i + 10 * j + k) } } }
    let moved = try Tensor(shape: extents, scalars: scalars).permuted(order)
    #expect(moved.shape.extents == order.map { extents[$0] })
    var index = 0
    for a in 0..<moved.shape.extents[0] {
      for b in 0..<moved.shape.extents[1] {
        for c in 0..<moved.shape.extents[2] {
          let element = moved.scalars[index]
          let digits = [element / 100, element / 10 % 10, element % 10]
          #expect(order.map { digits[$0] } == [a, b, c])
          index += 1
        }
      }
    }
  }

  @Test("an invalid permutation throws; empty tensors can be permuted")
  func permutedEdges() throws {
    let tensor = try Tensor(shape: [2, 2], scalars: [1, 2, 3, 4])
    for order in [[], [0], [0, 0], [1, 2], [-1, 0], [0, 1, 2]] {
      let error = #expect(throws: LossError.self) { try tensor.permuted(order) }
      #expect(error?.code == .invalidRank)
      #expect(
        error?.description
          == "tensor has shape [2, 2]; expected a permutation of its axes, not \(order).")
    }
    #expect(try Tensor(5).permuted([]) == Tensor(5))
    let empty = try Tensor(shape: [3, 0, 2], scalars: [Int]())
    #expect(try empty.permuted([2, 1, 0]).shape == Shape([2, 0, 3]))
    #expect(try empty.permuted([2, 1, 0]).scalars.isEmpty)
  }

  @Test("map keeps the shape")
  func map() throws {
    let tensor = try Tensor(shape: [2, 1], scalars: [3, 4]).map { "\($0)" }
    #expect(tensor == (try Tensor(shape: [2, 1], scalars: ["3", "4"])))
  }
}
