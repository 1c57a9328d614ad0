package import LossTensors

/// Nested lists of numbers as text, before the element type is known.
package struct JSONNumbers {
  /// The lengths of the lists, the outermost first; empty for a bare number.
  var extents: [Int]
  /// The numbers in the order of the text.
  var numbers: [JSONNumber]

  package init(extents: [Int], numbers: [JSONNumber]) {
    self.extents = extents
    self.numbers = numbers
  }

  /// The tensor, with the element type that follows from the notation of the numbers.
  func tensor(name: String) throws(LossError) -> AnyTensor {
    let isMixed = numbers.contains { $0.kind != .flag } && numbers.contains { $0.kind == .flag }
    if isMixed, let first = numbers.first {
      let position = numbers.firstIndex { ($0.kind == .flag) != (first.kind == .flag) } ?? 0
      throw .unreadable(
        name,
        "has \(phrase(0)) and \(phrase(position))",
        expected: "only numbers, or only booleans"
      )
    }
    let element: ElementType =
      if numbers.isEmpty {
        .float64
      } else if numbers.allSatisfy({ $0.kind == .flag }) {
        .bool
      } else if numbers.allSatisfy({ $0.kind == .integer }) {
        .int64
      } else {
        .float64
      }
    return try tensor(of: element, shape: Shape(untrusted: extents, name: name), name: name)
  }

  /// The tensor with a given element type and shape.
  ///
  /// - Throws: `LossError` for a number that the element type does not have, which names it.
  package func tensor(
    of element: ElementType, shape: Shape, name: String
  ) throws(LossError) -> AnyTensor {
    switch element {
    case .float32:
      return try tensor(shape, name, expected: "a number in the range of f32") {
        $0.real(as: Float.self)
      }
    case .float64:
      return try tensor(shape, name, expected: "a number in the range of f64") {
        $0.real(as: Double.self)
      }
    case .int64:
      return try tensor(shape, name, expected: "an integer in the range of i64", \.integer)
    case .bool:
      return try tensor(shape, name, expected: "true or false", \.flag)
    case .float16, .bfloat16:
      let numbers = try tensor(of: .float64, shape: shape, name: name)
      let rounded = try numbers.cast(to: element)
      for (position, (number, rounded)) in zip(numbers.doubles, rounded.doubles).enumerated()
      where number.isFinite && !rounded.isFinite {
        throw invalid(position, name, expected: "a number in the range of \(element.rawValue)")
      }
      return rounded
    case .int8: return try integers(shape, name, Int8.self)
    case .uint8: return try integers(shape, name, UInt8.self)
    case .int16: return try integers(shape, name, Int16.self)
    case .uint16: return try integers(shape, name, UInt16.self)
    case .int32: return try integers(shape, name, Int32.self)
    case .uint32: return try integers(shape, name, UInt32.self)
    }
  }

  private func integers<Scalar: TensorScalar & FixedWidthInteger>(
    _ shape: Shape, _ name: String, _ type: Scalar.Type
  ) throws(LossError) -> AnyTensor {
    try tensor(shape, name, expected: "an integer from \(Scalar.min) to \(Scalar.max)") {
      $0.integer.flatMap(Scalar.init(exactly:))
    }
  }

  private func tensor<Scalar: TensorScalar>(
    _ shape: Shape,
    _ name: String,
    expected: String,
    _ convert: (JSONNumber) -> Scalar?
  ) throws(LossError) -> AnyTensor {
    var scalars: [Scalar] = []
    scalars.reserveCapacity(numbers.count)
    for (position, number) in numbers.enumerated() {
      guard let scalar = convert(number) else {
        throw invalid(position, name, expected: expected)
      }
      scalars.append(scalar)
    }
    return try AnyTensor(Tensor(shape: shape, scalars: scalars))
  }

  private func invalid(_ position: Int, _ name: String, expected: String) -> LossError {
    .unreadable(name, "has \(phrase(position))", expected: expected)
  }

  /// A number with its index, which a bare number lacks.
  private func phrase(_ position: Int) -> String {
    let number = LossError.excerpt(numbers[position].text)
    return extents.isEmpty ? number : "\(number) at \(Shape(trusted: extents).index(at: position))"
  }
}
