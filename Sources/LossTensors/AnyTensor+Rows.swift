extension AnyTensor {
  /// Some rows along the first axis, of a tensor that has one and has these rows.
  package func rows(_ range: Range<Int>) -> AnyTensor {
    let extents = shape.extents.dropFirst()
    let part = Shape(trusted: [range.count] + extents)
    let size = extents.reduce(1, *)
    let elements = range.lowerBound * size..<range.upperBound * size
    func rows<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) -> AnyTensor {
      AnyTensor(Tensor(trusted: part, Array(tensor.scalars[elements])))
    }
    switch self {
    case .float32(let tensor): return rows(tensor)
    case .float64(let tensor): return rows(tensor)
    case .int64(let tensor): return rows(tensor)
    case .bool(let tensor): return rows(tensor)
    case .narrow(let tensor):
      let bytes = elements.lowerBound * element.size..<elements.upperBound * element.size
      return .narrow(NarrowTensor(trusted: part, element, Array(tensor.bytes[bytes])))
    }
  }

  /// A tensor from its elements as they lie in memory; nil if there are not as many.
  package init?(shape: Shape, _ element: ElementType, _ bytes: [UInt8]) {
    guard bytes.count == shape.count * element.size else { return nil }
    func numbers<Scalar: BitwiseCopyable>(_ zero: Scalar) -> [Scalar] {
      var numbers = Array(repeating: zero, count: shape.count)
      numbers.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
      return numbers
    }
    switch element {
    case .float32: self = .float32(Tensor(trusted: shape, numbers(Float(0))))
    case .float64: self = .float64(Tensor(trusted: shape, numbers(0.0)))
    case .int64: self = .int64(Tensor(trusted: shape, numbers(0)))
    case .bool: self = .bool(Tensor(trusted: shape, bytes.map { $0 != 0 }))
    default: self = .narrow(NarrowTensor(trusted: shape, element, bytes))
    }
  }

  /// Calls a function with the elements as they lie in memory.
  package func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    switch self {
    case .float32(let tensor): tensor.scalars.withUnsafeBytes(body)
    case .float64(let tensor): tensor.scalars.withUnsafeBytes(body)
    case .int64(let tensor): tensor.scalars.withUnsafeBytes(body)
    case .bool(let tensor): tensor.scalars.withUnsafeBytes(body)
    case .narrow(let tensor): tensor.bytes.withUnsafeBytes(body)
    }
  }
}
