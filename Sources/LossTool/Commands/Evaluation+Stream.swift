import LossFiles
import LossFunctions

extension Evaluation {
  /// How many bytes of input files are read into memory; more are read in blocks, if they can be.
  static let largestInMemory = 256 << 20

  /// The value, with the gradients already in their files, of `.npy` files too large for memory.
  ///
  /// - Returns: nil for inputs that fit into memory, and for those that cannot be taken in blocks.
  func streamedResult(largestInMemory: Int = Evaluation.largestInMemory) throws -> LossResult? {
    let isNumPy = { (word: String) in word.lowercased().hasSuffix(".npy") }
    guard !words.isEmpty, words.allSatisfy({ isNumPy($0.word) }), secondDerivatives.isEmpty,
      gradients.allSatisfy({ $0.path.map(isNumPy) ?? false })
    else { return nil }
    let readers = try words.map { (role: $0.role, file: try NumPyReader(path: $0.word)) }
    let size = readers.map { $0.file.byteCount }.reduce(0, +)
    let shapes = Dictionary(readers.map { ($0.role, $0.file.shape) }) { first, _ in first }
    let elements = readers.map(\.file.element)
    let widest: ElementType =
      elements.contains(.float64) || !elements.contains(.float32) ? .float64 : .float32
    guard size > largestInMemory, shapes.count == readers.count,
      readers.allSatisfy(\.file.isRowMajor),
      let stream = LossStream(loss, shapes: shapes, in: element ?? widest, threads: threads)
    else { return nil }
    let writers = try gradients.map { request in
      let role = loss.role(named: request.role.name)
      return (
        role: role,
        file: try NumPyWriter(
          path: request.path ?? "", shape: shapes[role] ?? .scalar, element: element ?? widest)
      )
    }
    do {
      let value = try run(stream, readers, writers)
      for writer in writers { try writer.file.finish() }
      return LossResult(value: value)
    } catch {
      for writer in writers { writer.file.discard() }
      throw error
    }
  }

  private func run(
    _ stream: LossStream, _ readers: [(role: Role, file: NumPyReader)],
    _ writers: [(role: Role, file: NumPyWriter)]
  ) throws -> AnyTensor {
    var stream = stream
    while let block = stream.next {
      var inputs = LossInputs()
      for reader in readers {
        guard let shape = block.shapes[reader.role] else { continue }
        inputs[reader.role] = try reader.file.read(shape)
      }
      let parts = try stream.add(inputs, gradientsOf: writers.map(\.role))
      for writer in writers {
        if let part = parts[writer.role] { try writer.file.append(part) }
      }
    }
    return stream.value
  }
}
