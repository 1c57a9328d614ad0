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
