import LossTensors

/// Nested lists of numbers as text, before the element type is known.
struct JSONNumbers {
  /// The lengths of the lists, the outermost first; empty for a bare number.
  var extents: [Int]
  /// The numbers in the order of the text.
  var numbers: [JSONNumber]

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
  func tensor(of element: ElementType, shape: Shape, name: String) throws(LossError) -> AnyTensor {
    switch element {
    case .float32:
      try tensor(shape, name, expected: "a number in the range of f32") { $0.real(as: Float.self) }
    case .float64:
      try tensor(shape, name, expected: "a number in the range of f64") { $0.real(as: Double.self) }
    case .int64:
      try tensor(shape, name, expected: "an integer in the range of i64", \.integer)
    case .bool:
      try tensor(shape, name, expected: "true or false", \.flag)
    case .float16, .bfloat16:
      try tensor(of: .float64, shape: shape, name: name).cast(to: element)
    case .int8: try integers(shape, name, Int8.self)
    case .uint8: try integers(shape, name, UInt8.self)
    case .int16: try integers(shape, name, Int16.self)
    case .uint16: try integers(shape, name, UInt16.self)
    case .int32: try integers(shape, name, Int32.self)
    case .uint32: try integers(shape, name, UInt32.self)
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
        throw .unreadable(
          name,
          "has \(phrase(position))",
          expected: expected
        )
      }
      scalars.append(scalar)
    }
    return try AnyTensor(Tensor(shape: shape, scalars: scalars))
  }

  /// A number with its index, which a bare number lacks.
  private func phrase(_ position: Int) -> String {
    let number = LossError.excerpt(numbers[position].text)
    return extents.isEmpty ? number : "\(number) at \(Shape(trusted: extents).index(at: position))"
  }
}
