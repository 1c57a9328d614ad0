import Foundation
public import LossTensors

/// Reads a `.npy` file part by part, so that it may be larger than memory.
public struct NumPyReader {
  /// The shape of the whole tensor.
  public let shape: Shape
  /// The element that the numbers are read as.
  public let element: ElementType
  /// Whether the numbers lie in the file in row-major order, as parts of it have to.
  public let isRowMajor: Bool

  private let name: String
  private let type: NumPyType
  private let handle: FileHandle

  /// Opens a file and reads its header.
  ///
  /// - Throws: `LossError` of code `unreadable_file`, also for a file that holds more or less than
  ///   its header says.
  public init(path: String) throws(LossError) {
    try FileBytes.refuseFolder(path)
    name = path
    do {
      handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      // Version 1 of the format, which all but exotic files have, has at most this much header.
      let front = try handle.read(upToCount: 1 << 17) ?? Data()
      var bytes = [UInt8](front)[...]
      let header = try NumPyHeader.read(from: &bytes, name: path)
      shape = header.shape
      type = header.type
      element = header.type.element
      isRowMajor = !header.isFortranOrder
      let start = UInt64(front.count - bytes.count)
      let (needed, overflows) = shape.count.multipliedReportingOverflow(by: type.kind.size)
      let held = try handle.seekToEnd() - start
      guard !overflows, held == UInt64(needed) else {
        throw LossError.unreadable(
          path, "holds \(held) bytes of data",
          expected: (overflows ? "more than can be counted" : "\(needed)")
            + ", for shape \(shape) of \(type)")
      }
      try handle.seek(toOffset: start)
    } catch let error as LossError {
      throw error
    } catch {
      throw .unreadable(path, FileBytes.reason(for: error, verb: "read"))
    }
  }

  /// How many bytes the numbers have in the file.
  public var byteCount: Int { shape.count * type.kind.size }

  /// The next numbers of the file, as a tensor of this shape.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file has become shorter.
  public func read(_ part: Shape) throws(LossError) -> AnyTensor {
    let wanted = part.count * type.kind.size
    var bytes: [UInt8] = []
    do {
      bytes.reserveCapacity(wanted)
      while bytes.count < wanted, let more = try handle.read(upToCount: wanted - bytes.count),
        !more.isEmpty
      {
        bytes.append(contentsOf: more)
      }
    } catch {
      throw .unreadable(name, FileBytes.reason(for: error, verb: "read"))
    }
    guard bytes.count == wanted else {
      throw .unreadable(name, "has become shorter while it was read")
    }
    let header = NumPyHeader(type: type, isFortranOrder: false, shape: part)
    return try NumPyData(bytes: bytes[...], header: header, name: name).tensor()
  }
}

extension NumPyType {
  /// The element that numbers of this type are read as.
  var element: ElementType {
    switch kind {
    case .f2, .f4: .float32
    case .f8: .float64
    case .i1, .i2, .i4, .i8, .u1, .u2, .u4, .u8: .int64
    case .b1: .bool
    }
  }
}
