import LossTensors
import Testing

/// Shapes: validation, element counts and axes.
@Suite struct ShapeTests {
  @Test(
    "the count is the product of the extents",
    arguments: [
      ([], 1), ([0], 0), ([7], 7), ([2, 3, 4], 24), ([2, 0, 4], 0), ([1, 1, 1], 1),
      ([Int.max], Int.max), ([1 << 31, 1 << 31], 1 << 62),
    ])
  func counts(_ extents: [Int], _ count: Int) throws {
    let shape = try Shape(extents)
    #expect(shape.count == count)
    #expect(shape.rank == extents.count)
    #expect(shape.extents == extents)
    #expect(shape.description == "\(extents)")
  }

  @Test(
    "negative extents and overflowing products throw",
    arguments: [
      [-1], [3, -1], [0, -1], [-1, 0], [Int.min], [Int.max, 2], [1 << 32, 1 << 31],
      [1 << 21, 1 << 21, 1 << 21], [-1, -1],
      // No elements, but the strides of the other axes overflow.
      [0, Int.max, 2], [Int.max, 0, 2], [1 << 32, 1 << 32, 0],
    ])
  func refuses(_ extents: [Int]) {
    let error = #expect(throws: LossError.self) { try Shape(extents) }
    #expect(error?.code == .shapeMismatch)
    #expect(
      error?.description
        == "shape is \(extents); expected non-negative extents whose product fits in an integer.")
  }

  @Test("initializers that cannot fail")
  func nonThrowing() throws {
    #expect(Shape.scalar == (try Shape([])))
    #expect(Shape(count: 5) == (try Shape([5])))
    #expect(Shape(count: 0) == (try Shape([0])))
    #expect(Shape(count: Int.min) == (try Shape([0])))
    #expect(try Shape([1, 2]) != Shape([2, 1]))
    #expect(try Shape([2]) != Shape([2, 1]))
  }

  @Test("axes are counted from both ends; others are nil", arguments: 0...4)
  func positions(_ rank: Int) throws {
    let shape = try Shape(Array(repeating: 2, count: rank))
    for axis in -6...6 {
      let expected = (-rank..<rank).contains(axis) ? (axis < 0 ? axis + rank : axis) : nil
      #expect(shape.position(ofAxis: axis) == expected, "axis \(axis) of rank \(rank)")
    }
    for axis in [Int.min, Int.min + 1, Int.max - 1, Int.max] {
      #expect(shape.position(ofAxis: axis) == nil)
    }
  }

  @Test("removing an axis; an invalid axis changes nothing")
  func removing() throws {
    let shape = try Shape([2, 0, 4])
    #expect(shape.removing(axis: 1) == (try Shape([2, 4])))
    #expect(shape.removing(axis: 1).count == 8)
    #expect(shape.removing(axis: -1) == (try Shape([2, 0])))
    #expect(shape.removing(axis: 0) == (try Shape([0, 4])))
    for axis in [3, -4, Int.min, Int.max] { #expect(shape.removing(axis: axis) == shape) }
    #expect(Shape.scalar.removing(axis: 0) == .scalar)
  }

  @Test("an order must be a permutation of the axes")
  func permuted() throws {
    let shape = try Shape([2, 3, 4])
    #expect(shape.permuted([2, 0, 1]) == (try Shape([4, 2, 3])))
    #expect(shape.permuted([0, 1, 2]) == shape)
    let wrong = [
      [], [0, 1], [0, 1, 1], [0, 1, 3], [-1, 0, 1], [0, 1, 2, 2], [Int.min, Int.max, 0],
    ]
    for order in wrong { #expect(shape.permuted(order) == nil, "order \(order)") }
    #expect(Shape.scalar.permuted([]) == .scalar)
    #expect(Shape.scalar.permuted([0]) == nil)
  }
}
