import LossTensors

/// The data of a `.npy` file, with its header.
struct NumPyData {
  /// The bytes of the elements, as many as the header implies.
  let bytes: ArraySlice<UInt8>
  let header: NumPyHeader
  let name: String

  func tensor() throws(LossError) -> AnyTensor {
    switch header.type.kind {
    case .f2: try half(.float16)
    case .v2: try half(.bfloat16)
    case .f4: try AnyTensor(ordered(elements { (bits: UInt32) in Float(bitPattern: bits) }))
    case .f8: try AnyTensor(ordered(elements { (bits: UInt64) in Double(bitPattern: bits) }))
    case .i1: try AnyTensor(ordered(elements { (bits: Int8) in bits }))
    case .i2: try AnyTensor(ordered(elements { (bits: Int16) in bits }))
    case .i4: try AnyTensor(ordered(elements { (bits: Int32) in bits }))
    case .i8: try integers(Int64.self)
    case .u1: try AnyTensor(ordered(elements { (bits: UInt8) in bits }))
    case .u2: try AnyTensor(ordered(elements { (bits: UInt16) in bits }))
    case .u4: try AnyTensor(ordered(elements { (bits: UInt32) in bits }))
    case .u8: try integers(UInt64.self)
    case .b1: try AnyTensor(ordered(elements { (byte: UInt8) in byte != 0 }))
    }
  }

  private func half(_ element: ElementType) throws(LossError) -> AnyTensor {
    #if _endian(little)
      if !header.type.isBigEndian, !header.isFortranOrder {
        return .narrow(NarrowTensor(trusted: header.shape, element, Array(bytes)))
      }
    #endif
    let bits = try ordered(elements { (bits: UInt16) in bits })
    return .narrow(
      NarrowTensor(
        trusted: bits.shape, element, bits.scalars.withUnsafeBytes { Array($0) }))
  }

  private func integers<Bits: FixedWidthInteger & Sendable>(
    _: Bits.Type
  ) throws(LossError) -> AnyTensor {
    let elements = elements { (bits: Bits) in bits }
    if elements.contains(where: { Int(exactly: $0) == nil }) {
      let tensor = try ordered(elements)
      let position = tensor.scalars.firstIndex { Int(exactly: $0) == nil } ?? 0
      throw .unreadable(
        name,
        "has \(tensor.scalars[position]) at \(header.shape.index(at: position))",
        expected: "integers from \(Int.min) to \(Int.max)"
      )
    }
    return try AnyTensor(ordered(elements.map { Int(truncatingIfNeeded: $0) }))
  }

  /// The elements in file order.
  private func elements<Bits: FixedWidthInteger, Scalar>(_ convert: (Bits) -> Scalar) -> [Scalar] {
    let size = MemoryLayout<Bits>.size
    let isBigEndian = header.type.isBigEndian
    return bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / size).map { position in
        let bits = bytes.loadUnaligned(fromByteOffset: position * size, as: Bits.self)
        return convert(isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
      }
    }
  }

  /// The tensor in row-major order.
  private func ordered<Scalar>(_ scalars: [Scalar]) throws(LossError) -> Tensor<Scalar> {
    guard header.isFortranOrder else { return try Tensor(shape: header.shape, scalars: scalars) }
    let reversed = try Tensor(shape: header.shape.extents.reversed(), scalars: scalars)
    return try reversed.permuted(Array((0..<reversed.rank).reversed()))
  }
}
