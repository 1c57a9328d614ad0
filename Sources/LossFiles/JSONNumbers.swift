import LossTensors

/// Nested lists of numbers as they are written, before it is known what kind of element they make.
struct JSONNumbers {
  /// The lengths of the lists, the outermost first; none for a bare number.
  var extents: [Int]
  /// The numbers in the order in which they are written.
  var numbers: [JSONNumber]

  /// The tensor whose kind of element follows from how the numbers are written.
  func tensor(name: String) throws(LossError) -> AnyTensor {
    let isMixed = numbers.contains { $0.form != .flag } && numbers.contains { $0.form == .flag }
    if isMixed, let first = numbers.first {
      let position = numbers.firstIndex { ($0.form == .flag) != (first.form == .flag) } ?? 0
      throw .unreadable(
        name,
        "holds \(phrase(0)) and \(phrase(position))",
        expected: "only numbers, or only true and false"
      )
    }
    let element: ElementType =
      if numbers.isEmpty {
        .float64
      } else if numbers.allSatisfy({ $0.form == .flag }) {
        .bool
      } else if numbers.allSatisfy({ $0.form == .whole }) {
        .int64
      } else {
        .float64
      }
    return try tensor(of: element, shape: Shape(claimed: extents, by: name), name: name)
  }

  /// The tensor of a given kind of element and shape.
  func tensor(of element: ElementType, shape: Shape, name: String) throws(LossError) -> AnyTensor {
    switch element {
    case .float32:
      try tensor(shape, name, expected: "a number that f32 can hold") { $0.real(as: Float.self) }
    case .float64:
      try tensor(shape, name, expected: "a number that f64 can hold") { $0.real(as: Double.self) }
    case .int64:
      try tensor(shape, name, expected: "a whole number that i64 can hold", \.whole)
    case .bool:
      try tensor(shape, name, expected: "true or false", \.flag)
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
          "holds \(phrase(position))",
          expected: expected
        )
      }
      scalars.append(scalar)
    }
    return try AnyTensor(Tensor(shape: shape, scalars: scalars))
  }

  /// A number and where it stands; a bare number has no place.
  private func phrase(_ position: Int) -> String {
    let number = LossError.excerpt(numbers[position].text)
    return extents.isEmpty ? number : "\(number) at \(Shape(trusted: extents).index(at: position))"
  }
}
