import Foundation
public import LossTensors

/// Reads a `.npy` file in chunks, so that it can be larger than memory.
public struct NumPyReader {
  /// The shape of the whole tensor.
  public let shape: Shape
  /// The element type of the tensors that are read.
  public let element: ElementType
  /// Whether the file is in row-major order, which reading in chunks requires.
  public let isRowMajor: Bool

  private let name: String
  private let type: NumPyType
  private let handle: FileHandle

  /// Opens a file and reads its header.
  ///
  /// - Throws: `LossError` of code `unreadable_file`, also if the size of the file does not match its
  ///   header.
  public init(path: String) throws(LossError) {
    try FileBytes.requireNoFolder(path)
    name = path
    do {
      handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      // The maximum header size of format version 1, which nearly all files have.
      let front = try handle.read(upToCount: 1 << 17) ?? Data()
      var bytes = [UInt8](front)[...]
      let header = try NumPyHeader.read(from: &bytes, name: path)
      shape = header.shape
      type = header.type
      element = header.type.element
      isRowMajor = !header.isFortranOrder
      let start = UInt64(front.count - bytes.count)
      let (needed, overflows) = shape.count.multipliedReportingOverflow(by: type.kind.size)
      let size = try handle.seekToEnd() - start
      guard !overflows, size == UInt64(needed) else {
        throw LossError.unreadable(
          path, "has \(size) bytes of data",
          expected: (overflows ? "more than fit into memory" : "\(needed)")
            + ", for shape \(shape) of \(type)")
      }
      try handle.seek(toOffset: start)
    } catch let error as LossError {
      throw error
    } catch {
      throw .unreadable(path, FileBytes.reason(for: error, verb: "read"))
    }
  }

  /// The size of the data in bytes.
  public var byteCount: Int { shape.count * type.kind.size }

  /// Skips the next elements.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file cannot be read.
  public func skip(_ count: Int) throws(LossError) {
    do {
      let offset = try handle.offset()
      try handle.seek(toOffset: offset + UInt64(count * type.kind.size))
    } catch {
      throw .unreadable(name, FileBytes.reason(for: error, verb: "read"))
    }
  }

  /// Reads the next elements as a tensor of the given shape.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file was truncated meanwhile.
  public func read(_ chunk: Shape) throws(LossError) -> AnyTensor {
    let chunkSize = chunk.count * type.kind.size
    var bytes: [UInt8] = []
    do {
      bytes.reserveCapacity(chunkSize)
      while bytes.count < chunkSize, let more = try handle.read(upToCount: chunkSize - bytes.count),
        !more.isEmpty
      {
        bytes.append(contentsOf: more)
      }
    } catch {
      throw .unreadable(name, FileBytes.reason(for: error, verb: "read"))
    }
    guard bytes.count == chunkSize else {
      throw .unreadable(name, "was truncated while it was read")
    }
    let header = NumPyHeader(type: type, isFortranOrder: false, shape: chunk)
    return try NumPyData(bytes: bytes[...], header: header, name: name).tensor()
  }
}

extension NumPyType {
  /// The element type that this type is converted to.
  var element: ElementType {
    switch kind {
    case .f2: .float16
    case .v2: .bfloat16
    case .f4: .float32
    case .f8: .float64
    case .i1: .int8
    case .i2: .int16
    case .i4: .int32
    case .i8, .u8: .int64
    case .u1: .uint8
    case .u2: .uint16
    case .u4: .uint32
    case .b1: .bool
    }
  }
}
