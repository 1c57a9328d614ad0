public import LossTensors

/// Tensors in the NumPy file format, `.npy`.
///
/// Reads every version of the format, either byte order, and C or Fortran order. Unsigned integers of
/// 64 bits become `i64` if they fit; complex numbers, strings, dates and structured types are rejected.
///
/// NumPy has no bfloat16: the package ml_dtypes writes such an array as `<V2`, two bytes of any kind.
/// It is read as bfloat16, also as `|V2`, which NumPy writes for an array that it has read itself, and
/// written as `<V2`: `numpy.load(path).view(ml_dtypes.bfloat16)`.
public enum NumPyFile {
  /// Reads the tensor of a `.npy` file.
  ///
  /// - Parameters:
  ///   - bytes: the contents of the file.
  ///   - name: the name of the file in errors.
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(_ bytes: [UInt8], name: String) throws(LossError) -> AnyTensor {
    var data = bytes[...]
    let header = try NumPyHeader.read(from: &data, name: name)
    try header.requireSize(data.count, name: name)
    return try NumPyData(bytes: data, header: header, name: name).tensor()
  }

  /// Reads the tensor of a `.npy` file.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(path: String) throws(LossError) -> AnyTensor {
    try read(FileBytes.read(path: path), name: path)
  }

  /// The bytes of a `.npy` file: version 1.0, little endian, row-major, as NumPy writes it.
  ///
  /// - Throws: `LossError` of code `invalid_rank` if the tensor has more axes than NumPy allows, 64.
  public static func write(_ tensor: AnyTensor) throws(LossError) -> [UInt8] {
    try tensor.shape.requireWritable()
    let type = NumPyType(tensor.element)
    let header = NumPyHeader(type: type, isFortranOrder: false, shape: tensor.shape)
    return header.encoded() + encoded(tensor)
  }

  /// The elements of a tensor without a header: little endian, row-major.
  static func encoded(_ tensor: AnyTensor) -> [UInt8] {
    switch tensor {
    case .float32(let tensor): encode(tensor) { $0.bitPattern }
    case .float64(let tensor): encode(tensor) { $0.bitPattern }
    case .int64(let tensor): encode(tensor) { Int64($0) }
    case .bool(let tensor): encode(tensor) { $0 ? 1 as UInt8 : 0 }
    case .narrow(let tensor): encode(tensor)
    }
  }

  private static func encode(_ tensor: NarrowTensor) -> [UInt8] {
    #if _endian(big)
      let size = tensor.element.size
      return tensor.bytes.indices.map { tensor.bytes[$0 / size * size + size - 1 - $0 % size] }
    #else
      return tensor.bytes
    #endif
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
