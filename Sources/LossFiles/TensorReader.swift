import Foundation
public import LossTensors

/// Reads a tensor of a `.npy` or `.safetensors` file in chunks, so that it can be larger than memory.
public struct TensorReader {
  /// The shape of the whole tensor.
  public let shape: Shape
  /// The element type of the tensors that are read.
  public let element: ElementType
  /// Whether the file is in row-major order, which reading in chunks requires.
  public let isRowMajor: Bool

  private let name: String
  private let type: NumPyType
  private let file: InputFile

  /// Whether an argument names a file of a supported format: `a.npy`, `a.safetensors` or
  /// `a.safetensors:NAME`.
  public static func reads(_ argument: String) -> Bool {
    switch TensorLocation(argument) {
    case .numPy, .safetensors: true
    default: false
    }
  }

  /// Opens a file and reads its header.
  ///
  /// - Parameter argument: `a.npy`, or `a.safetensors:NAME`, whose name is optional if there is only
  ///   one tensor.
  /// - Throws: `LossError` of code `unreadable_file`, also if the size of the file does not match its
  ///   header.
  public init(_ argument: String) throws(LossError) {
    switch TensorLocation(argument) {
    case .numPy(let path): try self.init(numPy: path)
    case .safetensors(let path, let tensor): try self.init(safetensors: path, tensor: tensor)
    default:
      throw .unreadable(
        argument, "cannot be read in chunks", expected: ".npy or .safetensors:NAME")
    }
  }

  init(numPy path: String) throws(LossError) {
    file = try InputFile(path)
    name = path
    // The maximum header size of format version 1, which nearly all files have.
    let front = try file.read(upTo: 1 << 17)
    var bytes = front[...]
    let header = try NumPyHeader.read(from: &bytes, name: path)
    shape = header.shape
    type = header.type
    element = header.type.element
    isRowMajor = !header.isFortranOrder
    let start = front.count - bytes.count
    try header.requireSize(file.size - start, name: path)
    try file.seek(to: start)
  }

  init(safetensors path: String, tensor: String?) throws(LossError) {
    file = try InputFile(path)
    let front = try file.read(upTo: SafetensorsHeader.lengthSize)
    let length = try SafetensorsHeader.length(front, fileSize: file.size, name: path)
    let start = SafetensorsHeader.lengthSize + length
    let header = try SafetensorsHeader(
      file.read(exactly: length), dataSize: file.size - start, name: path)
    let entry = try header.entry(named: tensor, name: path)
    name = "\(path):\(entry.tensor)"
    shape = entry.shape
    type = try entry.type(name: name)
    element = type.element
    isRowMajor = true
    try file.seek(to: start + entry.offsets.lowerBound)
  }

  /// The size of the data in bytes.
  public var byteCount: Int { shape.count * type.kind.size }

  /// Skips the next elements.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file cannot be read.
  public func skip(_ count: Int) throws(LossError) {
    let (size, overflows) = count.multipliedReportingOverflow(by: type.kind.size)
    guard !overflows, count >= 0 else {
      throw .unreadable(name, "skips \(count) elements", expected: "at most \(shape.count)")
    }
    try file.skip(size)
  }

  /// Reads the next elements as a tensor of the given shape.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file was truncated meanwhile, or if the
  ///   chunk is larger than memory.
  public func read(_ chunk: Shape) throws(LossError) -> AnyTensor {
    let (size, overflows) = chunk.count.multipliedReportingOverflow(by: type.kind.size)
    guard !overflows else {
      throw .unreadable(name, "is read in a chunk of shape \(chunk)", expected: "a smaller one")
    }
    let header = NumPyHeader(type: type, isFortranOrder: false, shape: chunk)
    return try NumPyData(bytes: file.read(exactly: size)[...], header: header, name: name).tensor()
  }
}
