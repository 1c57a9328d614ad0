import LossFiles
import LossFunctions

extension EvalRequest {
  /// The maximum size of input files that are read into memory at once; larger ones are streamed in
  /// chunks, if possible.
  static let largestInMemory = 256 << 20

  /// The size of a chunk of all inputs in bytes.
  private static let chunkSize = 1 << 22

  /// Evaluates large `.npy` and `.safetensors` files in chunks, and writes the value and the gradients
  /// to their files.
  ///
  /// - Returns: nil for inputs that fit into memory, and for inputs that cannot be streamed.
  func streamedResult(largestInMemory: Int = EvalRequest.largestInMemory) throws -> LossResult? {
    guard !inputArguments.isEmpty, secondDerivatives.isEmpty, vectorArguments.isEmpty,
      inputArguments.allSatisfy({ TensorReader.reads($0.argument) }),
      gradients.allSatisfy({ $0.path.map(TensorWriter.writes) ?? false }),
      valuePath.map(TensorWriter.writes) ?? true
    else { return nil }
    let readers = try inputArguments.map {
      (role: $0.role, file: try TensorReader($0.argument))
    }
    let size = readers.map { $0.file.byteCount }.reduce(0, +)
    guard size > largestInMemory else { return nil }
    let shapes = Dictionary(readers.map { ($0.role, $0.file.shape) }) { first, _ in first }
    let elements = Dictionary(readers.map { ($0.role, casts[$0.role] ?? $0.file.element) }) {
      first, _ in first
    }
    let widened = elements.values.map(\.widened)
    let widest: ElementType =
      widened.contains(.float64) || !widened.contains(.float32) ? .float64 : .float32
    let computed = element ?? widest
    let elementSize = readers.map { $0.file.element.size }.reduce(computed.size, +)
    guard shapes.count == readers.count, readers.allSatisfy(\.file.isRowMajor),
      let stream = LossStream(
        loss, shapes: shapes, in: computed, threads: threads, domainChecks: domainChecks,
        elementsInBlock: Self.chunkSize / elementSize)
    else { return nil }
    let outputs = gradients.map { request in
      let role = loss.role(named: request.role.name)
      // The gradient of a narrow input is as narrow, as in a single evaluation.
      let narrow = elements[role].flatMap { $0.isNarrow && $0.isReal ? $0 : nil }
      return (
        role: role,
        output: TensorWriter.Output(
          destination: request.path ?? "", shape: shapes[role] ?? .scalar,
          element: element ?? narrow ?? computed)
      )
    }
    // The last output.
    let valueOutputs = valuePath.map {
      [TensorWriter.Output(destination: $0, shape: .scalar, element: computed)]
    }
    var writer = try TensorWriter(outputs.map(\.output) + (valueOutputs ?? []))
    do {
      let value = try run(stream, readers, outputs, &writer)
      if valuePath != nil { try writer.append(value, to: outputs.count) }
      try writer.finish()
      return LossResult(value: value)
    } catch {
      writer.discard()
      throw error
    }
  }

  private func run(
    _ stream: LossStream, _ readers: [(role: Role, file: TensorReader)],
    _ outputs: [(role: Role, output: TensorWriter.Output)], _ writer: inout TensorWriter
  ) throws -> AnyTensor {
    var stream = stream
    while let chunk = stream.next {
      var inputs = LossInputs()
      for reader in readers {
        guard let shape = chunk.shapes[reader.role] else { continue }
        inputs[reader.role] = try converted(reader.file.read(shape), reader.role)
      }
      let chunkGradients = try stream.add(inputs, gradientsOf: outputs.map(\.role))
      for (index, (role, output)) in outputs.enumerated() {
        guard let gradient = chunkGradients[role] else { continue }
        try writer.append(gradient.cast(to: output.element), to: index)
      }
    }
    return stream.value
  }
}
