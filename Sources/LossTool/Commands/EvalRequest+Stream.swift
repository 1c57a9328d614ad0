import LossFiles
import LossFunctions

extension EvalRequest {
  /// The maximum size of input files that are read into memory at once; larger ones are streamed in
  /// chunks, if possible.
  static let largestInMemory = 256 << 20

  /// Evaluates large `.npy` files in chunks, and writes the gradients to their files.
  ///
  /// - Returns: nil for inputs that fit into memory, and for inputs that cannot be streamed.
  func streamedResult(largestInMemory: Int = EvalRequest.largestInMemory) throws -> LossResult? {
    let isNumPy = { (path: String) in path.lowercased().hasSuffix(".npy") }
    guard !inputArguments.isEmpty, inputArguments.allSatisfy({ isNumPy($0.argument) }),
      secondDerivatives.isEmpty,
      gradients.allSatisfy({ $0.path.map(isNumPy) ?? false })
    else { return nil }
    let readers = try inputArguments.map {
      (role: $0.role, file: try NumPyReader(path: $0.argument))
    }
    let size = readers.map { $0.file.byteCount }.reduce(0, +)
    let shapes = Dictionary(readers.map { ($0.role, $0.file.shape) }) { first, _ in first }
    let elements = readers.map { casts[$0.role] ?? $0.file.element }
    let widest: ElementType =
      elements.contains(.float64) || !elements.contains(.float32) ? .float64 : .float32
    guard size > largestInMemory, shapes.count == readers.count,
      readers.allSatisfy(\.file.isRowMajor),
      let stream = LossStream(
        loss, shapes: shapes, in: element ?? widest, threads: threads,
        domainChecks: domainChecks)
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
    while let chunk = stream.next {
      var inputs = LossInputs()
      for reader in readers {
        guard let shape = chunk.shapes[reader.role] else { continue }
        inputs[reader.role] = try converted(reader.file.read(shape), reader.role)
      }
      let chunkGradients = try stream.add(inputs, gradientsOf: writers.map(\.role))
      for writer in writers {
        if let gradient = chunkGradients[writer.role] { try writer.file.append(gradient) }
      }
    }
    return stream.value
  }
}
