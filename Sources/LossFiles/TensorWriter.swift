import Foundation
public import LossTensors

/// Writes tensors to `.npy` and `.safetensors` files in chunks, so that they can be larger than
/// memory.
///
/// The data go to temporary files, which `finish` renames. An existing file is replaced, with all its
/// tensors; links are followed.
public struct TensorWriter {
  /// A tensor to write.
  public struct Output: Sendable {
    /// `a.npy`, or `a.safetensors:NAME`. Several outputs may be in one `.safetensors` file.
    public let destination: String
    /// The shape of the whole tensor.
    public let shape: Shape
    /// The element type of its chunks.
    public let element: ElementType

    /// A tensor of this shape and element type.
    public init(destination: String, shape: Shape, element: ElementType) {
      self.destination = destination
      self.shape = shape
      self.element = element
    }
  }

  private let outputs: [Output]
  private var files: [PartialFile] = []
  /// The file of each output, at the place of its next chunk.
  private var handles: [FileHandle?]
  /// The number of elements that each output lacks.
  private var missing: [Int]

  /// Whether an argument names a file of a supported format.
  public static func writes(_ argument: String) -> Bool { TensorReader.reads(argument) }

  /// Creates the files.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if one cannot be written, or for a file or name
  ///   that is missing or given twice, and `invalid_rank` for a tensor of more than 64 axes.
  public init(_ outputs: [Output]) throws(LossError) {
    self.outputs = outputs
    missing = outputs.map(\.shape.count)
    handles = outputs.map { _ in nil }
    do throws(LossError) {
      try createFiles()
    } catch {
      discard()
      throw error
    }
  }

  private mutating func createFiles() throws(LossError) {
    try TensorFile.requireDistinctFiles(outputs.map(\.destination))
    // One path may be written in several ways.
    var shared: [String: [(index: Int, path: String, tensor: String)]] = [:]
    for (index, output) in outputs.enumerated() {
      try output.shape.requireWritable()
      switch TensorLocation(output.destination) {
      case .numPy(let path):
        let header = NumPyHeader(
          type: NumPyType(output.element), isFortranOrder: false, shape: output.shape
        ).encoded()
        let file = try createFile(path, header)
        handles[index] = try file.handle(at: header.count)
      case .safetensors(let path, let tensor?) where !tensor.isEmpty:
        shared[FileBytes.resolved(path), default: []].append((index, path, tensor))
      case .safetensors(let path, _):
        throw .unreadable(path, "has no tensor name", expected: "\(path):NAME")
      default:
        throw .unreadable(
          output.destination, "has an unsupported file extension",
          expected: ".npy or .safetensors:NAME")
      }
    }
    for tensors in shared.values {
      let path = tensors[0].path
      let layout = try SafetensorsLayout(
        tensors.map { ($0.tensor, outputs[$0.index].shape, outputs[$0.index].element) }, name: path)
      let file = try createFile(path, layout.header)
      for (tensor, offset) in zip(tensors, layout.offsets) {
        handles[tensor.index] = try file.handle(at: offset)
      }
    }
  }

  private mutating func createFile(
    _ path: String, _ header: [UInt8]
  ) throws(LossError) -> PartialFile {
    let file = try PartialFile(path, header)
    files.append(file)
    return file
  }

  /// Appends the next elements of an output in row-major order.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file cannot be written, and
  ///   `shape_mismatch` or `invalid_type` for a chunk that does not belong to the output.
  public mutating func append(_ chunk: AnyTensor, to index: Int) throws(LossError) {
    guard outputs.indices.contains(index), let handle = handles[index] else {
      throw LossError(
        .unknownInput, subject: "output \(index)", found: "does not exist",
        expected: "one of \(outputs.count)")
    }
    let output = outputs[index]
    guard chunk.element == output.element else {
      throw LossError(
        .invalidType, subject: output.destination, found: "gets \(chunk.element.rawValue)",
        expected: output.element.rawValue)
    }
    guard chunk.shape.count <= missing[index] else {
      throw LossError(
        .shapeMismatch, subject: output.destination, found: "gets \(chunk.shape.count) elements",
        expected: "at most \(missing[index]), the rest of shape \(output.shape)")
    }
    do {
      try handle.write(contentsOf: Data(NumPyFile.encoded(chunk)))
    } catch {
      throw .unreadable(output.destination, FileBytes.reason(for: error, verb: "written"))
    }
    missing[index] -= chunk.shape.count
  }

  /// Closes the temporary files and renames them.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if a file cannot be written, and
  ///   `shape_mismatch` if an output lacks elements.
  public func finish() throws(LossError) {
    do throws(LossError) {
      for (output, missing) in zip(outputs, missing) where missing > 0 {
        throw LossError(
          .shapeMismatch, subject: output.destination, found: "lacks \(missing) elements",
          expected: "all of shape \(output.shape)")
      }
      try closeHandles()
      for file in files { try file.rename() }
    } catch {
      discard()
      throw error
    }
  }

  private func closeHandles() throws(LossError) {
    for (output, handle) in zip(outputs, handles) {
      do {
        try handle?.close()
      } catch {
        throw .unreadable(output.destination, FileBytes.reason(for: error, verb: "written"))
      }
    }
  }

  /// Deletes the temporary files.
  public func discard() {
    for handle in handles { try? handle?.close() }
    for file in files { file.delete() }
  }
}

/// A temporary file beside the file that it will replace.
private struct PartialFile {
  private let path: String
  /// The file at the path, with links resolved.
  private let target: URL
  private let partial: URL

  init(_ path: String, _ header: [UInt8]) throws(LossError) {
    try FileBytes.requireRegularFile(path)
    self.path = path
    target = URL(fileURLWithPath: FileBytes.resolved(path))
    let name = ".\(target.lastPathComponent).\(UUID().uuidString)"
    partial = target.deletingLastPathComponent().appendingPathComponent(name)
    do {
      try Data(header).write(to: partial)
    } catch {
      throw .unreadable(path, FileBytes.reason(for: error, verb: "written"))
    }
  }

  /// The file, opened for writing at an offset.
  func handle(at offset: Int) throws(LossError) -> FileHandle {
    do {
      let handle = try FileHandle(forWritingTo: partial)
      try handle.seek(toOffset: UInt64(offset))
      return handle
    } catch {
      throw .unreadable(path, FileBytes.reason(for: error, verb: "written"))
    }
  }

  func rename() throws(LossError) {
    guard Foundation.rename(partial.path, target.path) == 0 else {
      throw .unreadable(path, "cannot be written")
    }
  }

  func delete() { try? FileManager.default.removeItem(at: partial) }
}

extension Shape {
  /// The limit of NumPy, which readers of other formats have too.
  func requireWritable() throws(LossError) {
    guard rank <= Shape.maximumRank else {
      throw LossError(
        .invalidRank, subject: "tensor", found: "has \(rank) axes",
        expected: "at most \(Shape.maximumRank), the limit of NumPy")
    }
  }
}
