public import LossTensors

/// Tensors in NumPy's own file format, `.npy`.
///
/// Every version of the format is read, in either byte order and either order of the axes. Halves
/// become `f32`, whole numbers of any size `i64`; complex numbers, texts, dates and records are
/// refused.
public enum NumPyFile {
  /// The tensor in the bytes of a `.npy` file.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what errors call it.
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(_ bytes: [UInt8], name: String) throws(LossError) -> AnyTensor {
    var data = bytes[...]
    let header = try NumPyHeader.read(from: &data, name: name)
    let (needed, overflows) = header.shape.count.multipliedReportingOverflow(
      by: header.type.kind.size
    )
    guard !overflows, data.count == needed else {
      throw .unreadable(
        name,
        "holds \(data.count) bytes of data",
        expected: (overflows ? "more than can be counted" : "\(needed)")
          + ", for shape \(header.shape) of \(header.type)"
      )
    }
    return try NumPyData(bytes: data, header: header, name: name).tensor()
  }

  /// The tensor in a `.npy` file.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(path: String) throws(LossError) -> AnyTensor {
    try read(FileBytes.read(path: path), name: path)
  }

  /// The bytes of a `.npy` file: version 1.0, little endian, row-major, as NumPy writes it.
  ///
  /// - Throws: `LossError` of code `invalid_rank` if the tensor has more axes than NumPy allows, 64.
  public static func write(_ tensor: AnyTensor) throws(LossError) -> [UInt8] {
    guard tensor.shape.rank <= Shape.maximumRank else {
      throw LossError(
        .invalidRank,
        subject: "tensor",
        found: "has \(tensor.shape.rank) axes",
        expected: "at most \(Shape.maximumRank), as many as NumPy allows"
      )
    }
    let type = NumPyType(tensor.element)
    let header = NumPyHeader(type: type, isFortranOrder: false, shape: tensor.shape)
    return header.encoded() + encoded(tensor)
  }

  /// The numbers of a tensor without a header: little endian, row-major.
  static func encoded(_ tensor: AnyTensor) -> [UInt8] {
    switch tensor {
    case .float32(let tensor): encode(tensor) { $0.bitPattern }
    case .float64(let tensor): encode(tensor) { $0.bitPattern }
    case .int64(let tensor): encode(tensor) { Int64($0) }
    case .bool(let tensor): encode(tensor) { $0 ? 1 as UInt8 : 0 }
    }
  }

  private static func encode<Scalar, Bits: FixedWidthInteger>(
    _ tensor: Tensor<Scalar>, bits: (Scalar) -> Bits
  ) -> [UInt8] {
    tensor.scalars.map { bits($0).littleEndian }.withUnsafeBytes(Array.init)
  }

  /// Writes a `.npy` file.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file cannot be written, and
  ///   `invalid_rank` if the tensor has more axes than NumPy allows, 64.
  public static func write(_ tensor: AnyTensor, to path: String) throws(LossError) {
    try FileBytes.write(write(tensor), to: path)
  }
}
