import Foundation
public import LossTensors

/// Writes a `.npy` file in chunks, so that it can be larger than memory.
///
/// The data go to a temporary file, which `finish` renames.
public struct NumPyWriter {
  private let path: String
  private let partial: URL
  private let handle: FileHandle

  /// Creates a file for a tensor of this shape.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file cannot be written.
  public init(path: String, shape: Shape, element: ElementType) throws(LossError) {
    try FileBytes.requireNoFolder(path)
    self.path = path
    let url = URL(fileURLWithPath: path)
    let name = ".\(url.lastPathComponent).\(UUID().uuidString)"
    partial = url.deletingLastPathComponent().appendingPathComponent(name)
    let header = NumPyHeader(type: NumPyType(element), isFortranOrder: false, shape: shape)
    do {
      try Data(header.encoded()).write(to: partial)
      handle = try FileHandle(forWritingTo: partial)
      try handle.seekToEnd()
    } catch {
      throw .unreadable(path, FileBytes.reason(for: error, verb: "written"))
    }
  }

  /// Appends the next elements in row-major order.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file cannot be written.
  public func append(_ chunk: AnyTensor) throws(LossError) {
    do {
      try handle.write(contentsOf: Data(NumPyFile.encoded(chunk)))
    } catch {
      throw .unreadable(path, FileBytes.reason(for: error, verb: "written"))
    }
  }

  /// Closes the temporary file and renames it.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file cannot be written.
  public func finish() throws(LossError) {
    do {
      try handle.close()
    } catch {
      discard()
      throw .unreadable(path, FileBytes.reason(for: error, verb: "written"))
    }
    guard rename(partial.path, path) == 0 else {
      discard()
      throw .unreadable(path, "cannot be written")
    }
  }

  /// Deletes the temporary file.
  public func discard() {
    try? handle.close()
    try? FileManager.default.removeItem(at: partial)
  }
}

extension NumPyType {
  /// The type in which an element type is written.
  init(_ element: ElementType) {
    switch element {
    case .float32: self.init(.f4)
    case .float64: self.init(.f8)
    case .int64: self.init(.i8)
    case .bool: self.init(.b1)
    case .float16: self.init(.f2)
    case .int8: self.init(.i1)
    case .uint8: self.init(.u1)
    case .int16: self.init(.i2)
    case .uint16: self.init(.u2)
    case .int32: self.init(.i4)
    case .uint32: self.init(.u4)
    case .bfloat16: self.init(.v2)
    }
  }
}
