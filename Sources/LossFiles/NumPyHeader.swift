import LossTensors

/// The header of a `.npy` file.
///
/// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
struct NumPyHeader: Equatable {
  var type: NumPyType
  /// Whether the first axis varies fastest.
  var isFortranOrder: Bool
  var shape: Shape

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The size in bytes of the header length, by format version.
  private static let sizesOfLength = ["1.0": 2, "2.0": 4, "3.0": 4]

  /// Reads the header and removes it from the bytes.
  static func read(from bytes: inout ArraySlice<UInt8>, name: String) throws(LossError) -> Self {
    guard bytes.starts(with: magic) else {
      throw .unreadable(name, "is not a NumPy file", expected: "a file that begins with \\x93NUMPY")
    }
    bytes.removeFirst(magic.count)
    let endsEarly = LossError.unreadable(name, "ends inside its header")
    guard bytes.count >= 2 else { throw endsEarly }
    let version = bytes.prefix(2).map(String.init).joined(separator: ".")
    guard let sizeOfLength = sizesOfLength[version] else {
      throw .unreadable(name, "has format version \(version)", expected: "1.0, 2.0 or 3.0")
    }
    bytes.removeFirst(2)
    guard bytes.count >= sizeOfLength else { throw endsEarly }
    let length = bytes.prefix(sizeOfLength).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    bytes.removeFirst(sizeOfLength)
    guard UInt64(bytes.count) >= length else {
      throw .unreadable(name, "has \(bytes.count) bytes of header", expected: "\(length)")
    }
    var parser = NumPyHeaderParser(bytes.prefix(Int(clamping: length)), name: name)
    bytes.removeFirst(Int(clamping: length))
    return try parser.header()
  }

  /// Checks the number of bytes after the header.
  func requireSize(_ size: Int, name: String) throws(LossError) {
    let (needed, overflows) = shape.count.multipliedReportingOverflow(by: type.kind.size)
    guard !overflows, size == needed else {
      throw .unreadable(
        name, "has \(size) bytes of data",
        expected: (overflows ? "more than fit into memory" : "\(needed)")
          + ", for shape \(shape) of \(type)")
    }
  }

  /// The header as NumPy writes it, byte for byte, in version 1.0.
  func encoded() -> [UInt8] {
    let extents = shape.extents.map(String.init)
    let tuple = extents.joined(separator: ", ") + (extents.count == 1 ? "," : "")
    var text = "{'descr': '\(type)', 'fortran_order': \(isFortranOrder ? "True" : "False"), "
    text += "'shape': (\(tuple)), }"
    // NumPy pads the extent of the axis along which data can be appended to 21 digits.
    let growing = isFortranOrder ? extents.last : extents.first
    if let growing { text += String(repeating: " ", count: max(0, 21 - growing.count)) }
    // Data aligned to 64 bytes can be memory-mapped and read with SIMD.
    let prefixLength = NumPyHeader.magic.count + 4
    let padding = 64 - (prefixLength + text.utf8.count + 1) % 64
    text += String(repeating: " ", count: padding) + "\n"
    // Never clamped: 64 extents of at most 19 digits are far below 65,535 characters.
    let length = UInt16(clamping: text.utf8.count)
    return NumPyHeader.magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + text.utf8
  }
}
